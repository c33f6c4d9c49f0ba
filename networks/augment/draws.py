"""The random numbers of one augmented batch."""

from __future__ import annotations

import torch
from torch import Tensor


class Draws:
    """Draws for n samples, float64 on the CPU.

    There they can be looked at without waiting for a GPU, and the same seed augments the same way
    on every device.
    n: samples in the batch.
    p: the probability that `happens` scales, 0…1.
    percentile: 0…1 makes everything happen, and every draw that percentile of its distribution;
    None draws at random.
    generator: what is drawn from, on the CPU; None for torch's own.
    Raises ValueError for a percentile out of range.
    """

    def __init__(
        self,
        n: int,
        p: float,
        percentile: float | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        if percentile is not None and not 0 <= percentile <= 1:
            raise ValueError(f"a percentile is between 0 and 1, not {percentile}")
        self.n, self.p, self.percentile, self.generator = n, p, percentile, generator

    def happens(self, multiplier: float) -> Tensor:
        """Draw whether a transformation is applied, with probability p · multiplier: bool [n]."""
        return self.chance(self.p * multiplier)

    def happens_before_or_after(self, multiplier: float) -> Tensor:
        """Draw so that at least one of two is true with probability p · multiplier: bool [n]."""
        return self.chance(1 - max(1 - self.p * multiplier, 0) ** 0.5)

    def chance(self, probability: float) -> Tensor:
        """Draw whether something of this probability, 0…1, is so: bool [n]."""
        if self.percentile is not None:
            return torch.ones(self.n, dtype=torch.bool)
        return self._unit() < probability

    def _unit(self) -> Tensor:
        return torch.rand(self.n, dtype=torch.float64, generator=self.generator)

    def uniform(self, low: float, high: float) -> Tensor:
        """Draw from U(low, high): [n]."""
        if self.percentile is not None:
            unit = torch.full([self.n], self.percentile, dtype=torch.float64)
        else:
            unit = self._unit()
        return low + (high - low) * unit

    def choice(self, count: int) -> Tensor:
        """Draw one of the whole numbers 0 … count − 1: float64 [n]."""
        return self.uniform(0, count).floor().clamp(max=count - 1)

    def normal(self, std: float) -> Tensor:
        """Draw from N(0, std²): [n]."""
        if self.percentile is None:
            return torch.randn(self.n, dtype=torch.float64, generator=self.generator) * std
        unit = torch.full([self.n], 2 * self.percentile - 1, dtype=torch.float64)
        return unit.erfinv() * std

    def half_normal(self, std: float) -> Tensor:
        """Draw the absolute value of N(0, std²): [n]."""
        if self.percentile is None:
            return self.normal(std).abs()
        unit = torch.full([self.n], self.percentile, dtype=torch.float64)
        return unit.erfinv() * std

    def lognormal(self, octaves: float) -> Tensor:
        """Draw 2 to the power of N(0, octaves²): [n]."""
        return self.normal(octaves).exp2()

    def white(self, like: Tensor) -> Tensor:
        """Draw N(0, 1) for every pixel of `like`."""
        if self.generator is None:
            return torch.randn_like(like)
        noise = torch.randn(like.shape, dtype=like.dtype, generator=self.generator)
        return to_device(noise, like)


def choose(condition: Tensor, value: Tensor, otherwise: float) -> Tensor:
    """Return value [n] where the transformation happens, and what changes nothing elsewhere."""
    return torch.where(condition, value, otherwise)


def to_device(values: Tensor, like: Tensor) -> Tensor:
    """Move numbers made on the CPU to the device and dtype of `like`, without waiting for it."""
    values = values.to(like.dtype)
    if like.device.type == "cuda":
        values = values.pin_memory()
    return values.to(like.device, non_blocking=True)
