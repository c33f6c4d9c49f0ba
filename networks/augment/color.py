"""Colour augmentations: drawn and executed as one affine map of colours a sample (ADA,
Appendix B.2). Pictures are −1…1, their grey axis is (1, 1, 1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import pi

import torch
from torch import Tensor
from torch.nn import functional as F

from networks.augment.draws import Draws, choose, to_device

Affine = tuple[Tensor, Tensor]
"""An affine map of colours: its linear part, [n, 3, 3], and its offset, [n, 3]."""

GREY = torch.full([3, 3], 1 / 3, dtype=torch.float64)
"""Projects colours onto the grey axis."""
COLOUR = torch.eye(3, dtype=torch.float64) - GREY
"""Projects colours onto the plane across the grey axis."""
CROSS = torch.tensor([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], dtype=torch.float64) / 3**0.5
"""Maps x to v × x, with the unit vector v along the grey axis."""


def brightness(draw: Draws, multiplier: float) -> Affine:
    offset = choose(draw.happens(multiplier), draw.normal(0.2), 0)
    return torch.eye(3, dtype=torch.float64), offset[:, None].expand(-1, 3)


def contrast(draw: Draws, multiplier: float) -> Affine:
    factor = choose(draw.happens(multiplier), draw.lognormal(0.5), 1)
    return linear(factor[:, None, None] * torch.eye(3, dtype=torch.float64))


def luma_flip(draw: Draws, multiplier: float) -> Affine:
    """Mirror colours in the plane through the middle of black and white: x − 2 v vᵀ x."""
    flipped = choose(draw.happens(multiplier), draw.choice(2), 0)
    return linear(COLOUR + GREY * (1 - 2 * flipped)[:, None, None])


def hue(draw: Draws, multiplier: float) -> Affine:
    """Turn colours about the grey axis, by Rodrigues' formula."""
    angle = choose(draw.happens(multiplier), draw.uniform(-pi, pi), 0)[:, None, None]
    return linear(GREY + angle.cos() * COLOUR + angle.sin() * CROSS)


def saturation(draw: Draws, multiplier: float) -> Affine:
    factor = choose(draw.happens(multiplier), draw.lognormal(1.0), 1)
    return linear(GREY + factor[:, None, None] * COLOUR)


def linear(matrix: Tensor) -> Affine:
    return matrix, matrix.new_zeros(3)


# In order of application; each is switched on by the strength of that name. The last two leave
# grey pictures as they are.
STEPS: tuple[tuple[str, Callable[[Draws, float], Affine], bool], ...] = (
    ("brightness", brightness, False),
    ("contrast", contrast, False),
    ("lumaflip", luma_flip, False),
    ("hue", hue, True),
    ("saturation", saturation, True),
)


def draw_colors(draw: Draws, strengths: Mapping[str, float], channels: int) -> Affine | None:
    """Draw C [n, channels, channels] and b [n, channels] of the colours y = C x + b.

    strengths: of each step of the table; None is returned where all are 0.
    channels: 1, 3 or 4, of which the fourth is transparency and keeps its values.
    Raises ValueError for other numbers of channels.
    """
    if channels not in (1, 3, 4):
        raise ValueError(
            f"colour augmentations take grey, RGB or RGBA pictures, not {channels} channels"
        )
    result: Affine | None = None
    for name, step, needs_color in STEPS:
        if strengths[name] > 0 and not (needs_color and channels == 1):
            matrix, offset = step(draw, strengths[name])
            if result is not None:
                offset = (matrix @ result[1][..., None])[..., 0] + offset
                matrix = matrix @ result[0]
            result = matrix, offset
    if result is None:
        return None
    matrix, offset = result[0].expand(draw.n, 3, 3), result[1].expand(draw.n, 3)
    if channels == 1:
        # A grey picture is an RGB picture of three equal channels, and so is what becomes of it.
        return matrix.sum(2).mean(1)[:, None, None], offset.mean(1, keepdim=True)
    if channels == 4:
        matrix, offset = F.pad(matrix, (0, 1, 0, 1)), F.pad(offset, (0, 1))
        matrix[:, 3, 3] = 1
    return matrix, offset


def recolor(images: Tensor, affine: Affine) -> Tensor:
    """Replace every pixel x of pictures [N, C, H, W] by C x + b."""
    matrix, offset = (to_device(part, images) for part in affine)
    return torch.baddbmm(offset[:, :, None], matrix, images.flatten(2)).view_as(images)
