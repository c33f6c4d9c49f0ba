"""Noise maps that are searched with w, and what keeps them noise (StyleGAN2, Appendix D)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor

from networks.base import Generator, NoiseInput

_SMALLEST = 8


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
    """Σ over maps and scales of the squared correlation of neighbours, which white noise lacks.

    Each scale is the one before averaged over 2×2 squares and doubled, which keeps its variance;
    the smallest has 8 pixels a side.
    """
    total = torch.zeros([])
    for noise in maps:
        x = noise[None, None]
        while True:
            for axis in (2, 3):
                total = total.to(x.device) + (x * x.roll(1, axis)).mean().square()
            if x.shape[-1] <= _SMALLEST:
                break
            x = F.avg_pool2d(x, 2) * 2
    return total


@torch.no_grad()
def normalise(maps: Iterable[Tensor]) -> None:
    """Bring each map back to zero mean and unit variance, in place."""
    for noise in maps:
        noise -= noise.mean()
        noise *= (noise.square().mean() + 1e-12).rsqrt()
