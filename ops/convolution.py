"""Convolutions that resample, and that a style modulates (StyleGAN2, Section 2.2, eq. 1-3)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ops import reference
from ops.filters import read_taps
from ops.path import in_first_gradients, on_reference_path
from ops.prepared.forms import Use
from ops.prepared.store import find_prepared
from ops.upfirdn import (
    Padding,
    add_padding,
    as_padding,
    downsampling_pad,
    upfirdn2d,
    upsampling_pad,
)


def conv2d_resample(
    x: Tensor,
    weight: Tensor,
    f: Tensor | None = None,
    *,
    up: int = 1,
    down: int = 1,
    padding: int = 0,
    groups: int = 1,
    flip_weight: bool = True,
) -> Tensor:
    """x [N, C, H, W], weight [O, C / groups, k, k] -> [N, O, ~H·up / down, ~W·up / down].

    Upsample with the low-pass filter f, convolve, low-pass and downsample. padding: of the
    convolution, in pixels of the upsampled picture. flip_weight: True correlates (as
    torch.nn.functional.conv2d does), False convolves.
    """
    around = resampling_pad(f, up, down, padding)
    if on_reference_path():
        return reference.conv2d_resample(x, weight, f, up, down, around, groups, flip_weight)
    return _conv2d_resample(x, weight, f, up, down, around, groups, flip_weight)


def resampling_pad(f: Tensor | None, up: int, down: int, padding: int) -> Padding:
    """Padding of the upsampled picture that keeps all filters centred."""
    size, around = read_taps(f).size, as_padding(padding)
    if up > 1:
        around = add_padding(around, upsampling_pad(size, (up, up)))
    if down > 1:
        around = add_padding(around, downsampling_pad(size, (down, down)))
    return around


def _conv2d_resample(
    x: Tensor,
    weight: Tensor,
    f: Tensor | None,
    up: int,
    down: int,
    padding: Padding,
    groups: int,
    flip_weight: bool,
) -> Tensor:
    """The same linear maps in a cheaper order: filter where there are the fewest numbers."""
    kh, kw = weight.shape[2:]
    if x.device.type == "cpu":
        # Channels innermost is faster once the picture weighs more than the weight, which has
        # to be brought into that order as well (measured with 32 to 512 channels).
        pixels = x.shape[0] * x.shape[2] * x.shape[3] * up**2
        innermost = torch.channels_last if pixels >= 32**2 else torch.contiguous_format
        x = x.contiguous(memory_format=innermost)
    if (kh, kw) == (1, 1) and up == 1 and down > 1:
        # A 1x1 convolution commutes with dropping samples.
        x = upfirdn2d(x, f, down=down, padding=padding)
        return F.conv2d(x, weight, groups=groups)
    if (kh, kw) == (1, 1) and up > 1 and down == 1:
        # … and with inserting zeros.
        return upfirdn2d(F.conv2d(x, weight, groups=groups), f, up=up, padding=padding, gain=up**2)
    if up > 1:
        # Inserting zeros and then convolving is a transposed convolution. It gives every sample
        # that x reaches, k − 1 more on each side than the definition, which the filter crops.
        x = _conv_transpose(x, weight, up, groups, flip_weight)
        extra = (1 - kw, 1 - kw + up - 1, 1 - kh, 1 - kh + up - 1)
        x = upfirdn2d(x, f, padding=add_padding(padding, extra), gain=up**2)
        return x if down == 1 else upfirdn2d(x, f, down=down)
    kernel = weight if flip_weight else weight.flip((2, 3))
    if down > 1:
        x = upfirdn2d(x, f, padding=padding)
        return F.conv2d(x, kernel, stride=down, groups=groups)
    if padding[0] == padding[1] == padding[2] == padding[3] >= 0:
        return F.conv2d(x, kernel, padding=padding[0], groups=groups)
    return F.conv2d(F.pad(x, padding), kernel, groups=groups)


def _conv_transpose(x: Tensor, weight: Tensor, up: int, groups: int, flip_weight: bool) -> Tensor:
    # conv_transpose2d takes [in, out / groups, k, k] and convolves.
    o, i, kh, kw = weight.shape
    weight = weight.reshape(groups, o // groups, i, kh, kw).transpose(1, 2)
    weight = weight.reshape(groups * i, o // groups, kh, kw)
    if flip_weight:
        weight = weight.flip((2, 3))
    return F.conv_transpose2d(x, weight, stride=up, groups=groups)


def modulated_conv2d(
    x: Tensor,
    weight: Tensor,
    styles: Tensor,
    *,
    noise: Tensor | None = None,
    gain: Tensor | None = None,
    f: Tensor | None = None,
    up: int = 1,
    down: int = 1,
    padding: int = 0,
    demodulate: bool = True,
    flip_weight: bool = True,
) -> Tensor:
    """x [N, I, H, W], weight [O, I, k, k], styles [N, I] -> [N, O, H·up / down, W·up / down].

    Sample n is convolved with w'[o, i] = styles[n, i] · w[o, i], scaled so that each output map
    has unit norm, w'' = w' / sqrt(Σ w'² + ε), where `demodulate` (StyleGAN2, eq. 1 and 3).
    gain: [], multiplies the result. noise: [1 or N, 1, H', W'], added to it after that.
    f, up, down, padding, flip_weight: as in `conv2d_resample`.
    """
    around = resampling_pad(f, up, down, padding)
    if x.dtype == torch.float16 and demodulate:
        weight, styles = _within_half_range(weight, styles)
    if on_reference_path():
        return reference.modulated_conv2d(
            x, weight, styles, noise, gain, f, up, down, around, demodulate, flip_weight
        )
    # A gradient of styles by way of a weight of their own would cost a convolution more.
    searching = in_first_gradients() and torch.is_grad_enabled() and not weight.requires_grad
    prepared = None
    if down == 1:
        use = Use(x.shape[2], x.shape[3], up, around, flip_weight)
        prepared = find_prepared(weight, x, use)
    if x.shape[0] == 1 and not searching and prepared is None:
        w = weight * styles[0, :, None, None]
        if demodulate:
            w = _scale(w, _inverse_norm(w, (1, 2, 3))[:, None, None, None])
        if gain is not None:
            w = _scale(w, gain)
        y = _conv2d_resample(x, w.to(x.dtype), f, up, down, around, 1, flip_weight)
    else:
        # Σ_i w[o,i]·s[i]·x[i]: scaling the maps before and after leaves one weight for the batch,
        # up to four times as fast as a grouped convolution and never slower (measured on a CPU).
        y = x * styles.to(x.dtype)[:, :, None, None]
        if prepared is None:
            y = _conv2d_resample(y, weight.to(x.dtype), f, up, down, around, 1, flip_weight)
        else:
            y = prepared(y, f)
        if demodulate:
            squares = weight.square().sum((2, 3)).T if prepared is None else prepared.squares
            norm = (styles.square() @ squares + 1e-8).rsqrt()
            norm = norm if gain is None else norm * gain
            y = _scale(y, norm.to(y.dtype)[:, :, None, None])
        elif gain is not None:
            y = _scale(y, gain.to(y.dtype))
    if noise is None:
        return y
    noise = noise.to(y.dtype)
    return y + noise if torch.is_grad_enabled() else y.add_(noise)


def _inverse_norm(x: Tensor, dims: tuple[int, ...]) -> Tensor:
    if torch.is_grad_enabled():
        return (x.square().sum(dims) + 1e-8).rsqrt()
    # One pass over memory; its second derivative at 0 is not a number.
    norm: Tensor = torch.linalg.vector_norm(x, dim=dims)
    return (norm.square_() + 1e-8).rsqrt()


def _scale(x: Tensor, by: Tensor) -> Tensor:
    """x · by, in place where x is not needed for a gradient."""
    return x * by if torch.is_grad_enabled() else x.mul_(by)


def _within_half_range(weight: Tensor, styles: Tensor) -> tuple[Tensor, Tensor]:
    """Both scaled to largest magnitude 1, the weight by its fan-in too (StyleGAN2-ADA, Appendix D).

    Demodulation cancels any such scale, and no partial sum leaves float16's range.
    """
    fan_in, tiny = weight[0].numel(), 1e-12
    weight = weight / (weight.abs().amax((1, 2, 3), keepdim=True) * fan_in**0.5).clamp(min=tiny)
    return weight, styles / styles.abs().amax(1, keepdim=True).clamp(min=tiny)
