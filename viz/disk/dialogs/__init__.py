"""File dialogs: those of the system, and one drawn in the window."""
