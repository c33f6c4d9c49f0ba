"""The window's end of the renderer: what is asked of it, what comes, and how long that takes."""
