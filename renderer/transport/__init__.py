"""How messages and pixels travel between the processes."""
