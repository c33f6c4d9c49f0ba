"""The renderer process as the window uses it."""
