"""Training: data, augmentation, losses, the loop, and the run directory it writes."""
