"""Bringing a picture into a network: the w, and the noise, that make it (StyleGAN2, Appendix D)."""
