"""The lights: a soft key light, sky and ground, and two rims from behind.

Light is RGB, linear, without unit: a white surface square to a light of 1 has a radiance of 1.
"""

from __future__ import annotations

import numpy as np

from recipes.busts.camera import spread_points
from recipes.busts.factors import Light
from recipes.busts.mesh import sphere_points, unit

KEY_SPREAD = 0.10  # tangent of the angle between the key light's middle and its edge
_DOME = 40


class Studio:
    """The lights of one picture.

    key: [3], the unit vector to the middle of the key light.
    key_colour: its light, RGB.
    """

    def __init__(self, light: Light) -> None:
        self.key = direction(light.azimuth, light.elevation)
        warmth = light.warmth
        self.key_colour = np.array([1 + 0.06 * warmth, 1.0, 1 - 0.16 * warmth]) * 1.45
        self._fill = np.array([0.92 - 0.05 * warmth, 1.0, 1.08 + 0.10 * warmth]) * light.fill
        # The rim is opposite the key; to a frontal key, both sides are.
        side = -1.0 if light.azimuth > 0 else 1.0
        aside = min(abs(light.azimuth) / 0.4, 1.0)
        colour = np.array([0.85, 0.95, 1.1]) * 0.9
        self._rims = [
            (direction(side * 2.35, 0.45), colour * light.rim),
            (direction(-side * 2.35, 0.45), colour * light.rim * (1 - 0.75 * aside)),
        ]
        # A tall soft box on the dark side, seen only in reflections: a line along round forms.
        self._box = direction(1.25 * side, 0.1)

    def key_points(self, count: int) -> np.ndarray:
        """Unit vectors [count, 3] to points spread over the disc of the key light."""
        radius, angle = spread_points(count).T
        side = np.cross(self.key, [0, 0, 1.0])
        side /= np.linalg.norm(side)
        up = np.cross(side, self.key)
        radius, angle = KEY_SPREAD * np.sqrt(radius)[:, None], 2 * np.pi * angle[:, None]
        towards = self.key + radius * (np.cos(angle) * side + np.sin(angle) * up)
        return unit(towards)

    def dome_light(self, normals: np.ndarray, free: np.ndarray) -> np.ndarray:
        """Diffuse light [V, 3] from everywhere but the key light, at vertices with these normals.

        free: [V, 40], the parts of `dome` that are in sight.
        """
        towards = dome()
        height, front = 0.5 + 0.5 * towards[:, 2:], 0.5 - 0.5 * towards[:, 1:2]
        radiance = self._fill * (0.10 + 0.50 * height) * (0.35 + 0.65 * front)
        radiance = radiance + np.array([0.06, 0.05, 0.04]) * (1 - height)
        for rim, colour in self._rims:
            radiance = radiance + _lobe(towards, rim, 6.0, 0.2) * colour * 1.3
        # Irradiance over π, from the mean over the whole sphere.
        cosine = np.maximum(normals @ towards.T, 0)
        diffuse: np.ndarray = (cosine * free) @ radiance * (4 / len(towards))
        return diffuse

    def reflected(self, towards: np.ndarray, blur: np.ndarray) -> np.ndarray:
        """What a mirror shows in directions [N, 3]: RGB [N, 3]. blur: [N], roughness squared."""
        blur = blur[:, None]
        above = 0.5 + 0.5 * np.tanh(towards[:, 2:] / (0.25 + blur))
        light: np.ndarray = np.array([0.07, 0.06, 0.05]) * (1 - above) + self._fill * 0.55 * above
        light = light + _lobe(towards, self.key, 60.0, blur) * self.key_colour * 11.0
        for rim, colour in self._rims:
            light = light + _lobe(towards, rim, 14.0, blur) * colour * 3.0
        return light + _lobe(towards, self._box, 18.0, blur) * self._fill * 2.5


def direction(azimuth: float, elevation: float) -> np.ndarray:
    """Unit vector [3] to a light, in radians: azimuth from the camera to the right, then up."""
    level = np.cos(elevation)
    return np.array([np.sin(azimuth) * level, -np.cos(azimuth) * level, np.sin(elevation)])


def dome() -> np.ndarray:
    """Unit vectors [40, 3] to where light from all around is sampled, evenly over the sphere."""
    return sphere_points(_DOME)


def _lobe(
    towards: np.ndarray, middle: np.ndarray, sharpness: float, blur: np.ndarray | float
) -> np.ndarray:
    # A light as a spherical Gaussian [N, 1]; blur widens it and dims it, nearly at equal energy.
    widened = 1 / (1 / sharpness + 1.6 * blur)
    off = (towards @ middle - 1)[:, None]
    lobe: np.ndarray = np.exp(widened * off) * (widened / sharpness) ** 0.9
    return lobe
