"""What the window knows of each field of a request: its words, its flags, what of it fits."""
