"""What a run directory is and how it is read while somebody writes to it."""
