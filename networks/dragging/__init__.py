"""Points of a picture moved by hand, and the w that makes the moved picture (Pan et al. 2023)."""
