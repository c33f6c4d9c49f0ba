"""The parts of the window as panels see them, and what can be asked of each."""
