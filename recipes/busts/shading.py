"""How the points of a bust answer light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recipes.busts.eyes import glint
from recipes.busts.factors import Light
from recipes.busts.finish import Finish
from recipes.busts.points import Points
from recipes.busts.studio import Studio

_GLINT = 3.0  # radiance of the window that eyes reflect


@dataclass(frozen=True, slots=True)
class Illumination:
    """Light that reaches N points.

    key: [N], the share of the key light that is in sight.
    open: [N], the share of the dome that is in sight.
    dome: [N, 3], the dome's diffuse light.
    """

    key: np.ndarray
    open: np.ndarray
    dome: np.ndarray


def shade(
    points: Points, finish: Finish, studio: Studio, light: Light, arriving: Illumination
) -> np.ndarray:
    """Light [N, 3] that points send to the camera, linear RGB.

    Diffuse light, wrapped around the form where stone lets it through, and one reflection of the
    studio, weighted by Schlick's Fresnel term (An Inexpensive BRDF Model, 1994, eq. 15).
    """
    albedo, roughness = finish.albedo, finish.roughness[:, None]
    metal = finish.metalness[:, None]
    towards_key = points.normals @ studio.key
    sharp = np.maximum(towards_key, 0)
    wrap = 0.35 * finish.translucency
    through = np.maximum((towards_key + wrap) / (1 + wrap) ** 2 - sharp, 0)
    through = through * (0.35 + 0.65 * arriving.key)
    # What passes through the stone takes on its colour.
    diffuse = (
        (sharp * arriving.key)[:, None] * studio.key_colour
        + through[:, None] * studio.key_colour * albedo**0.6
        + arriving.dome
    )

    facing = np.clip(np.einsum("ij,ij->i", points.normals, points.view), 1e-3, 1)[:, None]
    straight = 0.06 * (1 - metal) + albedo * metal
    fresnel = straight + (np.maximum(1 - roughness, straight) - straight) * (1 - facing) ** 5
    mirrored = 2 * facing * points.normals - points.view
    # A reflection knows nothing of what is in its way: hollows and shadows would glow.
    unhidden = (0.25 + 0.75 * arriving.open * (1 - 0.5 * points.hair)) * (
        0.45 + 0.55 * arriving.key
    )
    glance = studio.reflected(mirrored, finish.roughness**2) * fresnel * unhidden[:, None]
    # Of the studio, the glass of eyes shows its window alone.
    window = glint(mirrored, light) * _GLINT * (0.65 + 0.35 * arriving.key)
    glance = glance * (1 - 0.8 * finish.glass[:, None])
    glance = glance + (finish.glass * window)[:, None] * studio.key_colour
    sent: np.ndarray = albedo * diffuse * (1 - 0.9 * metal) + glance
    return sent
