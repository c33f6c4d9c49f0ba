"""Weights that are brought into a form of their own once, and not for every picture."""

from ops.prepared.store import PreparedWeights

__all__ = ["PreparedWeights"]
