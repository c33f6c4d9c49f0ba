"""One picture: from factors to pixels."""

from __future__ import annotations

import numpy as np

from recipes.busts import camera
from recipes.busts.body import Body
from recipes.busts.caster import Caster, EmbreeCaster, embree
from recipes.busts.factors import Factors
from recipes.busts.finish import finish
from recipes.busts.points import Points, hit
from recipes.busts.sculpt import Bust, sculpt
from recipes.busts.shading import Illumination, shade
from recipes.busts.studio import Studio, dome
from recipes.busts.wall import shadow, wall

_KEY_POINTS = 4  # points of the key light that each ray asks for
_LIFT, _DOME_LIFT = 4e-3, 8e-3  # rays start off the surface, which would shadow itself
_BEHIND = 0.35  # vertices whose normals point further away than this are not seen


class Renderer:
    """Holds the body model; pictures are functions of their factors alone.

    Raises UserError where a package is missing.
    """

    def __init__(self) -> None:
        embree()  # missing packages are told before minutes are spent on the body
        self._body = Body()

    def __call__(self, factors: Factors, size: int) -> np.ndarray:
        """The picture of `factors`, uint8 [size, size, 3]."""
        shape = self._body.shape(factors)
        bust = sculpt(shape, factors.hair, factors.drapery, factors.pose)
        return picture(bust, EmbreeCaster(bust.vertices, bust.faces), factors, size)


def picture(bust: Bust, caster: Caster, factors: Factors, size: int) -> np.ndarray:
    """The picture of a bust whose mesh `caster` holds, uint8 [size, size, 3].

    Small pictures take more rays per pixel, so that a bust looks the same at every size.
    """
    count = 4 * max(1, -(-128 // size)) ** 2
    studio = Studio(factors.light)
    key_points = studio.key_points(_KEY_POINTS * count)
    dome_light, openness = _dome(bust, caster, studio)
    shade_on_wall = shadow(caster, factors.light)
    shown = np.zeros((size * size, 3))
    for sample, offset in enumerate(camera.spread_points(count)):
        rays = camera.rays(size, offset)
        light = wall(rays.places, factors.backdrop, factors.light, shade_on_wall)
        hits = caster.first(np.broadcast_to(camera.LENS, rays.directions.shape), rays.directions)
        seen = hit(bust, hits, rays, factors)
        arriving = Illumination(
            key=_key_share(seen, caster, key_points[sample::count]),
            open=seen.blend(openness),
            dome=seen.blend(dome_light),
        )
        light[hits.rays] = shade(seen, finish(seen, bust, factors), studio, factors.light, arriving)
        shown += camera.develop(light)
    return np.round(shown / count * 255).astype(np.uint8).reshape(size, size, 3)


def _key_share(seen: Points, caster: Caster, towards: np.ndarray) -> np.ndarray:
    # How many of the points of the key light are in sight. Other rays of the pixel ask for others.
    lit = np.zeros(len(seen.positions))
    for direction in towards:
        on = np.flatnonzero(seen.smooth @ direction > 0)
        start = seen.positions[on] + _LIFT * seen.smooth[on]
        lit[on] += ~caster.blocked(start, np.broadcast_to(direction, start.shape))
    return lit / len(towards)


def _dome(bust: Bust, caster: Caster, studio: Studio) -> tuple[np.ndarray, np.ndarray]:
    # Light from all around changes slowly, so it is found at vertices: diffuse light [V, 3], and
    # how open to it they are [V].
    towards = dome()
    cosine = np.maximum(bust.normals @ towards.T, 0)
    vertex, number = np.nonzero((cosine > 0) & (bust.normals[:, 1:2] < _BEHIND))
    start = bust.vertices[vertex] + _DOME_LIFT * bust.normals[vertex]
    free = np.zeros(cosine.shape)
    free[vertex, number] = ~caster.blocked(start, towards[number])
    openness = (cosine * free).sum(1) / np.maximum(cosine.sum(1), 1e-9)
    return studio.dome_light(bust.normals, free), openness
