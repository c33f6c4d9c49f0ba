"""Options that several commands share, and how what is written after them is understood."""
