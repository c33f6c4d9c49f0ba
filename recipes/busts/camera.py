"""The camera: a long lens, square pictures, and the film.

Lengths are in eye-to-crown heights, the eyes are at the origin; x right, y away, z up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recipes.busts.mesh import unit

DISTANCE = 14.0  # from the lens to the eyes, which is about 1.6 m
HALF = 1.31  # half of what the picture spans where the eyes are
MIDDLE = -0.12  # the height of its middle

LENS = np.array([0.0, -DISTANCE, MIDDLE])


@dataclass(frozen=True, slots=True)
class Rays:
    """One ray through each of the P pixels, row by row.

    directions: [P, 3], unit vectors from LENS.
    places: [P, 2], where on the picture, −1…1 to the right and up.
    """

    directions: np.ndarray
    places: np.ndarray


def rays(size: int, offset: np.ndarray) -> Rays:
    """Rays through the pixels of a size × size picture, `offset` [2], 0…1, from their top left."""
    across, down = np.meshgrid(np.arange(size) + offset[0], np.arange(size) + offset[1])
    places = np.stack([across / size * 2 - 1, 1 - down / size * 2], axis=-1).reshape(-1, 2)
    return Rays(through(places), places)


def through(places: np.ndarray) -> np.ndarray:
    """Unit vectors [P, 3] from LENS through places [P, 2] of the picture, −1…1 right and up."""
    towards = np.stack(
        [places[:, 0] * HALF, np.full(len(places), DISTANCE), places[:, 1] * HALF], axis=1
    )
    return unit(towards)


def spread_points(count: int) -> np.ndarray:
    """Points [count, 2] spread evenly over the unit square: Hammersley's set.

    Its second coordinate is van der Corput's radical inverse in base 2, centred.
    """
    number = np.arange(count)
    inverse = np.zeros(count)
    for bit in range(max(1, (count - 1).bit_length())):
        inverse += (number >> bit & 1) / 2.0 ** (bit + 1)
    return np.stack([(number + 0.5) / count, inverse + 0.5 / count], axis=1)


def develop(light: np.ndarray) -> np.ndarray:
    """Linear light, 0 or more, as display values in 0…1.

    Highlights roll off and shadows deepen as on film, by the rational curve of Narkowicz (ACES
    Filmic Tone Mapping Curve, 2015); then the transfer function of sRGB (IEC 61966-2-1).
    """
    x = np.maximum(light, 0) * 0.72
    x = np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0, 1)
    shown: np.ndarray = np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)
    return shown
