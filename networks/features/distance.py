"""How far two pictures are apart, in the features of something that looks at them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final, TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

Look: TypeAlias = Callable[[Tensor], list[Tensor]]
"""img [N, C, H, W], about −1…1, C 1, 3 or 4 -> maps [N, C', H', W'] of any number and sizes."""

LARGEST: Final = 256
"""Pixels a side of what is compared: features were trained with pictures of about this size."""


@dataclass(frozen=True)
class Distance:
    """d(a, b) = Σ over maps of the mean over positions of |a − b|² (Zhang et al. 2018, eq. 1).

    name: what it is called, in files and messages.
    look: what turns a picture into the maps, which hold any weights.
    any_size: whether pictures may be of any size; False: only of the generator's own.
    """

    name: str
    look: Look
    any_size: bool = True

    def to(self, target: Tensor) -> Callable[[Tensor], Tensor]:
        """The distance to one picture [1, C, H, W]: a function of pictures [N, C, H, W] -> [N].

        What the target looks like is computed once.
        """
        with torch.no_grad():
            wanted = [found.detach() for found in self.look(target)]
        return lambda img: apart(self.look(img), wanted)


def apart(seen: Sequence[Tensor], wanted: Sequence[Tensor]) -> Tensor:
    """Σ over maps of the mean over positions of |seen − wanted|²: [N]."""
    parts = [(a - b).square().sum(1).mean((1, 2)) for a, b in zip(seen, wanted, strict=True)]
    return torch.stack(parts).sum(0)


def added(distances: Sequence[Distance]) -> Distance:
    """The sum of distances, under their names joined by `+`."""
    if len(distances) == 1:
        return distances[0]

    def look(img: Tensor) -> list[Tensor]:
        return [found for distance in distances for found in distance.look(img)]

    name = "+".join(distance.name for distance in distances)
    return Distance(name, look, all(distance.any_size for distance in distances))


def unit(x: Tensor) -> Tensor:
    """x [N, C, H, W] scaled to unit length along the channels, at every position."""
    return F.normalize(x, dim=1, eps=1e-8)


def in_colour(img: Tensor) -> Tensor:
    """img [N, 1, 3 or 4, H, W] -> [N, 3, H, W]: grey ones repeated, alpha (−1…1) laid on grey."""
    if img.shape[1] == 4:
        return img[:, :3] * (img[:, 3:] + 1) / 2
    return img if img.shape[1] == 3 else img[:, :1].expand(-1, 3, -1, -1)


def halved(x: Tensor) -> Tensor:
    """x [N, C, H, W] averaged over 2×2 squares."""
    return F.avg_pool2d(x, 2)


def weighted(maps: Sequence[Tensor], weight: float) -> list[Tensor]:
    """Maps whose squared distances count `weight` times."""
    return [found * sqrt(weight) for found in maps]


def reduced(img: Tensor) -> Tensor:
    """img [N, C, R, R] averaged over squares to at most LARGEST pixels a side, as is published
    (StyleGAN2, Appendix D)."""
    factor = -(-img.shape[-1] // LARGEST)
    return img if factor == 1 else F.avg_pool2d(img, factor, ceil_mode=True)


def enlarged(img: Tensor, smallest: int) -> Tensor:
    """img [N, C, R, R] with its pixels repeated until a side has at least `smallest` of them: what
    halves a picture again and again has nothing left of a smaller one."""
    factor = -(-smallest // img.shape[-1])
    return img if factor == 1 else img.repeat_interleave(factor, 2).repeat_interleave(factor, 3)
