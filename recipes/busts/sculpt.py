"""From a body to a bust: hair, cloth, the turn of the head, and the cut below the shoulders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recipes.busts import drapery, hair
from recipes.busts.body import Shape
from recipes.busts.factors import Drapery, Hair, Pose
from recipes.busts.mesh import hollowness, smoothstep, vertex_normals

# How far out, from the axis of the neck, the bust reaches at depths below the eyes.
_DEPTHS, _REACH = [0.9, 1.45, 1.7, 2.0, 3.0], [9.0, 1.75, 1.35, 1.12, 0.9]
_NECK, _FLATNESS, _KNEE = 0.95, 0.8, 0.62

_SHOULDERS_TURN = 0.35  # the share of the turn of the head that they take part in
_TURNS = 64  # rotations between none and all; 0.7° apart at the widest turn


@dataclass(frozen=True, slots=True)
class Bust:
    """What is rendered: x to the right, y away from the camera, z up; 1 is eye-to-crown height.

    vertices: [V, 3].
    faces: [F, 3], the numbers of the vertices of each triangle.
    normals: [V, 3], unit vectors.
    rest: [V, 3], where each vertex is on the average body, as in `Shape`.
    hair: [V], how much of each vertex is covered by hair, 0…1.
    hollow: [V], how hollow the surface is there, 0…1.
    lips: [V], how much of each vertex is a lip, 0…1.
    eyes: [V], 1 on the left and 2 on the right eyeball, else 0.
    eye_centres: [2, 3], of the left and the right eyeball.
    turn: [3, 3], the rotation of the head.
    """

    vertices: np.ndarray
    faces: np.ndarray
    normals: np.ndarray
    rest: np.ndarray
    hair: np.ndarray
    hollow: np.ndarray
    lips: np.ndarray
    eyes: np.ndarray
    eye_centres: np.ndarray
    turn: np.ndarray


def sculpt(shape: Shape, worn_hair: Hair, cloth: Drapery, pose: Pose) -> Bust:
    """The bust before the camera, its eyes always at one height and its head at one size."""
    between = _eye_centres(shape.vertices, shape.eyes).mean(0)
    origin = np.array([0, between[1], between[2]])
    unit = shape.vertices[shape.eyes == 0, 2].max() - between[2]
    vertices, pivot = (shape.vertices - origin) / unit, (shape.pivot - origin) / unit

    thickness = hair.thickness(shape, worn_hair) + drapery.thickness(shape, cloth)
    vertices = vertices + vertex_normals(vertices, shape.faces) * thickness[:, None]
    vertices = cut(vertices)
    hollow = hollowness(vertices, shape.faces, vertex_normals(vertices, shape.faces))
    vertices = turned(vertices, pivot, pose)

    eye_centres = _eye_centres(vertices, shape.eyes)
    # Aimed between face and axis, the camera keeps a turned face near the middle and the back of
    # the skull inside.
    aim = eye_centres.mean(0) * [0.62, 0, 1]
    return Bust(
        vertices=vertices - aim,
        faces=shape.faces,
        normals=vertex_normals(vertices, shape.faces),
        rest=shape.rest,
        hair=hair.cover(shape, worn_hair, hair.EDGE) * min(1.0, worn_hair.volume * 4),
        hollow=hollow,
        lips=shape.lips,
        eyes=shape.eyes,
        eye_centres=eye_centres - aim,
        turn=rotation(pose.yaw, pose.pitch, pose.roll),
    )


def cut(vertices: np.ndarray) -> np.ndarray:
    """Draw the shoulders in to a rounded edge that narrows downwards, as busts end."""
    x, y, z = vertices.T
    reach = np.hypot(x, (y - _NECK) / _FLATNESS) / np.interp(-z, _DEPTHS, _REACH)
    beyond = reach > _KNEE
    drawn_in = _KNEE + (1 - _KNEE) * np.tanh(np.maximum(reach - _KNEE, 0) / (1 - _KNEE))
    scale = np.divide(drawn_in, reach, out=np.ones_like(reach), where=beyond)
    return np.stack([x * scale, _NECK + (y - _NECK) * scale, z], axis=1)


def turned(vertices: np.ndarray, pivot: np.ndarray, pose: Pose) -> np.ndarray:
    """The head takes the whole turn, the shoulders a third, the neck what lies between."""
    share = _SHOULDERS_TURN + (1 - _SHOULDERS_TURN) * smoothstep((vertices[:, 2] + 2.0) / 1.1)
    angles = np.array([pose.yaw, pose.pitch, pose.roll])
    turns = np.stack([rotation(*(step / _TURNS * angles)) for step in range(_TURNS + 1)])
    nearest = np.round(share * _TURNS).astype(int)
    result: np.ndarray = np.einsum("vij,vj->vi", turns[nearest], vertices - pivot) + pivot
    return result


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """The rotation [3, 3] about the upright axis, then the ears, then the line of sight."""
    cy, sy, cp, sp, cr, sr = (f(a) for a in (yaw, pitch, roll) for f in (np.cos, np.sin))
    about_z = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_y = np.array([[cr, 0, sr], [0, 1, 0], [-sr, 0, cr]])
    turn: np.ndarray = about_y @ about_x @ about_z
    return turn


def _eye_centres(vertices: np.ndarray, eyes: np.ndarray) -> np.ndarray:
    return np.stack([vertices[eyes == side].mean(0) for side in (1, 2)])
