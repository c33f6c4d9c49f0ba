"""What a bust is made of at each point: materials, their patterns, what is worn, and the eyes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recipes.busts import eyes, patterns
from recipes.busts.factors import Factors, Material
from recipes.busts.mesh import smoothstep, unit
from recipes.busts.points import Points
from recipes.busts.sculpt import Bust

_BLOCK = 7.0  # the size of the block that busts are cut from, in eye-to-crown heights


@dataclass(frozen=True, slots=True)
class Finish:
    """What N points are made of.

    albedo: [N, 3], the share of each of red, green and blue that they send back.
    metalness, roughness, translucency: [N], as in `Material`.
    glass: [N], how much of the point is the glass of an eye, 0…1.
    """

    albedo: np.ndarray
    metalness: np.ndarray
    roughness: np.ndarray
    translucency: np.ndarray
    glass: np.ndarray


def finish(points: Points, bust: Bust, factors: Factors) -> Finish:
    """What `points` are made of."""
    materials = factors.materials
    block = points.rest + (np.array(materials.offset) - 0.5) * _BLOCK
    hollow = points.hollow
    body = _plain(materials.body, block, hollow)
    cloth = _plain(materials.cloth, block + 2.0, hollow)
    hairy = np.maximum(points.hair, 0.85 * points.brows)
    other = np.maximum(points.cloth, materials.hair_share * hairy)
    found = _between(body, cloth, other)

    # Grooves between strands and folds are darker: light has to find its way in and out again.
    worn = np.maximum(points.hair, points.cloth * factors.drapery.folds)
    grooves = 0.45 * worn * smoothstep((0.2 - points.relief) / 1.0)
    tone = 0.18 * (1 - materials.hair_share) * hairy
    albedo = found.albedo * ((1 - grooves) * (1 - tone))[:, None]
    red = np.array([0.95, 0.45, 0.42])
    albedo = albedo * (1 - (materials.lips * points.lips)[:, None] * (1 - 0.7 * red))
    glass = np.zeros(len(albedo))
    for side, centre in enumerate(bust.eye_centres, 1):
        on = np.flatnonzero(points.eyes == side)
        from_centre = unit(points.positions[on] - centre)
        albedo[on], glass[on] = eyes.colours(from_centre, bust.turn, albedo[on], factors.eyes)
    return Finish(
        albedo=albedo,
        metalness=found.metalness * (1 - glass),
        roughness=found.roughness * (1 - glass) + 0.14 * glass,
        translucency=found.translucency * (1 - glass),
        glass=glass,
    )


def _plain(material: Material, block: np.ndarray, hollow: np.ndarray) -> Finish:
    first = np.array([material.red, material.green, material.blue])
    second = np.array([material.second_red, material.second_green, material.second_blue])
    share = material.patina * 1.2 * hollow
    if material.veins > 0.02:
        share = np.maximum(share, material.veins * patterns.veins(block))
    if material.bands > 0.02:
        share = np.maximum(share, material.bands * patterns.bands(block))
    if material.clouds > 0.02:
        share = np.maximum(share, material.clouds * patterns.clouds(block))
    share = np.clip(share, 0, 1)
    return Finish(
        albedo=first + (second - first) * share[:, None],
        metalness=material.metalness * (1 - 0.75 * share),  # what grows on metal is no metal
        roughness=np.clip(material.roughness + 0.15 * share, 0.08, 1),
        translucency=np.full(len(block), material.translucency),
        glass=np.zeros(len(block)),
    )


def _between(one: Finish, other: Finish, share: np.ndarray) -> Finish:
    column = share[:, None]
    return Finish(
        albedo=one.albedo + (other.albedo - one.albedo) * column,
        metalness=one.metalness + (other.metalness - one.metalness) * share,
        roughness=one.roughness + (other.roughness - one.roughness) * share,
        translucency=one.translucency + (other.translucency - one.translucency) * share,
        glass=one.glass,
    )
