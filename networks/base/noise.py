"""Where the noise of a picture comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class NoiseInput:
    """Where the noise inputs of a synthesis pass come from (StyleGAN, Section 2).

    mode: `none`, `const` (the network's own buffers) or `random` (drawn from `seed`: the same
        numbers on every device).
    seed: of `random`; None draws from torch's global generator, which is what training wants.
    strength: multiplies the learnt strength of all layers.
    layers: multiplies that of single layers, by their names.
    maps: what takes the place of the network's own buffers in `const`, by the names of layers:
        [H, W] each, on the network's device.
    """

    mode: Literal["none", "const", "random"] = "const"
    seed: int | None = 0
    strength: float = 1.0
    layers: Mapping[str, float] = field(default_factory=dict)
    maps: Mapping[str, Tensor] = field(default_factory=dict)

    def sample(self, name: str, const: Tensor, batch: int) -> Tensor | None:
        """Noise for the layer `name`: [1 or N, 1, H, W] float32 like `const` [H, W], or None."""
        scale = self.strength * self.layers.get(name, 1.0)
        if self.mode == "none" or scale == 0:
            return None
        if self.mode == "const":
            noise = self.maps.get(name, const)[None, None]
        elif self.seed is None:
            noise = torch.randn(batch, 1, *const.shape, device=const.device)
        else:
            key = np.array([self.seed & 0xFFFF_FFFF_FFFF_FFFF, _name_key(name)], np.uint64)
            rng = np.random.Generator(np.random.Philox(key=key))
            draw = rng.standard_normal((batch, 1, *const.shape), np.float32)
            noise = torch.from_numpy(draw).to(const.device)
        return noise if scale == 1 else noise * scale


def _name_key(name: str) -> int:
    # Built-in hash() is salted per process; the same seed must give the same noise everywhere.
    key = 0xCBF29CE484222325
    for byte in name.encode():
        key = ((key ^ byte) * 0x100000001B3) & 0xFFFF_FFFF_FFFF_FFFF
    return key
