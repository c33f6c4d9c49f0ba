"""The networks, losses and the loop that trains them."""
