"""Distances between generated and real pictures, and what else a generator is measured by."""
