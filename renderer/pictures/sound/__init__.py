"""Sound as numbers over time: files are read, and looked at once. Free of torch."""
