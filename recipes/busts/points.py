"""The points of a bust that rays hit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recipes.busts import drapery, hair
from recipes.busts.camera import Rays
from recipes.busts.carve import carved
from recipes.busts.caster import Hits
from recipes.busts.factors import Factors
from recipes.busts.mesh import unit
from recipes.busts.sculpt import Bust


@dataclass(frozen=True, slots=True)
class Points:
    """The N points that one set of rays hits. What has no unit is in 0…1.

    positions: [N, 3].
    rest: [N, 3], where the points are on the average body.
    smooth: [N, 3], normals without the relief of hair and folds.
    normals: [N, 3], normals with it.
    relief: [N], its height, −1…1.
    view: [N, 3], unit vectors to the camera.
    hair, cloth, brows, lips: [N], how much of the point is covered by each, or is part of it.
    hollow: [N], how hollow the surface is there.
    eyes: [N], 1 on the left and 2 on the right eyeball, else 0.
    corners: [N, 3], the numbers of the vertices around it.
    weights: [N, 3], the shares of those in it.
    """

    positions: np.ndarray
    rest: np.ndarray
    smooth: np.ndarray
    normals: np.ndarray
    relief: np.ndarray
    view: np.ndarray
    hair: np.ndarray
    cloth: np.ndarray
    brows: np.ndarray
    lips: np.ndarray
    hollow: np.ndarray
    eyes: np.ndarray
    corners: np.ndarray
    weights: np.ndarray

    def blend(self, values: np.ndarray) -> np.ndarray:
        """Values of vertices [V, …] at the points [N, …]."""
        return _blend(values, self.corners, self.weights)


def hit(bust: Bust, hits: Hits, rays: Rays, factors: Factors) -> Points:
    """The points of the bust that `rays` hit."""
    corners = bust.faces[hits.triangles]
    shares = np.stack([bust.hair, bust.lips, bust.hollow], axis=1)
    hairy, lips, hollow = _blend(shares, corners, hits.weights).T
    smooth = unit(_blend(bust.normals, corners, hits.weights))
    rest = _blend(bust.rest, corners, hits.weights)
    cloth = drapery.cover(rest, factors.drapery)
    hairy = hairy * (1 - cloth)
    normals, relief = carved(smooth, rest, hairy, cloth, bust.turn, factors)
    return Points(
        positions=_blend(bust.vertices, corners, hits.weights),
        rest=rest,
        smooth=smooth,
        normals=normals,
        relief=relief,
        view=-rays.directions[hits.rays],
        hair=hairy,
        cloth=cloth,
        brows=hair.brows(rest),
        lips=lips,
        hollow=hollow,
        eyes=bust.eyes[corners].max(1),
        corners=corners,
        weights=hits.weights,
    )


def _blend(values: np.ndarray, corners: np.ndarray, weights: np.ndarray) -> np.ndarray:
    blended: np.ndarray = np.einsum("nk,nk...->n...", weights, values[corners])
    return blended
