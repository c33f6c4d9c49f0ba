"""Weights that are brought into a form of their own once, and not for every picture."""

from ops.prepared.store import PreparedWeights
from ops.prepared.table import delivered

__all__ = ["PreparedWeights", "delivered"]
