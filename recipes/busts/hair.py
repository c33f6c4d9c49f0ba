"""Carved hair: where it grows, how thick it is, and the relief of its strands and curls.

Points are those of the average head (`Shape.rest`): relief stays where it is when a face changes.
"""

from __future__ import annotations

import numpy as np

from recipes.busts.body import Shape
from recipes.busts.factors import Hair
from recipes.busts.mesh import smoothstep, sphere_points, unit

# Where hair begins on the average head: azimuth from the front in degrees, and height above the
# eyes in units of eye-to-crown.
_HAIRLINE = np.array(
    [
        [0, 0.56],
        [30, 0.54],
        [52, 0.40],
        [68, 0.14],
        [84, -0.12],
        [96, 0.02],
        [115, -0.25],
        [145, -0.62],
        [180, -0.78],
    ]
)
# Of eyebrows on the average head: distances from the middle of the face, heights, half widths.
_BROW = np.array(
    [[0.08, 0.22, 0.34, 0.50], [0.175, 0.215, 0.215, 0.12], [0.040, 0.036, 0.028, 0.015]]
)
EDGE, SWELL = 0.14, 0.50  # heights over which hair's tone and its thickness set in
_BEHIND_EYES = 0.80  # the upright axis of the head
_THICKEST = 0.18
_CROWN = np.array([0.0, 1.25 * _BEHIND_EYES, -0.15])  # below the whorl, from which locks run
_CURLS = 150  # on the whole sphere around the head; hair covers about half of it


def cover(shape: Shape, hair: Hair, width: float) -> np.ndarray:
    """How much of each vertex hair covers, 0…1 [V], setting in over a height of `width`."""
    x, y, z = shape.rest.T
    azimuth = np.degrees(np.arctan2(np.abs(x), _BEHIND_EYES - y))
    line = np.interp(azimuth, _HAIRLINE[:, 0], _HAIRLINE[:, 1])
    line = line + 0.22 * hair.hairline * np.clip(1 - azimuth / 75, 0, 1)
    bare = (1 - shape.ears) * (shape.eyes == 0)
    grown: np.ndarray = smoothstep((z - line + 0.02) / width) * bare
    return grown


def thickness(shape: Shape, hair: Hair) -> np.ndarray:
    """How far hair stands off each vertex [V], in eye-to-crown heights."""
    thick = hair.volume * (_THICKEST + 0.05 * hair.curl)
    rough = 1 + 0.30 * hair.wave_depth * relief(shape.rest, hair)
    stands: np.ndarray = cover(shape, hair, SWELL) * thick * rough
    return stands


def brows(rest: np.ndarray) -> np.ndarray:
    """How much of an eyebrow there is at each point [N, 3], 0…1 [N]: two arcs that taper."""
    x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    middle, half = np.interp(x, *_BROW[[0, 1]]), np.interp(x, *_BROW[[0, 2]])
    ends = smoothstep((x - 0.07) / 0.06) * smoothstep((0.50 - x) / 0.05) * (y < 0.15)
    arc: np.ndarray = np.exp(-(((z - middle) / half) ** 2)) * ends
    return arc


def relief(rest: np.ndarray, hair: Hair) -> np.ndarray:
    """Height of the hair, −1…1 [N], at points [N, 3]."""
    height: np.ndarray = (1 - hair.curl) * _strands(rest, hair) + hair.curl * _curls(rest, hair)
    return height


def _strands(rest: np.ndarray, hair: Hair) -> np.ndarray:
    # Locks with a round back and a sharp groove between them, each parted into fine strands. They
    # wind downwards from the whorl.
    x, y, z = (rest - _CROWN).T
    around, down = np.arctan2(x, -y), np.arctan2(np.hypot(x, y), z)
    winding = 1.5 * np.sin(4.5 * down + 2.0 * np.sin(2 * around)) + 0.6 * np.sin(
        11 * down + 3 * np.cos(3 * around)
    )
    count = 13 - 4 * hair.wave_width
    phase = count * around + winding + 0.8 * np.sin(5 * around + 2.5 * down)
    lock = 1.6 * np.sqrt(np.abs(np.cos(phase))) - 0.9
    strand = np.sin(5 * phase + 1.5 * np.sin(3 * down))
    height: np.ndarray = (0.8 * lock + 0.28 * strand) * smoothstep((down - 0.08) / 0.4)
    return height


def _curls(rest: np.ndarray, hair: Hair) -> np.ndarray:
    # Each curl is a knob with a spiral groove, at one of the points of `sphere_points`.
    middles = sphere_points(_CURLS)
    from_middle = unit(rest - [0.0, _BEHIND_EYES, 0.1])
    cosines = from_middle @ middles.T
    nearest = cosines.argmax(1)
    distance = np.sqrt(np.maximum(2 - 2 * cosines.max(1), 0)) * np.sqrt(_CURLS / 4 / np.pi) * 1.6
    middle = middles[nearest]
    across = unit(np.cross(middle, [0.0, 0.0, 1.0]))
    along = np.cross(across, middle)
    turn = np.arctan2(
        np.einsum("ij,ij->i", from_middle, along), np.einsum("ij,ij->i", from_middle, across)
    )
    knob = 1 - 1.9 * distance**2
    spiral = np.cos(turn + distance * (7.0 + 4.0 * hair.wave_width))
    height: np.ndarray = np.clip(knob + 0.55 * spiral * smoothstep(distance / 0.3), -1.2, 1.2)
    return height
