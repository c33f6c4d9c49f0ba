"""Relief that the mesh is too coarse for: the height of hair and folds, and normals of it."""

from __future__ import annotations

import numpy as np

from recipes.busts import drapery, hair
from recipes.busts.factors import Factors
from recipes.busts.mesh import unit

_STEP = 1e-3  # how far apart heights are compared to find a slope
_STEEPEST = 40.0
_HAIR_DEEP, _FOLD_DEEP = 0.026, 0.050  # half of the relief at its deepest, in eye-to-crown heights


def carved(
    smooth: np.ndarray,
    rest: np.ndarray,
    hairy: np.ndarray,
    clothed: np.ndarray,
    turn: np.ndarray,
    factors: Factors,
) -> tuple[np.ndarray, np.ndarray]:
    """Normals [N, 3] of the carved surface, and the height of its relief, −1…1 [N].

    Less the slope along the surface: Blinn, Simulation of Wrinkled Surfaces, 1978.

    smooth: [N, 3], normals without relief.
    rest: [N, 3], where the points are on the average body.
    hairy, clothed: [N], how much of each is covered by hair and by cloth, 0…1.
    turn: [3, 3], of the head.
    """
    normals, height = smooth.copy(), np.zeros(len(rest))

    def strands(at: np.ndarray) -> np.ndarray:
        return hair.relief(at, factors.hair)

    def folds(at: np.ndarray) -> np.ndarray:
        return drapery.relief(at, factors.drapery)

    for cover, relief, deep in (
        (hairy, strands, _HAIR_DEEP * factors.hair.wave_depth),
        (clothed, folds, _FOLD_DEEP * factors.drapery.folds),
    ):
        on = np.flatnonzero(cover > 0.02)
        here = relief(rest[on])
        slope = np.stack([relief(rest[on] + _STEP * axis) - here for axis in np.eye(3)], axis=1)
        slope = np.clip(slope / _STEP @ turn.T, -_STEEPEST, _STEEPEST)
        slope = slope * (deep * cover[on])[:, None]
        along = slope - np.einsum("ij,ij->i", slope, normals[on])[:, None] * normals[on]
        normals[on] = unit(normals[on] - along)
        height[on] = height[on] * (1 - cover[on]) + here * cover[on]
    return normals, height
