"""Several pictures at one latent: side by side, wiped, flickering or subtracted."""
