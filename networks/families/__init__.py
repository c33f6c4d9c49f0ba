"""The network families, one folder each. A folder registers its networks when it is imported."""
