"""Between the z of two seeds, along the great circle that both lie on."""

from __future__ import annotations

import math
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from renderer.messages.request import Arc

Z: TypeAlias = npt.NDArray[np.float64]
"""A latent before it is mapped: [z_dim]."""

_PARALLEL: Final = 1e-9
"""The sine of the angle between two z below which no plane, and so no circle, is theirs."""


def on_arc(first: Z, second: Z, arc: Arc) -> Z:
    """Return the point of an arc, z.

    first, second: z of the arc's two seeds. Where they point in one direction there is no circle,
    and only the length changes.
    """
    start, length = _unit(first)
    other, far = _unit(second)
    radius = length + (far - length) * min(max(arc.t, 0.0), 1.0)
    cosine = float(np.clip(start @ other, -1.0, 1.0))
    across, sine = _unit(other - cosine * start)
    if sine < _PARALLEL:
        return radius * start
    angle = math.atan2(sine, cosine) * arc.t + 2 * math.pi * arc.turn
    return radius * (math.cos(angle) * start + math.sin(angle) * across)


def _unit(z: Z) -> tuple[Z, float]:
    """Return a vector of length 1 in the direction of z, and how long z is."""
    length = float(np.linalg.norm(z))
    return (z / length if length else z), length
