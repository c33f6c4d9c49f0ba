"""Upsample, filter, downsample: the resampling behind every StyleGAN (StyleGAN2, Appendix B).

y[o] = gain · Σ_k f[k] · u[down·o + k − pad], u[up·i] = x[i] and 0 elsewhere, in both axes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

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

    f: [n] (along both axes) or [h, w], None for one tap of 1; it is a constant, no gradient
    reaches it. up, down: one factor, or (x, y). padding: zeros around the upsampled
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
    spec = _Spec(read_taps(f), up, down, padding, flip_filter, gain)
    spec.check(x)
    if on_reference_path():
        return reference.upfirdn2d(x, f, up, down, padding, flip_filter, gain)
    return _upfirdn(x, spec)


def check_fits(x: Tensor, taps: Taps, up: int, padding: Padding) -> None:
    """Raise ValueError where x [N, C, H, W], upsampled and padded, is smaller than the filter."""
    _Spec(taps, (up, up), (1, 1), padding, False, 1.0).check(x)


def resample(
    x: Tensor,
    taps: Taps,
    *,
    up: int = 1,
    down: int = 1,
    padding: Padding = (0, 0, 0, 0),
    gain: float = 1.0,
) -> Tensor:
    """`upfirdn2d` by the fast path without its checks, for constants only: no gradients."""
    return _resample(x, _Spec(taps, (up, up), (down, down), padding, False, gain))


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
    return upfirdn2d(x, f, (ux, uy), 1, add_padding(around, as_padding(padding)), flip_filter, gain)


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
    return upfirdn2d(x, f, 1, down, add_padding(around, as_padding(padding)), flip_filter, gain)


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


def add_padding(a: Padding, b: Padding) -> Padding:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3])


@dataclass(frozen=True)
class _Spec:
    """What upfirdn2d does to a picture; the fields are its arguments."""

    taps: Taps
    up: Pair
    down: Pair
    padding: Padding
    flip_filter: bool
    gain: float

    def check(self, x: Tensor) -> None:
        for axis, size in ((0, x.shape[3]), (1, x.shape[2])):
            before, after = self.padding[2 * axis : 2 * axis + 2]
            up = self.up[axis]
            if before < up - size * up or after <= -size * up:
                raise ValueError(f"padding {self.padding} crops all of {list(x.shape)} away")
            if size * up + before + after < self.taps.size[axis]:
                raise ValueError(
                    f"a filter of {self.taps.size} taps does not fit into {list(x.shape)}, "
                    f"upsampled by {self.up} and padded by {self.padding}"
                )

    def adjoint(self, before: Sequence[int], after: Sequence[int]) -> _Spec:
        """The transposed linear map, from shape `after` to shape `before`.

        y[o] = Σ_i f[up·i − down·o + pad] x[i], read from y to x, is an upfirdn again: up and
        down exchanged, the filter turned round, n − 1 − pad zeros in front, and behind as many
        as make the result as long as x.
        """
        padding = []
        for axis in (0, 1):
            up, down, pad = self.up[axis], self.down[axis], self.padding[2 * axis]
            n, long, short = self.taps.size[axis], before[3 - axis], after[3 - axis]
            padding += [n - 1 - pad, (long - 1) * up + 1 + pad - short * down]
        return _Spec(
            self.taps, self.down, self.up, as_padding(padding), not self.flip_filter, self.gain
        )


class _UpFirDn(torch.autograd.Function):
    """Its backward is an upfirdn too, so gradients of any order cost one filter each."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, spec: _Spec) -> Tensor:
        ctx.spec, ctx.shape = spec, x.shape
        return _resample(x, spec)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        return _upfirdn(grad, ctx.spec.adjoint(ctx.shape, grad.shape)), None


_upfirdn: Callable[..., Tensor] = _UpFirDn.apply


def _resample(x: Tensor, spec: _Spec) -> Tensor:
    """In the precision of x, whatever autocast would choose."""
    if torch.is_autocast_enabled(x.device.type):
        with torch.autocast(x.device.type, enabled=False):
            return _resample(x, spec)
    if x.device.type == "cpu":
        # With channels innermost a depthwise convolution vectorises over them.
        x = x.contiguous(memory_format=torch.channels_last)
    up, down, (left, right, top, bottom) = spec.up, spec.down, spec.padding
    if spec.taps.row_and_column is None:
        matrix = spec.taps.matrix
        return _filter(x, matrix, up, down, spec.padding, spec.flip_filter, spec.gain)
    row, column = spec.taps.row_and_column
    x = _filter(x, row, (up[0], 1), (down[0], 1), (left, right, 0, 0), spec.flip_filter, 1.0)
    around = (0, 0, top, bottom)
    return _filter(x, column, (1, up[1]), (1, down[1]), around, spec.flip_filter, spec.gain)


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
    x = _transposed(x, kernel, stride=up[::-1], padding=both, groups=c)
    rest = (both[1] - crop[0], both[1] - crop[1], both[0] - crop[2], both[0] - crop[3])
    return grow_and_crop(x, rest)[:, :, :: down[1], :: down[0]]


def _transposed(x: Tensor, kernel: Tensor, **how: Any) -> Tensor:
    if x.device.type != "cpu" or x.dtype not in (torch.bfloat16, torch.float16):
        return F.conv_transpose2d(x, kernel, **how)
    # PyTorch goes through the channels one by one here, 10 to 300 times slower than in float32.
    return F.conv_transpose2d(x.float(), kernel.float(), **how).to(x.dtype)


def _pad(x: Tensor, padding: Padding) -> tuple[Tensor, Pair]:
    """x padded or cropped where that is lopsided; (rows, columns) left for the convolution."""
    left, right, top, bottom = padding
    x_both, y_both = max(0, min(left, right)), max(0, min(top, bottom))
    rest = (left - x_both, right - x_both, top - y_both, bottom - y_both)
    return grow_and_crop(x, rest), (y_both, x_both)


def grow_and_crop(x: Tensor, around: Padding) -> Tensor:
    """F.pad, which crops first and so cannot crop more on one side than there is.

    Where nothing is added it is a view.
    """
    left, right, top, bottom = around
    h, w = x.shape[2:]
    if max(around) <= 0 and -top - bottom <= h and -left - right <= w:
        return x[:, :, -top : h + bottom, -left : w + right]
    if min(left, right) < -x.shape[3] or min(top, bottom) < -x.shape[2]:
        x = F.pad(x, [max(n, 0) for n in around])
        around = (min(left, 0), min(right, 0), min(top, 0), min(bottom, 0))
    return F.pad(x, around)


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
