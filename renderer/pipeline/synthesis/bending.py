"""Operations on the activations of layers (Broad et al. 2021, "Network Bending", Section 3.2).

Each is a function of features x [N, C, H, W] and an amount a, and returns the same shape. What an
amount means, and which changes nothing, stands in `renderer.messages.bending.FACTS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from renderer.messages.bending import (
    Bend,
    Operation,
    amount_of,
    chosen_channels,
    does_something,
    heard,
)


@dataclass(frozen=True)
class Bends:
    """What is done to the outputs of layers, in the order of the request.

    layers: the bends of each layer, by its name.
    """

    layers: Mapping[str, tuple[Bend, ...]]

    @classmethod
    def of(cls, bends: Iterable[Bend]) -> Bends:
        """The bends of a request that are done."""
        layers: dict[str, tuple[Bend, ...]] = {}
        for bend in heard(tuple(bends)):
            layers[bend.layer] = (*layers.get(bend.layer, ()), bend)
        return cls(layers)

    def apply(self, name: str, x: Tensor) -> Tensor:
        """The output x [N, C, H, W] of a layer as it is bent, of the same shape and type."""
        for bend in self.layers.get(name, ()):
            x = bent(x, bend)
        return x


def bent(x: Tensor, bend: Bend) -> Tensor:
    """x [N, C, H, W] with one operation done to the channels of a bend."""
    channels = chosen_channels(bend, x.shape[1])
    if not channels or not does_something(bend):
        return x
    if len(channels) == x.shape[1]:
        return _done(x, bend, channels)
    index = torch.tensor(channels, device=x.device)
    return x.index_copy(1, index, _done(x[:, index], bend, channels))


def _done(x: Tensor, bend: Bend, channels: tuple[int, ...]) -> Tensor:
    amount = amount_of(bend)
    # Half precision would round sums of neighbours and places between pixels.
    full = x if x.dtype == torch.float64 else x.float()
    if bend.operation == "translate":
        y = moved(full, shift=(amount, bend.down))
    elif bend.operation == "noise":
        y = full + amount * _noise(full, bend.seed, channels)
    else:
        y = _SIMPLE[bend.operation](full, amount)
    return y.to(x.dtype)


def _largest(x: Tensor) -> Tensor:
    return x.abs().amax((2, 3), keepdim=True)


def clamped(x: Tensor, a: float) -> Tensor:
    """max(−b, min(x, b)) with b = (1 − a)·max |x| over the channel."""
    bound = (1 - a) * _largest(x)
    return torch.minimum(torch.maximum(x, -bound), bound)


def above(x: Tensor, a: float) -> Tensor:
    """x where |x| ≥ a·max |x| over the channel, 0 elsewhere."""
    return torch.where(x.abs() >= a * _largest(x), x, 0)


def power(x: Tensor, a: float) -> Tensor:
    """sign(x)·|x|ᵃ."""
    return x.sign() * x.abs() ** a


def blurred(x: Tensor, sigma: float) -> Tensor:
    """x convolved with a Gaussian of `sigma` pixels, cut off at 3 sigma; edges are repeated."""
    reach = max(math.ceil(3 * sigma), 1)
    at = torch.arange(-reach, reach + 1, dtype=x.dtype, device=x.device)
    kernel = torch.exp(-0.5 * (at / sigma) ** 2)
    kernel = kernel / kernel.sum()
    n, c, h, w = x.shape
    flat = x.reshape(n * c, 1, h, w)
    flat = functional.pad(flat, (reach, reach, reach, reach), mode="replicate")
    flat = functional.conv2d(flat, kernel.reshape(1, 1, 1, -1))
    return functional.conv2d(flat, kernel.reshape(1, 1, -1, 1)).reshape(n, c, h, w)


def dilated(x: Tensor, radius: float) -> Tensor:
    """The largest value of the square of pixels at most `radius` away, rounded."""
    r = round(radius)
    return functional.max_pool2d(x, 2 * r + 1, stride=1, padding=r)


def moved(
    x: Tensor, shift: tuple[float, float] = (0, 0), degrees: float = 0, scale: float = 1
) -> Tensor:
    """x scaled and turned about its middle, then shifted; what comes in is the mirror image.

    shift: to the right and down, in pictures. degrees: against the clock.
    """
    h, w = x.shape[2:]
    turn = math.radians(degrees)
    cos, sin = math.cos(turn) / scale, math.sin(turn) / scale
    # From a place of the result, −1…1 across, to where it comes from. Pixels are square.
    theta = torch.tensor(
        [[cos, -sin * h / w, 0.0], [sin * w / h, cos, 0.0]], dtype=x.dtype, device=x.device
    )
    theta[:, 2] = -theta[:, :2] @ torch.tensor(shift, dtype=x.dtype, device=x.device) * 2
    grid = functional.affine_grid(theta[None].expand(len(x), -1, -1), list(x.shape), False)
    return functional.grid_sample(x, grid, "bilinear", "reflection", align_corners=False)


def _noise(x: Tensor, seed: int, channels: tuple[int, ...]) -> Tensor:
    """The same numbers for a channel whichever others are bent: [len(channels), H, W]."""
    h, w = x.shape[2:]
    planes = [
        np.random.Generator(np.random.Philox(key=[seed, channel])).standard_normal((h, w))
        for channel in channels
    ]
    return torch.from_numpy(np.stack(planes)).to(x)


_SIMPLE: Mapping[Operation, Callable[[Tensor, float], Tensor]] = {
    "scale": lambda x, a: x * a,
    "ablate": lambda x, a: x * (1 - a),
    "add": lambda x, a: x + a,
    "invert": lambda x, a: x * (1 - 2 * a),
    "clamp": clamped,
    "threshold": above,
    "power": power,
    "sine": lambda x, a: x + a * torch.sin(math.pi * x),
    "blur": blurred,
    "sharpen": lambda x, a: x + a * (x - blurred(x, 1.0)),
    "dilate": dilated,
    "erode": lambda x, a: -dilated(-x, a),
    "rotate": lambda x, a: moved(x, degrees=a),
    "zoom": lambda x, a: moved(x, scale=a),
    "mirror": lambda x, a: torch.lerp(x, x.flip(3), a),
}
"""The operations that an amount says all of."""
