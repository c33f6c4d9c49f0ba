"""The leaky ReLU between two filters, of Alias-Free GAN (Karras et al. 2021, Section 3.2, eq. 2).

A pointwise nonlinearity makes frequencies that its sampling rate cannot hold. So it is applied at
a higher rate, and what the lower rate cannot hold is filtered away before samples are dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import ceil, gcd
from typing import Final

import torch
from torch import Tensor

from ops import reference
from ops.activation import ACTIVATIONS, bias_act
from ops.filters import read_taps
from ops.path import on_reference_path
from ops.upfirdn import Padding, check_fits, grow_and_crop, resample, upfirdn2d

_TILE: Final = 100
"""The most output samples a side of a tile."""

_CHANNELS: Final = 32
"""The most channels of a tile. The widest state of one then has about 6 MB, which a cache holds."""


def filtered_lrelu(
    x: Tensor,
    bias: Tensor | None = None,
    up_filter: Tensor | None = None,
    down_filter: Tensor | None = None,
    *,
    up: int = 1,
    down: int = 1,
    padding: Padding = (0, 0, 0, 0),
    clamp: float | None = None,
) -> Tensor:
    """x [N, C, H, W] -> y [N, C, H', W'], sized as by `upfirdn2d` up and then `upfirdn2d` down.

    Adds the bias [C]; upsamples, brightness kept; applies the leaky ReLU of slope 0.2 with gain
    √2; clamps to ± clamp; low-passes and keeps every `down`-th sample.
    up_filter, down_filter: as upfirdn2d takes them; constants. padding: zeros around the
    upsampled picture, (left, right, top, bottom); negative crops. Differentiable twice.
    Raises ValueError where the padded picture is smaller than a filter.
    """
    if on_reference_path():
        act = ACTIVATIONS["lrelu"]
        return reference.filtered_activation(
            x, bias, act.function, act.gain, up_filter, down_filter, up, down, padding, clamp
        )
    recorded = torch.is_grad_enabled() and any(
        value is not None and value.requires_grad for value in (x, bias)
    )
    if x.device.type == "cpu" and not recorded:
        return _in_tiles(x, bias, up_filter, down_filter, up, down, padding, clamp)
    if bias is not None:
        x = x + bias.to(x.dtype)[:, None, None]
    x = upfirdn2d(x, up_filter, up, padding=padding, gain=up**2)
    x = bias_act(x, None, "lrelu", clamp=clamp, inplace=True)
    return upfirdn2d(x, down_filter, down=down)


@dataclass(frozen=True)
class _Cut:
    """How one axis is cut into tiles.

    count: how many there are. tile: output samples of each. size: output samples of all, of which
    the last tile may make more than are wanted.
    patch, step: input samples of a tile, and from one tile to the next. around: input samples to
    add before and after. crop: of the upsampled patch, before and after; negative.
    """

    count: int
    tile: int
    size: int
    patch: int
    step: int
    around: tuple[int, int]
    crop: tuple[int, int]

    def reads(self, index: int) -> slice:
        """The input samples of a tile, once those around are added."""
        return slice(index * self.step, index * self.step + self.patch)

    def makes(self, index: int) -> slice:
        """The output samples of a tile."""
        return slice(index * self.tile, min((index + 1) * self.tile, self.size))


def _cut(size: int, up: int, down: int, taps: tuple[int, int], padding: tuple[int, int]) -> _Cut:
    """size: of the input. taps: of both filters. padding: of the upsampled axis."""
    first, last = taps
    low, high = padding
    out = (size * up + low + high - first + 1 - last) // down + 1
    if out < 1:
        raise ValueError(f"filters of {first} and {last} taps do not fit behind {size} samples")
    # Tiles begin at whole input samples.
    whole = up // gcd(up, down)
    tile = ceil(ceil(out / ceil(out / _TILE)) / whole) * whole
    count, step = ceil(out / tile), tile * down // up
    between = (tile - 1) * down + last
    begin = -low // up
    phase = -low - begin * up
    patch = (phase + between + first - 2) // up + 1
    return _Cut(
        count,
        tile,
        out,
        patch,
        step,
        (-begin, (count - 1) * step + patch + begin - size),
        (-phase, phase + between + first - 1 - patch * up),
    )


def _in_tiles(
    x: Tensor,
    bias: Tensor | None,
    up_filter: Tensor | None,
    down_filter: Tensor | None,
    up: int,
    down: int,
    padding: Padding,
    clamp: float | None,
) -> Tensor:
    """Tile by tile: between the filters there is four times as much data as before and after,
    and going through it by way of memory would take most of the time: measured on one thread, all
    layers of T at 256² and 512² pixels, and of R at 256², take 2.2 to 2.4 times as long."""
    left, right, top, bottom = padding
    before, after = read_taps(up_filter), read_taps(down_filter)
    check_fits(x, before, up, padding)
    (w_up, h_up), (w_down, h_down) = before.size, after.size
    rows = _cut(x.shape[2], up, down, (h_up, h_down), (top, bottom))
    columns = _cut(x.shape[3], up, down, (w_up, w_down), (left, right))
    if bias is not None:
        x = x + bias.to(x.dtype)[:, None, None]
    x = grow_and_crop(x, (*columns.around, *rows.around))
    n, c = x.shape[:2]
    y = torch.empty(
        (n, c, rows.size, columns.size),
        dtype=x.dtype,
        device=x.device,
        memory_format=torch.channels_last,
    )
    crop = (*columns.crop, *rows.crop)
    # The activation's gain, which may as well come before it, costs nothing here.
    gain = up**2 * ACTIVATIONS["lrelu"].gain
    places = product(range(n), range(0, c, _CHANNELS), range(rows.count), range(columns.count))
    for sample, channel, i, j in places:
        some = (slice(sample, sample + 1), slice(channel, channel + _CHANNELS))
        tile = x[*some, rows.reads(i), columns.reads(j)].float()
        tile = resample(tile, before, up=up, padding=crop, gain=gain)
        tile = bias_act(tile, None, "lrelu", gain=1.0, clamp=clamp, inplace=True)
        tile = resample(tile, after, down=down)
        place = y[*some, rows.makes(i), columns.makes(j)]
        place.copy_(tile[..., : place.shape[2], : place.shape[3]])
    return y
