"""A cloth about the shoulders: where it lies, how it stands off, and its folds.

Points are those of the average body (`Shape.rest`).
"""

from __future__ import annotations

import numpy as np

from recipes.busts.body import Shape
from recipes.busts.factors import Drapery
from recipes.busts.mesh import smoothstep

_LOW, _HIGH = -2.1, -1.12  # the neckline at the sides, without and with the most cloth
_AXIS = 0.95  # of the neck, behind the eyes
_THICK = 0.06


def depth(rest: np.ndarray, drapery: Drapery) -> np.ndarray:
    """How far each point [N, 3] is below the neckline [N], which hangs lower in front."""
    x, y, z = rest.T
    line = _LOW + (_HIGH - _LOW) * drapery.neckline
    front = smoothstep((_AXIS - 0.1 - y) / 0.5)
    hanging = 0.55 * front * np.exp(-(((x + 0.18 * drapery.side) / 0.42) ** 2))
    below: np.ndarray = line - hanging - z
    return below


def cover(rest: np.ndarray, drapery: Drapery) -> np.ndarray:
    """How much of each point [N, 3] the cloth covers, 0…1 [N]."""
    covered: np.ndarray = smoothstep(depth(rest, drapery) / 0.04 + 0.5)
    return covered


def thickness(shape: Shape, drapery: Drapery) -> np.ndarray:
    """How far the cloth stands off each vertex [V]: more along its rolled edge."""
    below = depth(shape.rest, drapery)
    edge = np.exp(-(((below - 0.07) / 0.09) ** 2))
    stands: np.ndarray = smoothstep(below / 0.08 + 0.5) * _THICK * (1 + 1.1 * edge)
    return stands


def relief(rest: np.ndarray, drapery: Drapery) -> np.ndarray:
    """Height of the folds, −1…1 [N], at points [N, 3]: they fan out from one shoulder."""
    x, y, z = rest.T
    side = -1.0 if drapery.side < 0 else 1.0
    away_x, away_z = x - 1.15 * side, z + 1.25  # from where they are pinned to the shoulder
    angle = np.arctan2(away_z, -away_x * side)
    far = np.hypot(away_x, away_z)
    phase = 13 * angle + 1.2 * np.sin(2.2 * far) + 0.8 * np.sin(3 * y + 2 * x)
    fold = 1.7 * np.abs(np.cos(phase / 2)) ** 0.8 - 0.9
    height: np.ndarray = fold * smoothstep(far / 0.5)
    return height
