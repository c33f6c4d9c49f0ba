"""What is asked of a triangle mesh (normals, and where it is hollow), and of vectors."""

from __future__ import annotations

import numpy as np

_DEEP = 4.0  # what counts as a deep hollow: its mean curvature per eye-to-crown height


def vertex_normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Unit normals [V, 3]: the mean of the faces [F, 3] around each vertex [V, 3], by area."""
    a, b, c = vertices[faces.T]
    of_faces = np.cross(b - a, c - a)
    sums = [
        np.bincount(faces.ravel(), np.repeat(of_faces[:, axis], 3), len(vertices))
        for axis in range(3)
    ]
    return unit(np.stack(sums, axis=1))


def hollowness(vertices: np.ndarray, faces: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """How hollow the surface is at each vertex, [V]: 0 where flat or raised, 1 in deep hollows."""
    start, end = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]).T
    along = vertices[end] - vertices[start]
    rise = np.einsum("ij,ij->i", along, normals[start])
    squares = np.bincount(start, np.linalg.norm(along, axis=1) ** 2, len(vertices))
    bend = np.bincount(start, rise, len(vertices)) / np.maximum(squares, 1e-9)
    neighbours = np.maximum(np.bincount(start, minlength=len(vertices)), 1)
    around = np.bincount(start, bend[end], len(vertices)) / neighbours
    return np.clip((bend + around) / 2 / _DEEP, 0, 1)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors [..., 3] scaled to length 1; those without length stay so."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: np.ndarray = vectors / np.maximum(length, 1e-12)
    return scaled


def sphere_points(count: int) -> np.ndarray:
    """Unit vectors [count, 3] spread evenly over the sphere: a Fibonacci spiral."""
    number = np.arange(count) + 0.5
    z, angle = 1 - 2 * number / count, number * np.pi * (3 - np.sqrt(5))
    level = np.sqrt(1 - z * z)
    return np.stack([np.cos(angle) * level, np.sin(angle) * level, z], axis=1)


def smoothstep(t: np.ndarray) -> np.ndarray:
    """0 for t below 0, 1 above 1, and a smooth rise between."""
    t = np.clip(t, 0, 1)
    rise: np.ndarray = t * t * (3 - 2 * t)
    return rise
