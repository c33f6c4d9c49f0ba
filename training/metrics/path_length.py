"""Perceptual path length: how much pictures change as a latent moves (Karras et al. 2019,
StyleGAN, Section 4.1): E d(g(s(t)), g(s(t + ε))) / ε² with ε = 1e-4 and LPIPS as d.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from networks.base import NoiseInput
from training.metrics.names import Metric
from training.metrics.pictures import Generated, coloured, own_random_numbers

EPSILON: Final = 1e-4
_STRAIGHT: Final = 1e-6  # radians
_LARGEST: Final = 256  # pixels a side at which LPIPS looks


def lengths(
    metric: Metric, generated: Generated, distance: Callable[[Tensor], Tensor]
) -> Callable[[range], Tensor]:
    """A function from numbers of pictures to lengths [N, 1].

    metric: its `space` says whether paths between two latents lie in Z, on the sphere, or in W,
        straight; `sampling`, whether lengths are taken anywhere on the path or at its start;
        `crop`, whether only the face of a portrait counts.
    generated: the pictures; both ends of a length see the same noise.
    distance: gives the distances of the pairs in [2N, 3, H, W], 0…255.
    """
    # Half precision rounds more than ε moves.
    G = copy.deepcopy(generated.G)
    G.set_precision("float32")

    def work(numbers: range) -> Tensor:
        z, c = generated.latents(numbers, points=2)
        t = _places(metric, generated.first, numbers).to(z.device)
        ends = []
        for at in (t, t + EPSILON):
            if metric.space == "z":
                w = G.map(spherical(z[: len(c)], z[len(c) :], at), c)
            else:
                a, b = G.map(z, torch.cat([c, c])).double().chunk(2)
                w = torch.lerp(a, b, at).float()
            with own_random_numbers(generated.device, generated.first + numbers.start):
                img = G.render(w[:, None].expand(-1, G.num_ws, -1), NoiseInput("random", seed=None))
            ends.append(prepared(img, metric.crop))
        return distance(torch.cat(ends)) / EPSILON**2

    return work


def _places(metric: Metric, first: int, numbers: range) -> Tensor:
    """The place t on each path, float64 [N, 1]."""
    if metric.sampling == "end":
        return torch.zeros(len(numbers), 1, dtype=torch.float64)
    draws = [np.random.Generator(np.random.Philox(key=first + n)).random() for n in numbers]
    return torch.tensor(draws, dtype=torch.float64)[:, None]


def spherical(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """The point at t (float64 [N, 1]) of the great arc from a to b, [N, d], of length √d.

    Shoemake 1985, "Animating Rotation with Quaternion Curves", Section 3.3. Latents are normalised
    before they are mapped, so only their directions count.
    """
    a, b = F.normalize(a.double(), dim=1), F.normalize(b.double(), dim=1)
    theta = torch.acos((a * b).sum(dim=1, keepdim=True).clamp(-1, 1))
    arc = (torch.sin((1 - t) * theta) * a + torch.sin(t * theta) * b) / torch.sin(theta)
    # So near to each other the arc is its chord, and the quotient 0 / 0.
    point = torch.where(theta > _STRAIGHT, arc, torch.lerp(a, b, t))
    return (point * math.sqrt(a.shape[1])).float()


def prepared(img: Tensor, crop: bool) -> Tensor:
    """img [N, C, R, R] in −1…1 -> [N, 3, H, W] in 0…255, not rounded: ε is smaller than a step.

    crop: the middle half in width, and in height from 3/8 to 7/8: the face in aligned portraits.
    """
    if crop:
        eighth = img.shape[-1] // 8
        img = img[:, :, 3 * eighth : 7 * eighth, 2 * eighth : 6 * eighth]
    factor = img.shape[-1] // _LARGEST
    if factor > 1:
        img = F.avg_pool2d(img, factor)
    return coloured(img * 127.5 + 127.5)


def typical(lengths: Tensor) -> float:
    """The mean of lengths without the lowest and the highest hundredth, as published."""
    ordered, _ = lengths.double().flatten().sort()
    last = len(ordered) - 1
    lowest, highest = last // 100, -(-99 * last // 100)
    return float(ordered[lowest : highest + 1].mean())
