"""When dragging has come to its end, told by how far the handles were from their targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from common.dragging import Ending

NEAR: Final = 1.0
"""Pixels within which a handle has arrived."""
PATIENCE: Final = 40
"""Steps without progress after which it is over."""
PROGRESS: Final = 0.02
"""The share of the distance by which the best must have become less to be progress."""
SWINGS: Final = 6
"""How often the distance must have turned within those steps to be called oscillating."""
AMPLITUDE: Final = 0.25
"""Pixels between its turns that count as such."""


def ending(distances: Sequence[float], farthest: float) -> Ending:
    """Why it is over, or an empty text.

    distances: the mean distance of handle and target in pixels, after each step since the points
        were last changed by hand.
    farthest: that of the handle that is farthest from its target now.
    """
    if farthest <= NEAR:
        return "arrived"
    if len(distances) <= PATIENCE:
        return ""
    before, lately = min(distances[:-PATIENCE]), distances[-PATIENCE:]
    if min(lately) < before * (1 - PROGRESS):
        return ""
    return "oscillating" if _turns(lately) >= SWINGS else "stuck"


def _turns(values: Sequence[float]) -> int:
    """How often a series turned by more than AMPLITUDE."""
    turns, edge, rising = 0, values[0], None
    for value in values[1:]:
        if rising is None:
            if abs(value - edge) > AMPLITUDE:
                rising, edge = value > edge, value
        elif (value > edge) == rising:
            edge = value
        elif abs(value - edge) > AMPLITUDE:
            turns, rising, edge = turns + 1, not rising, value
    return turns
