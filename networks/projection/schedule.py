"""How the search slows down (StyleGAN2, Appendix D). t goes from 0 to 1 over all steps."""

from __future__ import annotations

from math import pi, sin
from typing import Final

LEARNING_RATE: Final = 0.1
_RAMP_UP: Final = 0.05
_RAMP_DOWN: Final = 0.25
_EXPLORING: Final = 0.75
_EXPLORING_STRENGTH: Final = 0.05


def learning_rate(t: float) -> float:
    """Rises as a line over the first 5 %, falls as half a cosine wave over the last 25 %."""
    left = 1 - t
    if t < _RAMP_UP:
        return LEARNING_RATE * t / _RAMP_UP
    if left < _RAMP_DOWN:
        return LEARNING_RATE * sin(pi / 2 * left / _RAMP_DOWN) ** 2  # (1 − cos πx) / 2
    return LEARNING_RATE


def exploration(t: float) -> float:
    """Noise added to w, in units of W's spread: falls as a square over the first 75 %, to 0."""
    if t >= _EXPLORING:
        return 0.0
    left = (_EXPLORING - t) / _EXPLORING
    return _EXPLORING_STRENGTH * left * left
