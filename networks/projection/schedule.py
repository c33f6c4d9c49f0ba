"""How the search slows down (StyleGAN2, Appendix D). t goes from 0 to 1 over all steps."""

from __future__ import annotations

from math import cos, pi
from typing import Final

LEARNING_RATE: Final = 0.1
_RAMP_UP: Final = 0.05
_RAMP_DOWN: Final = 0.25
_EXPLORING: Final = 0.75
_EXPLORING_STRENGTH: Final = 0.05


def learning_rate(t: float) -> float:
    """Rises over the first 5 %, falls as a cosine over the last 25 %."""
    falling = 0.5 - 0.5 * cos(pi * min(1.0, (1 - t) / _RAMP_DOWN))
    return LEARNING_RATE * falling * min(1.0, t / _RAMP_UP)


def exploration(t: float) -> float:
    """Noise added to w, in units of W's spread; it has gone after the first 75 %."""
    return _EXPLORING_STRENGTH * max(0.0, 1 - t / _EXPLORING) ** 2
