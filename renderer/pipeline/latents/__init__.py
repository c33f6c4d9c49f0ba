"""What makes w of a request, and finds the directions that w is moved along."""
