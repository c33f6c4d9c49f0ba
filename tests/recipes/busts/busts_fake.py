"""A ball for a bust, a ray caster in numpy, and a renderer of plain squares, for tests."""

from __future__ import annotations

import numpy as np

from recipes.busts.caster import Hits
from recipes.busts.factors import Factors
from recipes.busts.mesh import unit
from recipes.busts.sculpt import Bust

RINGS, SECTORS = 10, 16


def squares() -> object:
    return square


def square(factors: Factors, size: int) -> np.ndarray:
    """One colour, told by the material."""
    m = factors.materials.body
    colour = np.array([m.red, m.green, m.blue]) * 255
    return np.broadcast_to(colour, (size, size, 3)).astype(np.uint8)


def ball(rings: int = RINGS, sectors: int = SECTORS) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and outward faces of a unit sphere."""
    down, round_ = np.meshgrid(
        np.linspace(0, np.pi, rings + 1), np.arange(sectors) * 2 * np.pi / sectors, indexing="ij"
    )
    vertices = np.stack(
        [np.sin(down) * np.cos(round_), np.sin(down) * np.sin(round_), np.cos(down)], axis=-1
    ).reshape(-1, 3)
    quads = [
        [
            r * sectors + s,
            (r + 1) * sectors + s,
            (r + 1) * sectors + (s + 1) % sectors,
            r * sectors + (s + 1) % sectors,
        ]
        for r in range(rings)
        for s in range(sectors)
    ]
    q = np.array(quads)
    return vertices, np.concatenate([q[:, [0, 1, 2]], q[:, [0, 2, 3]]])


def ball_bust() -> Bust:
    """A ball without hair, lips, hollows or eyes."""
    vertices, faces = ball()
    count = len(vertices)
    return Bust(
        vertices=vertices,
        faces=faces,
        normals=unit(vertices),
        rest=vertices,
        hair=np.zeros(count),
        hollow=np.zeros(count),
        lips=np.zeros(count),
        eyes=np.zeros(count, int),
        eye_centres=np.array([[0.3, -1, 0], [-0.3, -1, 0]]),
        turn=np.eye(3),
    )


class SlowCaster:
    """Every ray against every triangle (Möller and Trumbore, 1997)."""

    def __init__(self, vertices: np.ndarray, faces: np.ndarray) -> None:
        self.a, b, c = vertices[faces.T]
        self.ab, self.ac = b - self.a, c - self.a

    def first(self, origins: np.ndarray, directions: np.ndarray) -> Hits:
        across = np.cross(directions[:, None], self.ac)
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = 1 / np.einsum("rfi,fi->rf", across, self.ab)
            start = origins[:, None] - self.a
            u = np.einsum("rfi,rfi->rf", start, across) * scale
            other = np.cross(start, self.ab)
            v = np.einsum("ri,rfi->rf", directions, other) * scale
            far = np.einsum("rfi,fi->rf", other, self.ac) * scale
            far[~((u >= 0) & (v >= 0) & (u + v <= 1) & (far > 1e-6))] = np.inf
        triangles = far.argmin(1)
        rays = np.flatnonzero(np.isfinite(far.min(1)))
        triangles = triangles[rays]
        u, v = u[rays, triangles], v[rays, triangles]
        return Hits(rays, triangles, np.stack([1 - u - v, u, v], axis=1))

    def blocked(self, origins: np.ndarray, directions: np.ndarray) -> np.ndarray:
        return np.isin(np.arange(len(origins)), self.first(origins, directions).rays)


class BallCaster:
    """The mesh of `ball_bust`, by arithmetic on the sphere: quick, and nothing is in the way."""

    def first(self, origins: np.ndarray, directions: np.ndarray) -> Hits:
        middle = np.einsum("ij,ij->i", origins, directions)
        under = middle**2 - np.einsum("ij,ij->i", origins, origins) + 1
        rays = np.flatnonzero(under > 0)
        far = -middle[rays] - np.sqrt(under[rays])
        x, y, z = (origins[rays] + far[:, None] * directions[rays]).T
        down = np.arccos(np.clip(z, -1, 1)) / np.pi * RINGS
        around = np.arctan2(y, x) % (2 * np.pi) / (2 * np.pi) * SECTORS
        ring, sector = np.minimum(down.astype(int), RINGS - 1), around.astype(int) % SECTORS
        a, b = down - ring, around % SECTORS - sector
        lower = a >= b
        weights = np.where(
            lower[:, None],
            np.stack([1 - a, a - b, b], axis=1),
            np.stack([1 - b, a, b - a], axis=1),
        )
        return Hits(rays, ring * SECTORS + sector + RINGS * SECTORS * ~lower, weights)

    def blocked(self, origins: np.ndarray, directions: np.ndarray) -> np.ndarray:
        return np.zeros(len(origins), bool)


class DarkCaster(BallCaster):
    """Everything is hidden from every light."""

    def blocked(self, origins: np.ndarray, directions: np.ndarray) -> np.ndarray:
        return np.ones(len(origins), bool)
