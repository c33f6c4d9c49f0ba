"""The renderer process itself: what is drawn next, background jobs, and publishing."""
