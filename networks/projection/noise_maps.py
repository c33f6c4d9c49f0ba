"""Noise maps that are searched with w, and what keeps them noise (StyleGAN2, Appendix D)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from networks.base import Generator, NoiseInput
from networks.features.distance import halved

_SMALLEST = 8
"""Pixels a side of the coarsest scale at which noise is looked at."""


_LEAST_STD = 1e-6
"""What a map is divided by at least: a constant one becomes 0."""


class _Recorder(NoiseInput):
    """Writes down what noise a network asks for."""

    def sample(self, name: str, const: Tensor, batch: int) -> Tensor | None:
        self.asked[name] = const.detach().clone()
        return super().sample(name, const, batch)

    @property
    def asked(self) -> dict[str, Tensor]:
        """The network's own maps, by the names of layers."""
        found: dict[str, Tensor] = self.__dict__.setdefault("_asked", {})
        return found


def own_maps(G: Generator, ws: Tensor) -> dict[str, Tensor]:
    """The network's own noise, [H, W] by layer; empty for a network without any.

    ws: any w, [1, num_ws, w_dim]: the network is run once.
    """
    recorder = _Recorder()
    with torch.no_grad():
        G.render(ws, recorder)
    return recorder.asked


def correlation(maps: Iterable[Tensor]) -> Tensor:
    """Σ over maps, scales and axes of the squared correlation of neighbours: 0 for white noise.

    maps: [H, W] each, of which the borders count as neighbours of the opposite ones.
    """
    parts = [
        _neighbours(scale, axis).square()
        for noise in maps
        for scale in _scales(noise)
        for axis in (0, 1)
    ]
    return torch.stack(parts).sum() if parts else torch.zeros([])


def _neighbours(noise: Tensor, axis: int) -> Tensor:
    """(1 / HW) Σ n(x, y) n(x − 1, y) of a map [H, W], or the same along the other axis."""
    return torch.dot(noise.flatten(), noise.roll(1, axis).flatten()) / noise.numel()


def _scales(noise: Tensor) -> Iterator[Tensor]:
    """A map [H, W], then it at ½, ¼ … of its size, down to 8 pixels of a side.

    Doubled after each average over 2×2 squares, since a mean of four has a quarter of the variance.
    """
    yield noise
    while min(noise.shape) > _SMALLEST:
        noise = 2 * halved(noise[None])[0]
        yield noise


@torch.no_grad()
def normalise(maps: Iterable[Tensor]) -> None:
    """Bring each map back to zero mean and unit variance, in place."""
    for noise in maps:
        std, mean = torch.std_mean(noise, correction=0)
        noise.sub_(mean).div_(std.clamp(min=_LEAST_STD))
