"""Perceptual distances: networks that say how far two pictures are apart, one file each."""
