"""What panels see and may ask for."""
