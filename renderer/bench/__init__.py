"""What `bench` measures, and how it is told."""
