"""Directions in w along which pictures change in one way, found without labels or with examples."""
