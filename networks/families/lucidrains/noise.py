"""The noise of this family: one picture of even numbers, of which each layer sees the corner.

Its program draws numbers from 0…1. Here they are moved and scaled to mean 0 and variance 1, as the
noise of other families is, so that strengths and searches mean the same; who reads a file puts the
difference into the layers' own factors. No noise is then the middle of what its program draws.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from math import sqrt

import numpy as np
import torch
from torch import Tensor

from networks.base import NoiseInput


def standardised(picture: Tensor) -> Tensor:
    """Even numbers of 0…1 with mean 0 and variance 1."""
    return (picture - 0.5) * sqrt(12)


def own_noise(side: int) -> Tensor:
    """The picture of noise that a network has where nobody chose one: [side, side] float32."""
    return standardised(torch.from_numpy(np.random.RandomState(0).rand(side, side)).float())


def sample(noise: NoiseInput, name: str, const: Tensor, batch: int, side: int) -> Tensor | None:
    """Noise for the layer `name`: [1 or N, 1, H, W] like `const` [H, W], or None.

    side: of the network's pictures, which is that of the picture of noise.
    """
    scale = noise.strength * noise.layers.get(name, 1.0)
    if noise.mode != "random" or scale == 0:
        return noise.sample(name, const, batch)
    whole = _drawn(noise.seed, side) if noise.seed is not None else _draw(noise, side)
    rows, columns = const.shape
    return whole[:, :, :rows, :columns].to(const.device) * scale


@lru_cache(maxsize=1)
def _drawn(seed: int, side: int) -> Tensor:
    """Kept from layer to layer. Outside of inference mode, for a search may follow."""
    with torch.inference_mode(False):
        return _draw(NoiseInput("random", seed), side)


def _draw(noise: NoiseInput, side: int) -> Tensor:
    """Even numbers of the normal ones that all noise is drawn from: [1, 1, side, side]."""
    plain = replace(noise, strength=1.0, layers={})
    normal = plain.sample("noise", torch.empty(side, side), 1)
    assert normal is not None
    return standardised(torch.special.ndtr(normal))
