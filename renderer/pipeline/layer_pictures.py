"""Activations and pictures -> levels on the screen.

A value v is shown at level clamp(127.5·v + 128, 0, 255), truncated: the rule for pictures, so
−1…1 is black to white and zero lies in the middle, for activations and colour maps alike.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from common.errors import UserError
from renderer.messages.frame import AtlasLayout
from renderer.messages.request import LayerView, Spectrum
from renderer.pictures import colormaps

Pixels = npt.NDArray[np.uint8]

BACKGROUND = 24
"""The level of an atlas between its cells and after the last one."""
_NOT_A_NUMBER = (255, 0, 255)
"""The colour of values that are no numbers: magenta, which no colour map has."""
_SMALLEST_CELL = 24
"""The side in pixels that smaller channels of an atlas are enlarged to."""
_KAISER_BETA = 8.0
"""Shape of Kaiser's window: its highest side lobe is 57 dB down, below the default range."""


def levels(x: Tensor) -> Tensor:
    """Return the levels of values: uint8 of the same shape."""
    return (x.float() * 127.5).add_(128).clamp_(0, 255).to(torch.uint8)


def values(shown: Tensor) -> Tensor:
    """Return the middle of the values that are shown at these levels, −1…1, float32."""
    return (shown.float() - 127.5) / 127.5


def picture(img: Tensor) -> Tensor:
    """Return the levels of a picture [1, C, H, W], −1…1: [3 or 4, H, W] uint8.

    One or two channels give a grey picture, four give colours and alpha, where −1 is transparent
    and 1 opaque; of five and more the first three are shown.
    """
    channels = img.shape[1]
    if channels == 4:
        return levels(img[0])
    return levels(img[0, :3] if channels >= 3 else img[0, :1].expand(3, -1, -1))


def rgba(shown: Tensor) -> Pixels:
    """Move levels [3 or 4, H, W] from any device to main memory: [H, W, 4], C-contiguous.

    Without alpha they are opaque.
    """
    alpha = [] if len(shown) == 4 else [torch.full_like(shown[0], 255)]
    stacked = torch.stack([*shown, *alpha], -1)
    if stacked.device.type == "cuda":
        # Into memory that the card writes to by itself: several times as fast as elsewhere.
        there = torch.empty(stacked.shape, dtype=stacked.dtype, pin_memory=True)
        stacked = there.copy_(stacked)
    pixels: Pixels = stacked.cpu().numpy()
    return pixels


def layer(x: Tensor, view: LayerView) -> tuple[Tensor, AtlasLayout | None]:
    """Return the picture of an activation as `view` asks, and the layout of an atlas.

    x: the activation, [1, C, H, W]; the picture is [3, H', W'] uint8.
    Channels out of range move to the nearest that exist; values that are no numbers are magenta.
    Raises UserError for an unknown colour map and for settings that are not finite.
    """
    if view.colormap not in colormaps.NAMES:
        raise UserError(
            f"There is no colour map {view.colormap!r}.", f"Choose: {', '.join(colormaps.NAMES)}."
        )
    if not math.isfinite(view.gain_db):
        raise UserError("The gain must be a finite number of dB.")
    channels = x.shape[1]
    if view.mode == "atlas":
        values = _resize(x[0].float(), max(1, view.cell))
    elif view.mode == "rgb" and channels >= 3:
        first = min(max(view.channel, 0), channels - 3)
        values = x[0, first : first + 3].float()
    else:
        index = min(max(view.channel, 0), channels - 1)
        values = x[0, index : index + 1].float()

    values = values * _gain(values, view)
    if view.spectrum is not None:
        values = spectrum(values, view.spectrum)
    layout = None
    bad = values.isnan()
    shown = levels(values.nan_to_num(0.0))
    if view.mode == "atlas":
        layout = _layout(channels, max(values.shape[1:]))
        shown, gap = _grid(shown, layout), _grid(torch.ones_like(shown), layout) == 0
        bad = _grid(bad, layout)
    if view.mode == "rgb":
        shown, bad = shown.expand(3, -1, -1), bad.any(0)
    else:
        shown, bad = _colored(shown[0], view.colormap), bad[0]
    if layout:
        shown = torch.where(gap, BACKGROUND, shown)
    if bad.any():
        magenta = torch.tensor(_NOT_A_NUMBER, dtype=torch.uint8, device=shown.device)
        shown = torch.where(bad, magenta[:, None, None], shown)
    return shown, layout


def spectrum(x: Tensor, options: Spectrum) -> Tensor:
    """Return the log-magnitude of the 2-D FFT of x [C, H, W] as values −1…1.

    Zero frequency lies in the middle.

    |F|² is divided by Σ window², so white noise of variance 1 lies at 0 dB at every size and
    with every window. `low_db` maps to −1 (black), `high_db` to 1 (white).
    """
    low, high = options.low_db, options.high_db
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise UserError(
            f"The range of the spectrum ({low:g} to {high:g} dB) is empty.",
            "Its upper end must lie above its lower end.",
        )
    window = _window(options, x.shape[1], x.device)[:, None]
    window = window * _window(options, x.shape[2], x.device)
    power = torch.fft.fft2(x * window).abs().square() / window.square().sum()
    # 1e-20 is −200 dB: below every range, and silence has no −∞.
    decibel = 10 * torch.log10(power.clamp(min=1e-20))
    shown: Tensor = (decibel - low) / (high - low) * 2 - 1
    return shown.roll((x.shape[1] // 2, x.shape[2] // 2), (1, 2))


def _window(options: Spectrum, size: int, device: torch.device) -> Tensor:
    if options.window == "none" or size < 3:
        return torch.ones(size, device=device)
    if options.window == "hann":
        return torch.hann_window(size, periodic=True, device=device)
    return torch.kaiser_window(size, periodic=True, beta=_KAISER_BETA, device=device)


def _gain(values: Tensor, view: LayerView) -> Tensor:
    """Return what values [C, H, W] are multiplied by: [C or 1, 1, 1]."""
    gain = values.new_tensor(10 ** (min(max(view.gain_db, -400.0), 400.0) / 20))
    if view.normalize:
        apart = view.mode == "atlas" and view.per_channel
        size = values.nan_to_num(0.0, 0.0, 0.0).abs()
        peak = size.amax((1, 2), keepdim=True) if apart else size.amax()
        gain = torch.where(peak > 0, gain / peak, gain)
    return gain.clamp(max=1e30).reshape(-1, 1, 1)


def _resize(x: Tensor, cell: int) -> Tensor:
    """Average channels over squares down to `cell` pixels, or enlarge them to be seen."""
    size = max(x.shape[1:])
    if size > cell:
        return functional.avg_pool2d(x[None], math.ceil(size / cell), ceil_mode=True)[0]
    times = max(1, min(math.ceil(_SMALLEST_CELL / size), cell // size))
    return x.repeat_interleave(times, 1).repeat_interleave(times, 2)


def _layout(channels: int, size: int) -> AtlasLayout:
    """Lay an atlas out nearly square; one pixel of every cell is the gap to its neighbours."""
    columns = math.ceil(math.sqrt(channels))
    return AtlasLayout(channels, columns, math.ceil(channels / columns), size + 1)


def _grid(x: Tensor, layout: AtlasLayout) -> Tensor:
    """Put channels [C, H, W] into their cells, row by row: [1, rows·cell, columns·cell].

    Gaps and empty cells are 0.
    """
    size = layout.cell
    cells = x.new_zeros(layout.rows * layout.columns, size, size)
    cells[: layout.channels, : x.shape[1], : x.shape[2]] = x
    cells = cells.view(layout.rows, layout.columns, size, size).transpose(1, 2)
    return cells.reshape(1, layout.rows * size, layout.columns * size)


def _colored(shown: Tensor, name: str) -> Tensor:
    """Return the colours of levels [H, W]: [3, H, W]."""
    table = torch.tensor(colormaps.table(name), device=shown.device)
    return table[shown.long()].permute(2, 0, 1)
