"""What a bust is made of at each point, and how that answers light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.busts.camera import Rays
from training.busts.caster import Hits
from training.busts.factors import Hair, Material
from training.busts.mesh import unit
from training.busts.sculpt import Bust, locks
from training.busts.studio import Studio

_STEP = 1e-3  # how far apart heights are compared to find the slope of hair
_STEEPEST = 40.0


@dataclass(frozen=True, slots=True)
class Points:
    """The N points that one set of rays hits.

    positions: [N, 3].
    smooth: [N, 3], normals without the carved hair.
    normals: [N, 3], normals with it.
    view: [N, 3], unit vectors to the camera.
    hair: [N], how much of the point is covered by hair, 0…1.
    corners: [N, 3], the numbers of the vertices around it.
    weights: [N, 3], the shares of those in it.
    """

    positions: np.ndarray
    smooth: np.ndarray
    normals: np.ndarray
    view: np.ndarray
    hair: np.ndarray
    corners: np.ndarray
    weights: np.ndarray

    def blend(self, values: np.ndarray) -> np.ndarray:
        """Values of vertices [V, …] at the points [N, …]."""
        return _blend(values, self.corners, self.weights)


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


def points(bust: Bust, hits: Hits, rays: Rays, hair: Hair) -> Points:
    """The points of the bust that `rays` hit."""
    corners = bust.faces[hits.triangles]

    def blend(values: np.ndarray) -> np.ndarray:
        return _blend(values, corners, hits.weights)

    smooth, cover = unit(blend(bust.normals)), blend(bust.hair)
    return Points(
        positions=blend(bust.vertices),
        smooth=smooth,
        normals=_carved(smooth, blend(bust.rest), cover, bust.turn, hair),
        view=-rays.directions[hits.rays],
        hair=cover,
        corners=corners,
        weights=hits.weights,
    )


def shade(
    points: Points, bust: Bust, material: Material, studio: Studio, light: Illumination
) -> np.ndarray:
    """Light [N, 3] that points send to the camera, linear RGB.

    Diffuse light, wrapped around the form where stone lets it through, and one reflection of the
    studio, weighted by Schlick's Fresnel term (An Inexpensive BRDF Model, 1994, eq. 15).
    """
    hollow = material.patina * (points.blend(bust.hollow) * 1.2 + 0.30 * points.hair)
    worn = np.clip(hollow, 0, 1)[:, None]
    albedo = _albedo(material, worn) * (1 - 0.8 * _incised(bust, points)[:, None])
    albedo = albedo * (1 - 0.42 * points.hair[:, None])
    roughness = np.clip(material.roughness + 0.12 * points.hair[:, None] + 0.2 * worn, 0.08, 1)
    metal = material.metalness * (1 - 0.4 * worn)

    towards_key = points.normals @ studio.key
    sharp = np.maximum(towards_key, 0)
    wrap = 0.35 * material.translucency
    through = np.maximum((towards_key + wrap) / (1 + wrap) ** 2 - sharp, 0)
    through = through * (0.35 + 0.65 * light.key)
    # What passes through the stone takes on its colour.
    diffuse = (
        (sharp * light.key)[:, None] * studio.key_colour
        + through[:, None] * studio.key_colour * albedo**0.6
        + light.dome
    )

    facing = np.clip(np.einsum("ij,ij->i", points.normals, points.view), 1e-3, 1)[:, None]
    straight = 0.06 * (1 - metal) + albedo * metal
    fresnel = straight + (np.maximum(1 - roughness, straight) - straight) * (1 - facing) ** 5
    mirrored = 2 * facing * points.normals - points.view
    # A reflection knows nothing of what is in its way: hollows and shadows would glow.
    unhidden = (0.25 + 0.75 * light.open * (1 - 0.6 * points.hair)) * (0.45 + 0.55 * light.key)
    glance = studio.reflected(mirrored, roughness[:, 0] ** 2) * fresnel * unhidden[:, None]
    sent: np.ndarray = albedo * diffuse * (1 - 0.9 * metal) + glance
    return sent


def _blend(values: np.ndarray, corners: np.ndarray, weights: np.ndarray) -> np.ndarray:
    blended: np.ndarray = np.einsum("nk,nk...->n...", weights, values[corners])
    return blended


def _albedo(material: Material, worn: np.ndarray) -> np.ndarray:
    base = np.array([material.red, material.green, material.blue])
    albedo: np.ndarray = base * (1 - worn) + base**1.4 * 0.35 * worn
    return albedo


def _incised(bust: Bust, points: Points) -> np.ndarray:
    # Pupils are drilled and irises outlined, as sculptors do to give blank eyes a look.
    of_eye = bust.eyes[points.corners].max(1)
    ahead = bust.turn @ np.array([0, -1.0, 0])
    mark = np.zeros(len(of_eye))
    for side, centre in enumerate(bust.eye_centres, 1):
        on = np.flatnonzero(of_eye == side)
        cosine = unit(points.positions[on] - centre) @ ahead
        pupil = np.clip((cosine - 0.972) / 0.012, 0, 1)
        outline = 0.55 * np.exp(-(((cosine - 0.905) / 0.022) ** 2))
        mark[on] = np.maximum(pupil, outline)
    return mark


def _carved(
    smooth: np.ndarray, rest: np.ndarray, cover: np.ndarray, turn: np.ndarray, hair: Hair
) -> np.ndarray:
    # Normals of the surface raised by `locks`: less the slope along it (Blinn, Simulation of
    # Wrinkled Surfaces, 1978). The mesh itself is too coarse for hair.
    depth = 0.016 * hair.wave_depth * cover
    on = np.flatnonzero(depth > 1e-3)
    here = locks(rest[on], hair)
    slope = np.stack([locks(rest[on] + _STEP * axis, hair) - here for axis in np.eye(3)], axis=1)
    slope = np.clip(slope / _STEP @ turn.T, -_STEEPEST, _STEEPEST) * depth[on, None]
    normals = smooth[on]
    along = slope - np.einsum("ij,ij->i", slope, normals)[:, None] * normals
    result = smooth.copy()
    result[on] = unit(normals - along)
    return result
