"""Rays against triangles: what pictures need of a ray caster, and Embree behind it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

import numpy as np

from renderer.errors import UserError
from training.busts.body import INSTALL


@dataclass(frozen=True, slots=True)
class Hits:
    """The rays that hit: their numbers [H], triangles [H], and the weights [H, 3] of its corners
    at the point that is hit."""

    rays: np.ndarray
    triangles: np.ndarray
    weights: np.ndarray


class Caster(Protocol):
    """Holds a mesh."""

    def first(self, origins: np.ndarray, directions: np.ndarray) -> Hits:
        """The first triangle that each ray [R, 3] meets."""

    def blocked(self, origins: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """Whether each ray [R, 3] meets any triangle, bool [R]."""


class EmbreeCaster:
    """vertices [V, 3], faces [F, 3]. Raises UserError where `embreex` is missing."""

    def __init__(self, vertices: np.ndarray, faces: np.ndarray) -> None:
        try:
            meshes = import_module("embreex.mesh_construction")
            scenes = import_module("embreex.rtcore_scene")
        except ImportError as error:
            raise UserError(f"The package {error.name} is not installed.", INSTALL) from error
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
