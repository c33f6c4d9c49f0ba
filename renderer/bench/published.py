"""The recipe of StyleGAN2, Appendix D, written plainly: what our projection is measured against.

It shares with ours the network and the distance, so that what is compared is the method. Several
targets are searched side by side, each on its own, which takes less time than one by one.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterable, Iterator
from math import pi, sin

import torch
import torch.nn.functional as F
from torch import Tensor

from networks.base import Generator, NoiseInput
from networks.features.distance import Distance
from networks.projection.noise_maps import own_maps

_SAMPLES = 10_000
_LEARNING_RATE = 0.1
_NOISE_WEIGHT = 1e5
_SMALLEST = 8


class _Maps(NoiseInput):
    """Maps of its own for each picture, [N, H, W] by layer."""

    def sample(self, name: str, const: Tensor, batch: int) -> Tensor | None:
        return self.maps[name][:, None]


class Published:
    """The search of one w for each of N targets, from the average, and of their noise maps.

    steps: how many there are in all; `step` takes one.
    """

    def __init__(
        self,
        G: Generator,
        distance: Distance,
        targets: Tensor,
        c: Tensor | None,
        steps: int,
        own_noise: bool = False,
    ) -> None:
        """targets: [N, img_channels, R, R] in −1…1. c: [1, c_dim] of a conditional network.

        own_noise: begins at the network's own noise maps instead of random ones.
        """
        self._G, self.steps, self._done = copy.deepcopy(G).eval().requires_grad_(False), steps, 0
        self._apart = distance.to(targets)
        self._random = torch.Generator().manual_seed(303)
        z = torch.randn(_SAMPLES, G.z_dim, generator=self._random)
        with torch.no_grad():
            w = self._G.map(z, None if c is None else c.expand(_SAMPLES, -1))
        self._spread = w.var(0, correction=0).sum().sqrt()
        self._w = w.mean(0).repeat(len(targets), 1, 1).requires_grad_(True)
        own = own_maps(self._G, self._rows()[:1].detach())
        self._maps = {
            name: (
                noise.repeat(len(targets), 1, 1)
                if own_noise
                else torch.randn(len(targets), *noise.shape, generator=self._random)
            ).requires_grad_(True)
            for name, noise in own.items()
        }
        self._adam = torch.optim.Adam([self._w, *self._maps.values()])

    def step(self) -> None:
        """One step of all targets."""
        t = self._done / self.steps
        for group in self._adam.param_groups:
            group["lr"] = _LEARNING_RATE * rate(t)
        strength = 0.05 * self._spread * max(0.0, 1 - t / 0.75) ** 2
        wandering = torch.randn(self._w.shape, generator=self._random) * strength
        img = self._G.render(self._rows(wandering), _Maps(maps=self._maps))
        loss = self._apart(img).sum() + _NOISE_WEIGHT * correlation(self._maps.values())
        self._adam.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._adam.step()
        with torch.no_grad():
            for noise in self._maps.values():
                std, mean = torch.std_mean(noise, (1, 2), correction=0, keepdim=True)
                noise.sub_(mean).div_(std)
        self._done += 1

    @torch.no_grad()
    def pictures(self) -> Tensor:
        """[N, img_channels, R, R]."""
        return self._G.render(self._rows(), _Maps(maps=self._maps))

    def distances(self) -> list[float]:
        """Of the pictures, to their targets."""
        return [float(value) for value in self._apart(self.pictures())]

    def _rows(self, added: Tensor | float = 0.0) -> Tensor:
        return (self._w + added).expand(-1, self._G.num_ws, -1)


def rate(t: float) -> float:
    """The share of the full learning rate at t, which goes from 0 to 1 over all steps.

    It rises as a line over the first 5 % and falls as half a cosine wave over the last 25 %.
    """
    rise, fall = min(1.0, t / 0.05), min(1.0, (1 - t) / 0.25)
    return rise * sin(fall * pi / 2) ** 2


def correlation(maps: Iterable[Tensor]) -> Tensor:
    """Σ over maps [N, R, R], scales, axes and N of the squared mean of n(x, y) n(x − 1, y)."""
    total = torch.zeros([])
    for scale in itertools.chain.from_iterable(map(_scales, maps)):
        for axis in (1, 2):
            total = total + (scale * scale.roll(1, axis)).mean((1, 2)).square().sum()
    return total


def _scales(noise: Tensor) -> Iterator[Tensor]:
    """Maps [N, R, R], then at ½, ¼ … of their size, of the same variance, down to 8 pixels."""
    yield noise
    if noise.shape[-1] > _SMALLEST:
        yield from _scales(2 * F.avg_pool2d(noise, 2))
