"""Pictures on the GPU, and where windows can go."""
