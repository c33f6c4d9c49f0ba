"""Image-space filtering and corruptions: band amplification, noise, cutout (ADA, Appendix B.2)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from networks.augment.draws import Draws, choose, to_device
from networks.augment.geometry import reflect

EXPECTED_POWER = torch.tensor([10, 1, 1, 1], dtype=torch.float64) / 13
"""The expected power of natural pictures in the four bands, in proportion to 1 / f."""
CUTOUT_SIZE = 0.5
"""The width and height that cutout removes, of those of the picture."""


def draw_band_gains(draw: Draws, multiplier: float) -> Tensor:
    """Draw gains [n, 4] of the bands.

    Every band is amplified at random, and all are scaled so that the expected power of the picture
    stays what it was.

    With the powers λ of the bands adding up to 1, amplifying band i by t_i multiplies the expected
    power by 1 + λ_i (t_i² − 1): the square of what all bands are divided by for it.
    """
    t = torch.stack(
        [choose(draw.happens(multiplier), draw.lognormal(1.0), 1) for _ in EXPECTED_POWER], 1
    )
    power = 1 + EXPECTED_POWER * (t.square() - 1)
    return t / power.sqrt().prod(1, keepdim=True)


def amplify_bands(images: Tensor, gains: Tensor, bank: Tensor) -> Tensor:
    """Filter pictures [N, C, H, W] along both axes so that their bands are amplified.

    gains: of the four bands of each picture, [N, 4], on the CPU.
    bank: a filter for each band, [4, odd]; a picture is filtered with their weighted sum.
    """
    n, c, h, w = images.shape
    taps = (to_device(gains, images) @ bank.to(images.dtype)).repeat_interleave(c, 0)
    around = bank.shape[1] // 2
    x = reflect(images, around, around).reshape(1, n * c, h + 2 * around, w + 2 * around)
    x = F.conv2d(x, taps[:, None, None, :], groups=n * c)
    x = F.conv2d(x, taps[:, None, :, None], groups=n * c)
    return x.reshape(n, c, h, w)


def add_noise(images: Tensor, draw: Draws, multiplier: float) -> Tensor:
    """Add white noise of a random strength, the same in all of a picture."""
    strength = choose(draw.happens(multiplier), draw.half_normal(0.1), 0)
    return images + draw.white(images) * to_device(strength, images)[:, None, None, None]


def cut_out(images: Tensor, draw: Draws, multiplier: float) -> Tensor:
    """Replace a rectangle of half the width and height, centred anywhere, by mid-grey."""
    size = choose(draw.happens(multiplier), torch.full([draw.n], CUTOUT_SIZE), 0)
    centre = torch.stack([draw.uniform(0, 1), draw.uniform(0, 1), size])
    x, y, size = to_device(centre, images)[:, :, None].unbind()
    h, w = images.shape[2:]
    columns = (torch.arange(w, device=images.device) + 0.5) / w
    rows = (torch.arange(h, device=images.device) + 0.5) / h
    outside_x, outside_y = (columns - x).abs() >= size / 2, (rows - y).abs() >= size / 2
    kept = outside_x[:, None, None, :] | outside_y[:, None, :, None]
    return images * kept.to(images.dtype)
