"""The axes along which the output of a layer spreads, led back to w (Härkönen et al. 2020,
"GANSpace", Section 3.2).

Outputs y of a layer for random w are gathered a few at a time. With v_k the principal axes of y and
x_k = v_k·(y − mean) the coordinates along them, the direction of the k-th is the u_k of the least
Σ |u_k·x_k − (w − mean)|², which is u_k = Σ x_k·(w − mean) / Σ x_k²: as coordinates are not
correlated, each is found by itself.

Memory is bounded whatever the layer: only mean and covariance of (y, w) are kept, where y of more
than `SKETCH` numbers is sketched first. Every number is added with a random sign to one of `SKETCH`
sums (Charikar et al. 2002, "count sketch"), which keeps products of any two outputs up to about
1/√SKETCH of their lengths, and so what the largest axes are made of. Smaller layers are exact.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor

from networks.base import Generator, NoiseInput, State
from networks.directions.spread import Array, Draws, Moments
from networks.directions.without_labels import Axes, with_sign

SKETCH: Final = 2048
"""How many numbers of an output are kept at most."""
_PIECE: Final = 32
"""Samples that are taken at once at most;"""
_NUMBERS: Final = 1 << 22
"""and numbers of outputs, 16 MiB of them, so that a step remains a moment."""
_MERGED: Final = 256
"""So many outputs are merged at once, which costs less than a few at a time."""
_LEAST: Final = 1e-9
"""The variance, as a share of the largest, below which an axis is only rounding."""


class LayerSampling:
    """Gathers outputs of a layer; whoever holds one may stop between two pieces."""

    def __init__(
        self, generator: Generator, layer: str, count: int, seed: int, label: int | None
    ) -> None:
        """generator: in eval mode; it is used where it is.

        layer: one of its layers. count: of the samples, at least 2. seed: of z, of the classes, and
        of the sketch. label: the class of all samples; None draws one for each.
        """
        if count < 2:
            raise ValueError(f"axes take two samples or more, not {count}")
        self._generator, self._layer, self._count = generator, layer, count
        self._draws = Draws(generator, seed, label)
        place = next(each for each in generator.layers if each.name == layer)
        size = place.channels * place.shape[0] * place.shape[1]
        self._kept, self._at_once = min(size, SKETCH), min(max(1, _NUMBERS // size), _PIECE)
        self._moments = Moments(self._kept + generator.w_dim)
        self._held: list[Array] = []
        self._sketch: tuple[Tensor, Tensor] | None = None
        if size > SKETCH:
            device = next(generator.parameters()).device
            draws = np.random.RandomState([seed, 2])
            sums = torch.from_numpy(draws.randint(SKETCH, size=size)).to(device)
            signs = torch.from_numpy(draws.randint(2, size=size) * 2.0 - 1.0).to(device)
            self._sketch = sums, signs

    @property
    def fraction(self) -> float:
        """How much is done, 0…1."""
        return self._done / self._count

    @property
    def finished(self) -> bool:
        """Whether all samples have been taken."""
        return self._done >= self._count

    @property
    def _done(self) -> int:
        return self._moments.count + sum(len(piece) for piece in self._held)

    def step(self) -> None:
        """Take the next piece."""
        w = self._draws.w(min(self._at_once, self._count - self._done))
        both = torch.cat([self._outputs(w), w.double()], 1)
        self._held.append(np.asarray(both.cpu().numpy()))
        if self.finished or sum(len(piece) for piece in self._held) >= _MERGED:
            self._moments.add(np.concatenate(self._held))
            self._held = []

    def axes(self, count: int) -> Axes:
        """The directions in w, at most `count`, and the share of each axis in the variance.

        All samples have been taken.
        """
        covariance = self._moments.covariance()
        if not np.isfinite(covariance).all():
            return Axes(np.zeros((0, self._generator.w_dim)), np.zeros(0))
        values, columns = np.linalg.eigh(covariance[: self._kept, : self._kept])
        values, columns = np.maximum(values[::-1], 0.0), columns[:, ::-1]
        some = min(count, int((values > _LEAST * values[0]).sum()))
        led = covariance[self._kept :, : self._kept] @ columns[:, :some] / values[:some]
        if self._generator.w_is_z:
            led[self._generator.z_dim :] = 0  # the label behind z stays
        length = np.linalg.norm(led, axis=0)
        moved = length > 0
        vectors = with_sign((led[:, moved] / length[moved]).T)
        return Axes(vectors, values[:some][moved] / values.sum())

    def _outputs(self, w: Tensor) -> Tensor:
        """The outputs of the layer for w [N, w_dim], as they are kept: [N, kept] in float64."""
        caught: list[Tensor] = []

        def look(name: str, x: Tensor) -> Tensor:
            if name == self._layer:
                caught.append(x)
            return x

        ws = w[:, None].expand(-1, self._generator.num_ws, -1)
        state = State(None, None)
        for stage in self._generator.stages:
            if caught:
                break
            state = stage(state, ws, NoiseInput(), look)
        flat = caught[0].reshape(len(w), -1).double()
        if self._sketch is None:
            return flat
        sums, signs = self._sketch
        return flat.new_zeros(len(w), SKETCH).index_add_(1, sums, flat * signs)
