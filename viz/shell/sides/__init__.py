"""The sides around the picture: how they share the window, collapse and open."""
