"""Spreads of w that were measured, kept in memory and on disk by the content of the weights."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from common.cache_folder import cache_folder
from common.files import open_file, replace_file
from common.lru import Lru
from networks.directions.spread import Spread

_REMEMBERED: Final = 8
_MAX_BYTES: Final = 512 << 20


class Spreads:
    """Spreads by name (`networks.directions.spread.mapping_digest`).

    A file that cannot be read is as good as none, and one that cannot be written stops nothing.
    folder: where they are kept; None for the user's cache.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._known: Lru[str, Spread] = Lru(_REMEMBERED)

    def get(self, name: str) -> Spread | None:
        """What was put under this name, None where nothing was."""
        known = self._known.get(name)
        if known is None:
            known = self._read(self._path(name))
            if known is not None:
                self._known.put(name, known)
        return known

    def put(self, name: str, spread: Spread) -> None:
        """Keep a spread."""
        self._known.put(name, spread)
        path = self._path(name)
        tensors = {"mean": spread.mean, "covariance": spread.covariance}
        data = save({**tensors, "samples": np.array([spread.samples])})
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, data)
        except OSError:
            return  # it is measured again in the next run of the program

    def _path(self, name: str) -> Path:
        folder = cache_folder("directions") if self._folder is None else self._folder
        return folder / f"{name}.safetensors"

    def _read(self, path: Path) -> Spread | None:
        try:
            with open_file(path) as file:
                tensors = load(file.read(_MAX_BYTES))
            mean, covariance = tensors["mean"], tensors["covariance"]
            samples = int(tensors["samples"][0])
        except (OSError, SafetensorError, KeyError, IndexError, ValueError):
            return None
        whole = mean.shape[:1] * 2 == covariance.shape and mean.dtype == covariance.dtype
        if not whole or mean.dtype != np.float64 or not np.isfinite(covariance).all():
            return None
        return Spread(mean, covariance, samples)
