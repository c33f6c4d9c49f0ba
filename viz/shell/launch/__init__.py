"""From the command line to the window, and to a capture of it where nobody sees it."""
