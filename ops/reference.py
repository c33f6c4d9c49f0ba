"""The operators as their definitions say, with nothing saved: what the fast ones must equal.

Everything here is made of differentiable PyTorch calls. `with ops.reference_path():` runs it.
"""

from __future__ import annotations

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor

from ops.filters import filter_matrix


def upfirdn2d(
    x: Tensor,
    f: Tensor | None,
    up: tuple[int, int],
    down: tuple[int, int],
    padding: tuple[int, int, int, int],
    flip_filter: bool,
    gain: float,
) -> Tensor:
    """Insert zeros, pad or crop, filter with the dense matrix, keep every `down`-th sample."""
    n, c, h, w = x.shape
    zeros = (0, up[0] - 1, 0, 0, 0, up[1] - 1)
    x = F.pad(x.reshape(n, c, h, 1, w, 1), zeros).reshape(n, c, h * up[1], w * up[0])
    x = F.pad(x, padding)
    kernel = filter_matrix(f, x) * gain
    if not flip_filter:
        kernel = kernel.flip((0, 1))
    x = F.conv2d(x, kernel.expand(c, 1, *kernel.shape), groups=c)
    return x[:, :, :: down[1], :: down[0]]


def bias_act(
    x: Tensor,
    bias: Tensor | None,
    dim: int,
    function: Callable[[Tensor], Tensor],
    gain: float,
    clamp: float | None,
) -> Tensor:
    """clamp(gain · function(x + b))."""
    if bias is not None:
        x = x + bias.reshape([-1 if i == dim else 1 for i in range(x.ndim)])
    x = function(x) * gain
    return x if clamp is None else x.clamp(-clamp, clamp)


def filtered_activation(
    x: Tensor,
    bias: Tensor | None,
    function: Callable[[Tensor], Tensor],
    gain: float,
    up_filter: Tensor | None,
    down_filter: Tensor | None,
    up: int,
    down: int,
    padding: tuple[int, int, int, int],
    clamp: float | None,
) -> Tensor:
    """Upsample x + b by one filter, apply the function, filter by the other and decimate."""
    x = bias_act(x, bias, 1, lambda value: value, 1.0, None)
    x = upfirdn2d(x, up_filter, (up, up), (1, 1), padding, False, up**2)
    x = bias_act(x, None, 1, function, gain, clamp)
    return upfirdn2d(x, down_filter, (1, 1), (down, down), (0, 0, 0, 0), False, 1.0)


def conv2d_resample(
    x: Tensor,
    weight: Tensor,
    f: Tensor | None,
    up: int,
    down: int,
    padding: tuple[int, int, int, int],
    groups: int,
    flip_weight: bool,
) -> Tensor:
    """Upsample by the filter, convolve, low-pass and decimate, one after the other."""
    x = upfirdn2d(x, f if up > 1 else None, (up, up), (1, 1), padding, False, up**2)
    x = F.conv2d(x, weight if flip_weight else weight.flip((2, 3)), groups=groups)
    if down > 1:
        x = upfirdn2d(x, f, (1, 1), (down, down), (0, 0, 0, 0), False, 1.0)
    return x


def modulated_weight(weight: Tensor, styles: Tensor, demodulate: bool) -> Tensor:
    """w''[n, o, i, y, x] (StyleGAN2, eq. 1 and 3): scaled by the style, then to unit norm."""
    w = weight * styles[:, None, :, None, None]
    if demodulate:
        w = w * (w.square().sum((2, 3, 4), keepdim=True) + 1e-8).rsqrt()
    return w


def modulated_conv2d(
    x: Tensor,
    weight: Tensor,
    styles: Tensor,
    noise: Tensor | None,
    gain: Tensor | None,
    f: Tensor | None,
    up: int,
    down: int,
    padding: tuple[int, int, int, int],
    demodulate: bool,
    flip_weight: bool,
) -> Tensor:
    """One weight tensor per sample, applied as one grouped convolution (StyleGAN2, eq. 1-3)."""
    n, c, h, w = x.shape
    weights = modulated_weight(weight, styles, demodulate)
    weights = (weights if gain is None else weights * gain).to(x.dtype)
    x = x.reshape(1, n * c, h, w)
    x = conv2d_resample(
        x, weights.flatten(0, 1), f, up, down, padding, groups=n, flip_weight=flip_weight
    )
    x = x.reshape(n, -1, *x.shape[2:])
    return x if noise is None else x + noise.to(x.dtype)
