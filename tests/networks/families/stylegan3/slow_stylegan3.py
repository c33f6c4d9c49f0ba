"""StyleGAN3's synthesis network written out in numpy and float64, one plain step after the other.

Nothing here is shared with the program: sums over taps, inserted zeros, no plan of layers but what
the files say of themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def convolved(x: Array, taps: Array) -> Array:
    """x [C, H, W] filtered with taps [h, w], only where they lie inside of it."""
    h, w = taps.shape
    rows, columns = x.shape[1] - h + 1, x.shape[2] - w + 1
    y = np.zeros((len(x), rows, columns))
    for i in range(h):
        for j in range(w):
            y += taps[h - 1 - i, w - 1 - j] * x[:, i : i + rows, j : j + columns]
    return y


def square(taps: Array | None) -> Array:
    """A filter as a matrix."""
    if taps is None:
        return np.ones((1, 1))
    return np.outer(taps, taps) if taps.ndim == 1 else taps


def fourier(t: Mapping[str, Array], w: Array, size: int, rate: float, bandwidth: float) -> Array:
    """The input [C, size, size]."""
    affine = w @ t["affine.weight"].T / np.sqrt(len(w)) + t["affine.bias"]
    c, s, x, y = affine / np.hypot(affine[0], affine[1])
    turn = np.array([[c, -s], [s, c]])
    freqs, phases = t["freqs"], t["phases"]
    along = (np.arange(size) - (size - 1) / 2) / rate
    waves = np.zeros((len(freqs), size, size))
    for row, py in enumerate(along):
        for column, px in enumerate(along):
            # Where this place lies among the waves: by the file's transform, then by w's.
            place = t["transform"][:2, :2] @ [px, py] + t["transform"][:2, 2]
            place = turn @ (place - [x, y])
            waves[:, row, column] = np.sin(2 * np.pi * (freqs @ place + phases))
    # No frequency is turned or shifted out of its length, unless the file's transform enlarges it.
    length = np.linalg.norm(freqs @ turn @ t["transform"][:2, :2], axis=1)
    waves *= np.clip(1 - (length - bandwidth) / (rate / 2 - bandwidth), 0, 1)[:, None, None]
    return np.einsum("oc,cyx->oyx", t["weight"] / np.sqrt(len(freqs)), waves)


def layer(a: Mapping[str, Any], t: Mapping[str, Array], x: Array, w: Array) -> Array:
    """x [in, H, W] -> [out, H', W'], for what the file says of the layer (a) and its tensors."""
    styles = w @ t["affine.weight"].T / np.sqrt(len(w)) + t["affine.bias"]
    weight = t["weight"].copy()
    if a["is_torgb"]:
        styles = styles / np.sqrt(weight[0].size)
    else:
        weight /= np.sqrt(np.mean(weight**2, axis=(1, 2, 3), keepdims=True))
        styles = styles / np.sqrt(np.mean(styles**2))
    weight = weight * styles[:, None, None]
    if not a["is_torgb"]:
        weight /= np.sqrt(np.sum(weight**2, axis=(1, 2, 3), keepdims=True) + 1e-8)
    weight = weight / np.sqrt(t["magnitude_ema"])
    edge = a["conv_kernel"] - 1
    x = np.pad(x, ((0, 0), (edge, edge), (edge, edge)))
    y = np.zeros((len(weight), x.shape[1] - edge, x.shape[2] - edge))
    for i in range(edge + 1):
        for j in range(edge + 1):
            part = x[:, i : i + y.shape[1], j : j + y.shape[2]]
            y += np.einsum("oc,cyx->oyx", weight[:, :, i, j], part)
    y += t["bias"][:, None, None]
    up, down = a["up_factor"], a["down_factor"]
    zeros = np.zeros((len(y), y.shape[1] * up, y.shape[2] * up))
    zeros[:, ::up, ::up] = y
    left, right, top, bottom = a["padding"]
    zeros = np.pad(zeros, ((0, 0), (max(top, 0), max(bottom, 0)), (max(left, 0), max(right, 0))))
    h, width = zeros.shape[1:]
    zeros = zeros[:, max(-top, 0) : h - max(-bottom, 0), max(-left, 0) : width - max(-right, 0)]
    y = convolved(zeros, square(t.get("up_filter"))) * up**2
    if not a["is_torgb"]:
        y = np.where(y < 0, 0.2 * y, y) * np.sqrt(2)
    if a["conv_clamp"] is not None:
        y = np.clip(y, -a["conv_clamp"], a["conv_clamp"])
    return convolved(y, square(t.get("down_filter")))[:, ::down, ::down]
