"""What the window and the renderer say to each other, and the face of a pipeline."""
