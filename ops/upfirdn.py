"""Upsample, filter, downsample: the resampling behind every StyleGAN (StyleGAN2, Appendix B).

y[o] = gain · Σ_k f[k] · u[down·o + k − pad], u[up·i] = x[i] and 0 elsewhere, in both axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor

from ops import reference
from ops.filters import Matrix, Taps, read_taps
from ops.path import on_reference_path

Pair = tuple[int, int]
Padding = tuple[int, int, int, int]


def upfirdn2d(
    x: Tensor,
    f: Tensor | None,
    up: int | Sequence[int] = 1,
    down: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    flip_filter: bool = False,
    gain: float = 1.0,
) -> Tensor:
    """x [N, C, H, W] -> y [N, C, (H·up + pads − h) // down + 1, likewise W].

    f: [n] (separable) or [h, w] from `setup_filter`, None for one tap of 1; it is a constant, no
    gradient reaches it. up, down: one factor, or (x, y). padding: zeros around the upsampled
    picture, one number, (x, y) or (left, right, top, bottom); negative crops. flip_filter: False
    convolves, True correlates. Differentiable in x any number of times.
    Raises ValueError where the padded picture is smaller than the filter.
    """
    if x.ndim != 4:
        raise ValueError(f"upfirdn2d takes x [N, C, H, W], not {list(x.shape)}")
    up, down, padding = as_pair(up), as_pair(down), as_padding(padding)
    if min(*up, *down) < 1:
        raise ValueError(f"up and down are at least 1, not {up} and {down}")
    if f is not None and f.requires_grad:
        raise ValueError("upfirdn2d takes its filter as a constant: detach it")
    taps = read_taps(f)
    if x.numel() and min(output_size(x, taps, up, down, padding)) < 1:
        raise ValueError(
            f"a filter of {taps.size} taps does not fit into {x.shape[3]}x{x.shape[2]} pixels "
            f"upsampled by {up} and padded by {padding}"
        )
    w, h = x.shape[3] * up[0], x.shape[2] * up[1]
    if (
        padding[0] <= up[0] - 1 - w
        or padding[1] <= -w
        or padding[2] <= up[1] - 1 - h
        or padding[3] <= -h
    ):
        raise ValueError(f"padding {padding} crops all of {x.shape[3]}x{x.shape[2]} pixels away")
    if on_reference_path():
        return reference.upfirdn2d(x, f, up, down, padding, flip_filter, gain)
    return cast(Tensor, _UpFirDn.apply(x, taps, up, down, padding, flip_filter, gain))


def filter2d(
    x: Tensor,
    f: Tensor | None,
    padding: int | Sequence[int] = 0,
    flip_filter: bool = False,
    gain: float = 1.0,
) -> Tensor:
    """Filtered at the same size: [N, C, H, W], `padding` more on top of what that takes."""
    w, h = read_taps(f).size
    around = (w // 2, (w - 1) // 2, h // 2, (h - 1) // 2)
    return upfirdn2d(x, f, 1, 1, add(around, as_padding(padding)), flip_filter, gain)


def upsample2d(
    x: Tensor,
    f: Tensor | None,
    up: int | Sequence[int] = 2,
    padding: int | Sequence[int] = 0,
    flip_filter: bool = False,
    gain: float = 1.0,
) -> Tensor:
    """Interpolated to [N, C, H·up, W·up], brightness kept."""
    ux, uy = as_pair(up)
    around = upsampling_pad(read_taps(f).size, (ux, uy))
    gain = gain * ux * uy
    return upfirdn2d(x, f, (ux, uy), 1, add(around, as_padding(padding)), flip_filter, gain)


def downsample2d(
    x: Tensor,
    f: Tensor | None,
    down: int | Sequence[int] = 2,
    padding: int | Sequence[int] = 0,
    flip_filter: bool = False,
    gain: float = 1.0,
) -> Tensor:
    """Low-passed and decimated to [N, C, H / down, W / down]."""
    around = downsampling_pad(read_taps(f).size, as_pair(down))
    return upfirdn2d(x, f, 1, down, add(around, as_padding(padding)), flip_filter, gain)


def upsampling_pad(size: Pair, up: Pair) -> Padding:
    """Padding that centres a filter of `size` taps on samples `up` apart."""
    (w, h), (ux, uy) = size, up
    return ((w + ux - 1) // 2, (w - ux) // 2, (h + uy - 1) // 2, (h - uy) // 2)


def downsampling_pad(size: Pair, down: Pair) -> Padding:
    """Padding that centres a filter of `size` taps on every block of `down` samples."""
    (w, h), (dx, dy) = size, down
    return ((w - dx + 1) // 2, (w - dx) // 2, (h - dy + 1) // 2, (h - dy) // 2)


def as_pair(value: int | Sequence[int]) -> Pair:
    x, y = (value, value) if isinstance(value, int) else value
    return int(x), int(y)


def as_padding(value: int | Sequence[int]) -> Padding:
    """One number, (x, y) or (left, right, top, bottom) -> (left, right, top, bottom)."""
    if isinstance(value, int):
        return (value,) * 4
    if len(value) == 2:
        return (value[0], value[0], value[1], value[1])
    left, right, top, bottom = value
    return (left, right, top, bottom)


def add(a: Padding, b: Padding) -> Padding:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3])


def output_size(x: Tensor, taps: Taps, up: Pair, down: Pair, padding: Padding) -> Pair:
    """(width, height) of the result."""
    w, h = taps.size
    across = x.shape[3] * up[0] + padding[0] + padding[1] - w
    along = x.shape[2] * up[1] + padding[2] + padding[3] - h
    return across // down[0] + 1, along // down[1] + 1


class _UpFirDn(torch.autograd.Function):
    """The adjoint of upfirdn is upfirdn with up and down exchanged and the filter turned round.

    Reading y[o] = Σ_i f[up·i − down·o + pad] x[i] the other way gives padding n − 1 − pad in
    front; behind, as much as makes the result as long as x. Its backward is the forward again,
    so gradients of any order cost one filter each.
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        taps: Taps,
        up: Pair,
        down: Pair,
        padding: Padding,
        flip_filter: bool,
        gain: float,
    ) -> Tensor:
        ctx.shape, ctx.settings = x.shape, (taps, up, down, padding, flip_filter, gain)
        return _resample(x, taps, up, down, padding, flip_filter, gain)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        taps, up, down, padding, flip_filter, gain = ctx.settings
        left, right = _adjoint_pad(
            ctx.shape[3], grad.shape[3], taps.size[0], up[0], down[0], padding[0]
        )
        top, bottom = _adjoint_pad(
            ctx.shape[2], grad.shape[2], taps.size[1], up[1], down[1], padding[2]
        )
        around = (left, right, top, bottom)
        dx = _UpFirDn.apply(grad, taps, down, up, around, not flip_filter, gain)
        return (dx, *[None] * 6)


def _adjoint_pad(before: int, after: int, taps: int, up: int, down: int, pad: int) -> Pair:
    return taps - 1 - pad, (before - 1) * up + 1 + pad - after * down


def _resample(
    x: Tensor,
    taps: Taps,
    up: Pair,
    down: Pair,
    padding: Padding,
    flip_filter: bool,
    gain: float,
) -> Tensor:
    """One depthwise convolution for each pass, strided: neither inserted zeros nor samples
    that are thrown away are ever computed."""
    if x.device.type == "cpu":
        # Channels are the innermost axis there: a depthwise convolution vectorises over them.
        x = x.contiguous(memory_format=torch.channels_last)
    if taps.row_and_column is None:
        return _filter(x, taps.matrix, up, down, padding, flip_filter, gain)
    row, column = taps.row_and_column
    x = _filter(x, row, (up[0], 1), (down[0], 1), (*padding[:2], 0, 0), flip_filter, 1.0)
    return _filter(x, column, (1, up[1]), (1, down[1]), (0, 0, *padding[2:]), flip_filter, gain)


def _filter(
    x: Tensor,
    matrix: Matrix,
    up: Pair,
    down: Pair,
    padding: Padding,
    flip_filter: bool,
    gain: float,
) -> Tensor:
    """One depthwise convolution, strided: neither inserted zeros nor samples that are thrown
    away are computed."""
    c, (w, h) = x.shape[1], (len(matrix[0]), len(matrix))
    left, right, top, bottom = padding
    if up == (1, 1):
        kernel = _kernel(matrix, not flip_filter, gain, c, x.dtype, x.device)
        x, around = _pad(x, padding)
        return F.conv2d(x, kernel, stride=down[::-1], padding=around, groups=c)
    # A transposed convolution gives all (H − 1)·up + h rows that the picture reaches.
    kernel = _kernel(matrix, flip_filter, gain, c, x.dtype, x.device)
    crop = (w - 1 - left, w - up[0] - right, h - 1 - top, h - up[1] - bottom)
    both = (max(0, min(crop[2:])), max(0, min(crop[:2])))
    x = F.conv_transpose2d(x, kernel, stride=up[::-1], padding=both, groups=c)
    rest = (both[1] - crop[0], both[1] - crop[1], both[0] - crop[2], both[0] - crop[3])
    if any(rest):
        x = F.pad(x, rest)
    return x[:, :, :: down[1], :: down[0]]


def _pad(x: Tensor, padding: Padding) -> tuple[Tensor, Pair]:
    """x padded or cropped where that is lopsided; (rows, columns) left for the convolution."""
    left, right, top, bottom = padding
    x_both, y_both = max(0, min(left, right)), max(0, min(top, bottom))
    rest = (left - x_both, right - x_both, top - y_both, bottom - y_both)
    return (F.pad(x, rest) if any(rest) else x), (y_both, x_both)


@lru_cache(maxsize=256)
def _kernel(
    matrix: Matrix, flip: bool, gain: float, channels: int, dtype: torch.dtype, device: torch.device
) -> Tensor:
    # Kept: a tensor made from numbers is a copy to the device. It may serve training later,
    # so it must not be born in inference mode.
    with torch.inference_mode(False):
        kernel = torch.tensor(matrix, dtype=torch.float64) * gain
        if flip:
            kernel = kernel.flip((0, 1))
        return kernel.to(device, dtype).repeat(channels, 1, 1, 1)
