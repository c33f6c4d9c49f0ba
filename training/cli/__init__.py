"""Commands of the command line; each module defines `command`."""
