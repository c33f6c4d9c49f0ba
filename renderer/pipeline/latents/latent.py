"""Sources -> w. Everything is blended on the CPU in float32, the same on every device."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from common.errors import UserError
from common.lru import Lru
from networks.base import truncate
from renderer.messages.request import (
    SEEDS,
    Arc,
    Average,
    ClassLabel,
    MixSource,
    Plane,
    RenderRequest,
    SavedW,
    Seed,
    Source,
    corners,
)
from renderer.pipeline.latents import directions
from renderer.pipeline.latents.arc import on_arc
from renderer.pipeline.latents.labels import label_vector, one_hot
from renderer.pipeline.latents.saved_files import SavedFiles
from renderer.pipeline.models import Model

_REMEMBERED_SEEDS = 4096
"""How many are kept: 8 MiB of 512 floats, hours of dragging, and nothing beside a network."""
_LEAST_TOTAL = 1e-6
"""The least that the weights of an average may add up to: they are divided by it."""

_SeedKey: TypeAlias = tuple[int, int, int | None]
"""What the output of a mapping network depends on: the network's revision, the seed, the class."""


class Latents:
    """Turns sources into w, and remembers outputs of mapping networks.

    saved: the latents in files, which it remembers as well.
    """

    def __init__(self) -> None:
        self._mapped: Lru[_SeedKey, Tensor] = Lru(_REMEMBERED_SEEDS)
        self.saved = SavedFiles()

    def clear(self) -> None:
        """Forget mapping outputs (the device or the precision has changed)."""
        self._mapped.clear()

    def ws(self, model: Model, request: RenderRequest) -> Tensor:
        """Return the w of a request, mixed, then truncated, then moved along its directions.

        The result is [1, num_ws, w_dim], float32 on the CPU. Where classes have centres of their
        own, truncation is towards that of the request's class, whatever the source.

        Truncation is a function of one row, so mixing before it and after it are the same. It has
        no effect on a network without a w_avg, and neither have mixing weights of rows that the
        network lacks: settings survive a change of network.
        Raises UserError for what this network has no w for.
        """
        rows = self._rows(model, request.source, request.label)
        rows = _mix(rows, self._shares(model, request))[None]
        curve, psi = request.truncation.curve, request.truncation.psi
        _require_finite("psi", psi, *(curve or ()))
        c = None
        if model.w_avg is not None and model.w_avg.ndim == 2:  # one of each class
            c = label_vector(model, request.label)
        if curve is not None:
            rows = truncate(rows, model.w_avg, curve, c=c)
        else:
            rows = truncate(rows, model.w_avg, psi, request.truncation.cutoff, c)
        movement = directions.movement(request.directions, model.info.num_ws, model.info.w_dim)
        if movement is None:
            return rows
        step = torch.from_numpy(movement)
        # Rows that are not moved stay as they are to the last bit, so their stages are reused.
        moved = torch.where(step != 0, (rows.double() + step).float(), rows)
        return _as_long(moved, [(rows, 1.0)], model)

    def _shares(self, model: Model, request: RenderRequest) -> Iterator[tuple[Tensor, Tensor]]:
        for mix in request.mix:
            share = _share(mix, model.info.num_ws)
            if share.any():
                yield share, self._rows(model, mix.source, request.label)

    def _rows(self, model: Model, source: Source, label: ClassLabel | None) -> Tensor:
        """Return the w of a source, not mixed and not truncated: [num_ws, w_dim]."""
        if isinstance(source, SavedW):
            return self.saved.rows(model, source)
        if isinstance(source, Average):
            return self._average(model, source)
        if not model.info.c_dim:
            w = self._blended(model, source, None)
        else:
            label = label or ClassLabel()
            _require_finite("class blend t", label.t)
            t = 0.0 if label.second is None else label.t
            w = self._blended(model, source, label.first)
            if label.second is not None and t != 0:
                other = self._blended(model, source, label.second)
                w = other if t == 1 else (1 - t) * w + t * other
        return w.expand(model.info.num_ws, -1)

    def _average(self, model: Model, source: Average) -> Tensor:
        """The weighted mean of what the latents of an average are drawn from: [num_ws, w_dim]."""
        weights = [share.weight for share in source.parts]
        _require_finite("weights of an average", *weights)
        total = sum(weights)
        if abs(total) < _LEAST_TOTAL:
            raise UserError(
                "The weights of the average add up to nothing.", "Give one of them some weight."
            )
        mean = torch.zeros(model.info.num_ws, model.info.w_dim)
        parts: list[tuple[Tensor, float]] = []
        for share in source.parts:
            if share.weight:
                request = RenderRequest(
                    source=share.source,
                    label=share.label,
                    truncation=share.truncation,
                    mix=share.mix,
                    directions=share.directions,
                )
                parts.append((self.ws(model, request)[0], share.weight / total))
                mean += parts[-1][0] * parts[-1][1]
        return _as_long(mean, parts, model)

    def _blended(self, model: Model, source: Seed | Plane | Arc, label: int | None) -> Tensor:
        """Return the w of a seed, of an arc, or of a point of the plane by its corners: [w_dim]."""
        if isinstance(source, Seed):
            return self._map(model, source.seed, label)
        if isinstance(source, Arc):
            return self._on_arc(model, source, label)
        _require_finite("x and y", source.x, source.y)
        parts = [
            (self._map(model, corner.seed, label), corner.weight)
            for corner in corners(source)
            if corner.weight
        ]
        w = parts[0][0] if parts[0][1] == 1 else parts[0][0] * parts[0][1]
        for corner, share in parts[1:]:
            w = w + corner * share
        return w if len(parts) == 1 else _as_long(w, parts, model)

    def _map(self, model: Model, seed: int, label: int | None) -> Tensor:
        """Return the w of one seed: [w_dim].

        Each seed is mapped by itself, so that a batch never changes the last digit.
        """
        key = (model.revision, seed, label)
        if (known := self._mapped.get(key)) is not None:
            return known
        w = _mapped(model, _z(model, seed), label)
        self._mapped.put(key, w)
        return w

    def _on_arc(self, model: Model, arc: Arc, label: int | None) -> Tensor:
        """Return the w of a point between the z of two seeds: [w_dim]."""
        _require_finite("places on an arc", arc.t, arc.turn)
        if (arc.t, arc.turn) in ((0, 0), (1, 0)):
            return self._map(model, arc.second if arc.t else arc.first, label)
        return _mapped(model, on_arc(_z(model, arc.first), _z(model, arc.second), arc), label)


def _z(model: Model, seed: int) -> npt.NDArray[np.float64]:
    """Return the z of a seed: [z_dim]. Raises UserError where there is no such seed."""
    if not 0 <= seed < SEEDS:
        raise UserError(f"Seed {seed} is out of range.", "Seeds go from 0 to 4294967295.")
    z: npt.NDArray[np.float64] = np.random.RandomState(seed).randn(model.info.z_dim)
    return z


def _mapped(model: Model, z: npt.NDArray[np.float64], label: int | None) -> Tensor:
    """Return what the mapping network makes of a z [z_dim] and a class: [w_dim]."""
    device = next(model.generator.parameters()).device
    c = None if label is None else one_hot(label, model).to(device)
    z_in = torch.from_numpy(z[None].astype(np.float32)).to(device)
    return model.generator.map(z_in, c)[0].float().cpu()


def _as_long(blend: Tensor, parts: list[tuple[Tensor, float]], model: Model) -> Tensor:
    """A blend of w [..., w_dim] where w is z: as long as what it is made of, in the same blend.

    Networks without a mapping network know only z of about √z_dim; a mean of two is shorter. Where
    a label stands behind z, it stays as it is blended.
    """
    if not model.generator.w_is_z:
        return blend
    z = blend[..., : model.info.z_dim]
    wanted = sum(w[..., : z.shape[-1]].norm(dim=-1, keepdim=True) * share for w, share in parts)
    length = z.norm(dim=-1, keepdim=True)
    scale = torch.where(length > 0, wanted / length, torch.ones_like(length))
    return torch.cat([z * scale, blend[..., z.shape[-1] :]], -1)


def _mix(rows: Tensor, shares: Iterator[tuple[Tensor, Tensor]]) -> Tensor:
    """Blend w with others: (1 − Σ a)·w + Σ a_k·w_k per row, a divided by Σ a where that exceeds 1.

    rows: w, [num_ws, w_dim].
    shares: pairs of a_k, [num_ws, 1], and w_k, [num_ws, w_dim].
    """
    pairs = list(shares)
    if not pairs:
        return rows
    total = torch.stack([share for share, _ in pairs]).sum(0)
    scale = total.clamp(min=1)
    mixed = rows * (1 - total / scale)
    for share, other in pairs:
        # Exact where one source has weight 1 and where all have 0: x·1 + y·0 is x.
        mixed = mixed + other * (share / scale)
    return mixed


def _share(mix: MixSource, num_ws: int) -> Tensor:
    """Return the weights of a source for each row, 0 where none is given: [num_ws, 1]."""
    _require_finite("mixing weights", *mix.weights)
    share = torch.zeros(num_ws, 1)
    if mix.enabled:
        for index, weight in enumerate(mix.weights[:num_ws]):
            share[index] = min(max(weight, -1.0), 1.0)
    return share


def _require_finite(what: str, *values: float) -> None:
    if not all(math.isfinite(value) for value in values):
        raise UserError(f"The {what} must be finite numbers.")
