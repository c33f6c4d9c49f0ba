"""The data set as the trainer reads it."""
