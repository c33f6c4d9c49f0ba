"""The wall behind the bust: a pool of light, two colours, and the shadow of the bust."""

from __future__ import annotations

import colorsys

import numpy as np

from recipes.busts import camera
from recipes.busts.caster import Caster
from recipes.busts.factors import Backdrop, Light

_GRID = 48  # places a side where the silhouette is sampled: its shadow is soft
_WIDER = 1.7  # how much more than the picture is sampled, so that shadows come in from outside
_BEHIND = 1.1  # from the bust to the wall, in eye-to-crown heights
_SOFT = 0.20  # standard deviation of the shadow's blur, in half widths of the picture


def shadow(caster: Caster, light: Light) -> np.ndarray:
    """How much of the key light is kept from the wall, 0…1 [G, G], in rows downwards.

    It spans `_WIDER` times the picture: the silhouette that the camera sees, moved away from the
    key light and blurred.
    """
    step = (np.arange(_GRID) + 0.5) / _GRID * 2 - 1
    across, down = np.meshgrid(step * _WIDER, -step * _WIDER)
    moved = np.array([np.tan(light.azimuth), -np.tan(light.elevation)]) * _BEHIND / camera.HALF
    moved = np.clip(moved, -1.0, 1.0)  # a shadow that fell out of the picture would be missed
    places = np.stack([across + moved[0], down - moved[1]], axis=-1).reshape(-1, 2)
    directions = camera.through(places)
    inside = caster.first(np.broadcast_to(camera.LENS, directions.shape), directions).rays
    mask = np.zeros(_GRID * _GRID)
    mask[inside] = 1
    reach = _SOFT * _GRID / 2 / _WIDER
    far = np.subtract.outer(np.arange(_GRID), np.arange(_GRID))
    blur = np.exp(-0.5 * (far / reach) ** 2)
    blur /= blur.sum(1, keepdims=True)
    soft: np.ndarray = blur @ mask.reshape(_GRID, _GRID) @ blur.T
    return soft


def wall(places: np.ndarray, backdrop: Backdrop, light: Light, shaded: np.ndarray) -> np.ndarray:
    """RGB [P, 3] behind the bust at places [P, 2] in −1…1.

    A pool of light lies on the side away from the key light, where the second colour is least.
    shaded: as `shadow` gives it.
    """
    first, second = (
        np.array(colorsys.hsv_to_rgb(hue, backdrop.saturation, 1.0)) ** 2.2
        for hue in (backdrop.hue, backdrop.second_hue)
    )
    middle = np.array([-0.35 * np.sin(light.azimuth), 0.30])
    distance = np.hypot(*((places - middle) * 0.8).T)
    pool = np.exp(-((distance / 0.85) ** 2))
    colour = second + (first - second) * pool[:, None]
    fall = 0.22 + 0.78 * pool
    kept = 1 - 0.75 * backdrop.shadow * _sampled(shaded, places)
    radiance: np.ndarray = colour * (backdrop.brightness**1.6 * fall * kept)[:, None]
    return radiance


def _sampled(grid: np.ndarray, places: np.ndarray) -> np.ndarray:
    # Bilinear; outside of the grid as at its edge.
    size = len(grid)
    x = np.clip((places[:, 0] / _WIDER + 1) / 2 * size - 0.5, 0, size - 1.001)
    y = np.clip((1 - places[:, 1] / _WIDER) / 2 * size - 0.5, 0, size - 1.001)
    left, top = x.astype(int), y.astype(int)
    a, b = x - left, y - top
    upper = grid[top, left] * (1 - a) + grid[top, left + 1] * a
    lower = grid[top + 1, left] * (1 - a) + grid[top + 1, left + 1] * a
    between: np.ndarray = upper * (1 - b) + lower * b
    return between
