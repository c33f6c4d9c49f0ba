"""The settings of networks: keywords from shapes of tensors, and whether modules say the same."""
