"""Opening any snapshot file as networks, listing what is inside one, and writing ours."""
