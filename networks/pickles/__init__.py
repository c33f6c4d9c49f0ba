"""Reading pickles as data, without running anything in them."""
