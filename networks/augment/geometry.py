"""Geometric augmentations: drawn as one matrix a sample, executed by one resampling (ADA,
Appendix B.2).

Positions are homogeneous, in pixels from the centre of the picture, x to the right, y down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil, pi
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from networks.augment.draws import Draws, choose, to_device
from ops import downsample2d, upsample2d

Size = tuple[int, int]
"""Width and height in pixels."""


def matrices(*rows: tuple[Tensor | float, ...]) -> Tensor:
    """Build matrices [n, rows, columns] of entries that are numbers or [n]."""
    entries = [torch.as_tensor(entry, dtype=torch.float64) for row in rows for entry in row]
    n = max(entry.numel() for entry in entries)
    stacked = torch.stack([entry.expand(n) for entry in entries], -1)
    return stacked.reshape(n, len(rows), len(rows[0]))


def scaling(x: Tensor | float, y: Tensor | float) -> Tensor:
    """Return matrices that stretch positions x and y times: [n, 3, 3]."""
    return matrices((x, 0, 0), (0, y, 0), (0, 0, 1))


def translation(x: Tensor | float, y: Tensor | float) -> Tensor:
    """Return matrices that move positions by x and y pixels: [n, 3, 3]."""
    return matrices((1, 0, x), (0, 1, y), (0, 0, 1))


def rotation(angle: Tensor) -> Tensor:
    """Return matrices that turn by angles in radians: [n, 3, 3].

    They turn counter-clockwise as seen, since y points down.
    """
    cos, sin = angle.cos(), angle.sin()
    return matrices((cos, sin, 0), (-sin, cos, 0), (0, 0, 1))


def flip(draw: Draws, multiplier: float, size: Size) -> Tensor:
    mirrored = choose(draw.happens(multiplier), draw.choice(2), 0)
    return scaling(1 - 2 * mirrored, 1)


def quarter_turns(draw: Draws, multiplier: float, size: Size) -> Tensor:
    turns = choose(draw.happens(multiplier), draw.choice(4), 0)
    # Whole numbers, so that a picture that is not turned is not resampled either.
    cos, sin = (pi / 2 * turns).cos().round(), (pi / 2 * turns).sin().round()
    return matrices((cos, sin, 0), (-sin, cos, 0), (0, 0, 1))


def whole_pixels(draw: Draws, multiplier: float, size: Size) -> Tensor:
    happens = draw.happens(multiplier)
    x, y = (choose(happens, draw.uniform(-0.125, 0.125), 0) for _ in range(2))
    return translation((x * size[0]).round(), (y * size[1]).round())


def zoom(draw: Draws, multiplier: float, size: Size) -> Tensor:
    factor = choose(draw.happens(multiplier), draw.lognormal(0.2), 1)
    return scaling(factor, factor)


def rotation_before(draw: Draws, multiplier: float, size: Size) -> Tensor:
    happens = draw.happens_before_or_after(multiplier)
    return rotation(choose(happens, draw.uniform(-pi, pi), 0))


def stretch(draw: Draws, multiplier: float, size: Size) -> Tensor:
    factor = choose(draw.happens(multiplier), draw.lognormal(0.2), 1)
    return scaling(factor, 1 / factor)


def rotation_after(draw: Draws, multiplier: float, size: Size) -> Tensor:
    happens = draw.happens_before_or_after(multiplier)
    if draw.percentile is not None:
        happens = torch.zeros_like(happens)
    return rotation(choose(happens, draw.uniform(-pi, pi), 0))


def fractions_of_pixels(draw: Draws, multiplier: float, size: Size) -> Tensor:
    happens = draw.happens(multiplier)
    x, y = (choose(happens, draw.normal(0.125), 0) for _ in range(2))
    return translation(x * size[0], y * size[1])


# In order of application; each is switched on by the strength of that name.
STEPS: tuple[tuple[str, Callable[[Draws, float, Size], Tensor]], ...] = (
    ("xflip", flip),
    ("rotate90", quarter_turns),
    ("xint", whole_pixels),
    ("scale", zoom),
    ("rotate", rotation_before),
    ("aniso", stretch),
    ("rotate", rotation_after),
    ("xfrac", fractions_of_pixels),
)


def draw_geometry(draw: Draws, strengths: Mapping[str, float], size: Size) -> Tensor | None:
    """Draw G [n, 3, 3], which says where every position of a picture goes.

    strengths: of each step of the table; None is returned where all are 0.
    """
    G = None
    for name, step in STEPS:
        if strengths[name] > 0:
            matrix = step(draw, strengths[name], size)
            G = matrix if G is None else matrix @ G
    return G


def warp(images: Tensor, G: Tensor, taps: Tensor) -> Tensor:
    """Move pictures [N, C, H, W], which are reflected at their borders.

    G: where their positions go, [N, 3, 3], float64 on the CPU.
    taps: an orthogonal low-pass filter of even length.

    Pictures are interpolated to twice the resolution,
    looked up there bilinearly, filtered by the transposed interpolation and decimated, which
    leaves them as they are where G is the identity. Differentiable any number of times.
    """
    h, w = images.shape[2:]
    support = len(taps) // 4
    inverse = torch.linalg.inv(G)
    x, y = margins(inverse, (w, h), support)
    # Filters treat all channels of all pictures alike and are fastest with many of them. The
    # outermost pixels serve the filter only.
    planes = reflect(images, x, y).flatten(0, 1)[None]
    planes = upsample2d(planes, taps, padding=-2 * support)
    fine = planes.view(*images.shape[:2], *planes.shape[2:])
    # affine_grid counts from −1 to 1 between outer pixel edges. A filter of even length leaves
    # its samples a quarter of a pixel from where that has them.
    quarter = translation(0.25, 0.25)
    from_output = quarter @ scaling(w / 2 + support, h / 2 + support)
    reach_x, reach_y = w / 2 + x - support, h / 2 + y - support
    to_input = scaling(1 / reach_x, 1 / reach_y) @ quarter.inverse()
    theta = to_device((to_input @ inverse @ from_output)[:, :2], images)
    shape = (*images.shape[:2], 2 * (h + 2 * support), 2 * (w + 2 * support))
    grid = F.affine_grid(theta, list(shape), align_corners=False)
    planes = look_up(fine, grid).flatten(0, 1)[None]
    planes = downsample2d(planes, taps, padding=-2 * support, flip_filter=True)
    return planes.view_as(images)


def margins(inverse: Tensor, size: Size, support: int) -> Size:
    """Return how far pictures must reach beyond their border, in pixels (x, y).

    Everything that any of `inverse` [n, 3, 3] looks up is then there, filtered: it is at least
    what the filter takes, and at most once a reflection of the whole picture, beyond which nearly
    nothing is looked up.
    """
    reach = torch.tensor(size, dtype=torch.float64) / 2 + support
    signs = torch.tensor([[-1, 1, 1, -1], [-1, -1, 1, 1]], dtype=torch.float64)
    corners = inverse[:, :2, :2] @ (reach[:, None] * signs) + inverse[:, :2, 2:]
    found = []
    for furthest, length in zip(corners.abs().amax((0, 2)).tolist(), size, strict=True):
        # In steps, so that few different shapes occur: allocators and autotuners like that.
        step = max(length // 16, 1)
        margin = ceil((furthest - length / 2 + support) / step) * step
        found.append(max(support, min(margin, max(length - 1, 4 * support))))
    return found[0], found[1]


def reflect(images: Tensor, x: int, y: int) -> Tensor:
    """Add x columns and y rows on each side, mirrored about the border pixels.

    Where the picture is smaller than that, it is mirrored repeatedly.
    """
    while x > 0 or y > 0:
        now_x, now_y = min(x, images.shape[3] - 1), min(y, images.shape[2] - 1)
        images = F.pad(images, [now_x, now_x, now_y, now_y], mode="reflect")
        x, y = x - now_x, y - now_y
    return images


class _LookUp(torch.autograd.Function):
    """Interpolates bilinearly, which is linear in the picture; PyTorch differentiates it once."""

    @staticmethod
    def forward(ctx: Any, images: Tensor, grid: Tensor) -> Tensor:
        ctx.save_for_backward(grid)
        ctx.shape = images.shape
        return F.grid_sample(images, grid, "bilinear", "reflection", align_corners=False)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (grid,) = ctx.saved_tensors
        return _spread(gradient, grid, ctx.shape), None


class _Spread(torch.autograd.Function):
    """Does the transpose of `_LookUp`: adds pixels to where they were looked up."""

    @staticmethod
    def forward(ctx: Any, gradient: Tensor, grid: Tensor, shape: torch.Size) -> Tensor:
        ctx.save_for_backward(grid)
        images = gradient.new_empty(1).expand(shape)
        bilinear, reflection = 0, 2
        result: Tensor = torch.ops.aten.grid_sampler_2d_backward(
            gradient, images, grid, bilinear, reflection, False, [True, False]
        )[0]
        return result

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        (grid,) = ctx.saved_tensors
        return look_up(gradient, grid), None, None


look_up: Callable[[Tensor, Tensor], Tensor] = _LookUp.apply
_spread: Callable[[Tensor, Tensor, torch.Size], Tensor] = _Spread.apply
