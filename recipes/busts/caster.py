"""Rays against triangles: what pictures need of a ray caster, and Embree behind it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

import numpy as np

from recipes.busts.body import missing


@dataclass(frozen=True, slots=True)
class Hits:
    """Where rays hit a mesh.

    rays: [H], the numbers of the rays that hit.
    triangles: [H], the triangle that each of them hits.
    weights: [H, 3], the shares of its three corners in the point that is hit.
    """

    rays: np.ndarray
    triangles: np.ndarray
    weights: np.ndarray


class Caster(Protocol):
    """Holds a mesh, and sends rays at it. Origins and directions are [R, 3]."""

    def first(self, origins: np.ndarray, directions: np.ndarray) -> Hits:
        """The first triangle that each ray meets."""

    def blocked(self, origins: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """Whether each ray meets any triangle, bool [R]."""


class EmbreeCaster:
    """A mesh of vertices [V, 3] and faces [F, 3]. Raises UserError where Embree is missing."""

    def __init__(self, vertices: np.ndarray, faces: np.ndarray) -> None:
        meshes, scenes = embree()
        self._scene = scenes.EmbreeScene()
        meshes.TriangleMesh(self._scene, vertices.astype(np.float32), faces.astype(np.int32))

    def first(self, origins: np.ndarray, directions: np.ndarray) -> Hits:
        found = self._scene.run(
            origins.astype(np.float32), directions.astype(np.float32), output=True
        )
        rays = np.flatnonzero(found["primID"] >= 0)
        u, v = found["u"][rays].astype(np.float64), found["v"][rays].astype(np.float64)
        return Hits(rays, found["primID"][rays], np.stack([1 - u - v, u, v], axis=1))

    def blocked(self, origins: np.ndarray, directions: np.ndarray) -> np.ndarray:
        found = self._scene.run(
            origins.astype(np.float32), directions.astype(np.float32), query="OCCLUDED"
        )
        return np.asarray(found) >= 0


def embree() -> tuple[Any, Any]:
    """Embree's modules for meshes and for scenes. Raises UserError where it is missing."""
    try:
        return import_module("embreex.mesh_construction"), import_module("embreex.rtcore_scene")
    except ImportError as error:
        raise missing(error) from error
