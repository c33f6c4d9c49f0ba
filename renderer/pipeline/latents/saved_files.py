"""Latents in files, as a network takes them: fitted to it, and each file read once."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from common.errors import UserError, reason
from common.files import Signature, signature
from common.lru import Lru
from common.units import counted
from renderer.messages.request import RenderRequest, SavedW, Source
from renderer.pipeline.latents import saved_w
from renderer.pipeline.models import Model

_REMEMBERED = saved_w.MAX_BYTES
"""How many bytes of files are kept: as many as a single one may have, so most stay."""


class SavedFiles:
    """Reads w and noise maps, and remembers files while they stay as they are."""

    def __init__(self) -> None:
        self._files: Lru[tuple[str, Signature], saved_w.SavedLatent] = Lru(
            _REMEMBERED, size_of=lambda latent: latent.nbytes
        )

    def rows(self, model: Model, source: SavedW) -> Tensor:
        """Return a saved w; a single row of a file is repeated for all: [num_ws, w_dim]."""
        path, info = source.path, model.info
        if source.data:
            return torch.from_numpy(saved_w.carried_w(source, info.num_ws, info.w_dim, info.name))
        w = self._read(path).w
        wanted = saved_w.rows_in_words(info.num_ws, info.w_dim)
        if w.shape[-1] != info.w_dim:
            raise UserError(
                f"{path} holds {_size(w)}, but {info.name} takes {wanted}.",
                "It was saved from another network.",
            )
        if w.ndim == 3 and w.shape[1] != info.num_ws and info.w_is_z:
            raise UserError(
                f"{path} holds {counted(w.shape[1], 'row')} of w, but {info.name} has no w: it "
                "draws from z.",
                "It was saved from a network with a mapping network.",
            )
        if w.ndim == 3 and w.shape[1] != info.num_ws:
            raise UserError(
                f"{path} holds {_size(w)}, but {info.name} takes {wanted}.",
                "It was saved from a network with another number of layers.",
            )
        if w.ndim == 1:
            w = w[None]
        if not 0 <= source.index < len(w):
            raise UserError(
                f"{path} has no latent number {source.index}.",
                f"It holds {len(w)}, counted from 0.",
            )
        return torch.from_numpy(w[source.index]).expand(info.num_ws, info.w_dim)

    def count(self, source: Source) -> int:
        """How many latents a saved w is one of, 0 for other sources: those of its file.

        Raises UserError where the file cannot be read.
        """
        if not isinstance(source, SavedW):
            return 0
        if source.data:
            return 1
        w = self._read(source.path).w
        return 1 if w.ndim == 1 else len(w)

    def noise_maps(self, model: Model, request: RenderRequest) -> dict[str, Tensor]:
        """The noise maps that come with the source of a request, [H, W] by layer, on the CPU.

        They take the place of the network's own in `const`. Layers that the network lacks are left
        out. Raises UserError where one is of another size.
        """
        source = request.source
        if not isinstance(source, SavedW) or request.noise.mode != "const":
            return {}
        sizes = {layer.name: layer.shape for layer in model.generator.layers if layer.noise}
        found = {n: m for n, m in self._maps(source).items() if n in sizes}
        for name, noise in found.items():
            if noise.shape != sizes[name]:
                height, width = noise.shape
                rows, columns = sizes[name]
                raise UserError(
                    f"{source.path} holds noise of {width}×{height} for {name}, but "
                    f"{model.info.name} takes {columns}×{rows}.",
                    "It was saved from another network.",
                )
        return {name: torch.from_numpy(noise) for name, noise in found.items()}

    def _maps(self, source: SavedW) -> dict[str, npt.NDArray[np.float32]]:
        """The noise maps in the file of a saved w. Raises UserError where it cannot be read.

        A w that the request carries is drawn without a file too. The noise of a file that holds
        another w belongs to another picture, unless the file is named after that noise: a drag
        moves w alone, so all that it comes to shares one such file.
        """
        if not source.data:
            return self._read(source.path).maps
        try:
            saved = self._read(source.path)
        except UserError:  # it need not be there
            return {}
        named = Path(source.path).stem == saved.maps_name
        known = named or saved.w.astype("<f4").tobytes() == source.data
        return saved.maps if known else {}

    def _read(self, path: str) -> saved_w.SavedLatent:
        try:
            now = signature(os.stat(os.path.expanduser(path)))
        except OSError as error:
            raise UserError(f"Cannot read the saved w {path}: {reason(error)}.") from error
        key = (path, now)
        if (known := self._files.get(key)) is not None:
            return known
        latent = saved_w.read_latent(path)
        self._files.put(key, latent)
        return latent


def _size(w: npt.NDArray[np.float32]) -> str:
    """Say how many numbers one of the latents of a file has."""
    return saved_w.rows_in_words(w.shape[1] if w.ndim == 3 else 1, w.shape[-1])
