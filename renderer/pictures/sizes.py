"""How large the pictures of a sheet are drawn, and how they are sampled for it. Free of torch."""

from __future__ import annotations

import math
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from renderer.messages.jobs import Sheet
from renderer.transport.shared_memory import Pixels

MAX_SIDE = 8192
"""The most pixels that the shorter side of an exported picture may be asked to have."""

Sampling: TypeAlias = Literal["pixels", "lanczos", "smooth", "crisp"]
"""What happens to pixels of a picture that is brought to another size; reducing is always Lanczos.
`pixels` repeats them where the factor is whole, `lanczos` never does. `smooth` and `crisp` are
the two ways in which the window shows enlarged pixels: linear between their middles, or squares."""


def sampling(sheet: Sheet) -> Sampling:
    """Return how the pictures of a sheet are sampled."""
    if sheet.lanczos:
        return "lanczos"
    if sheet.smooth:
        return "smooth"
    return "crisp" if sheet.side else "pixels"


def grid_shape(count: int, columns: int | None = None) -> tuple[int, int]:
    """Rows and columns of a grid of `count` cells; None: as nearly square as it goes."""
    columns = min(count, columns or math.ceil(math.sqrt(count)))
    return math.ceil(count / columns), columns


def gap(size: int) -> int:
    """How many pixels lie between cells whose longer side is `size` pixels."""
    return max(1, size // 128)


def cell_size(sheet: Sheet, height: int, width: int) -> tuple[int, int]:
    """Return the height and width at which every picture of a sheet is drawn.

    height, width: what the largest of its pictures has.

    Where the sheet has a `side`, these are the largest of the same shape with which it is not
    exceeded.
    """
    if not sheet.side:
        return max(1, round(sheet.scale * height)), max(1, round(sheet.scale * width))
    rows, columns = _shape(sheet)
    lying = rows * height <= columns * width
    count, short, long = (rows, height, width) if lying else (columns, width, height)
    for pixels in range(sheet.side // count, 0, -1):
        other = max(1, round(long * pixels / short))
        if count * pixels + (count - 1) * gap(max(pixels, other)) <= sheet.side:
            break
    else:
        pixels, other = 1, max(1, round(long / short))
    return (pixels, other) if lying else (other, pixels)


def sheet_size(sheet: Sheet, height: int, width: int) -> tuple[int, int]:
    """Return the height and width of a whole sheet.

    height, width: what the largest of its pictures has.
    """
    rows, columns = _shape(sheet)
    tall, wide = cell_size(sheet, height, width)
    between = gap(max(tall, wide))
    size = rows * (tall + between) - between, columns * (wide + between) - between
    if not sheet.side:
        return size
    # What whole cells leave of the shorter side is filled up.
    if rows * height <= columns * width:
        return max(size[0], sheet.side), size[1]
    return size[0], max(size[1], sheet.side)


def without_opaque_alpha(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """pixels [H, W, 3 or 4], without their alpha where it says nothing."""
    transparent = pixels.shape[2] == 4 and bool((pixels[..., 3] != 255).any())
    return np.ascontiguousarray(pixels if transparent else pixels[..., :3])


def resized(picture: Pixels, height: int, width: int, how: Sampling) -> Pixels:
    """The picture ([H, W, 4]) in another size of the same shape: [height, width, 4]."""
    h, w = picture.shape[:2]
    larger = height > h or width > w
    whole = height % h == 0 and width % w == 0 and height // h == width // w
    if whole and how in ("pixels", "crisp"):
        return _repeated(picture, height // h)
    if larger and how == "crisp":
        # As many whole squares as are needed, of which the edges are averaged.
        picture = _repeated(picture, max(math.ceil(height / h), math.ceil(width / w)))
        filtered = Image.Resampling.BOX
    else:
        bilinear = larger and how == "smooth"
        filtered = Image.Resampling.BILINEAR if bilinear else Image.Resampling.LANCZOS
    image = Image.fromarray(without_opaque_alpha(picture))
    return np.array(image.resize((width, height), filtered).convert("RGBA"))


def sized(picture: Pixels, side: int, *, smooth: bool) -> Pixels:
    """The picture with `side` pixels along its shorter side, sampled as in the window.

    smooth: enlarged pixels run into each other instead of being squares.
    """
    h, w = picture.shape[:2]
    height, width = cell_size(Sheet((), side=side), h, w)
    return resized(picture, height, width, "smooth" if smooth else "crisp")


def _shape(sheet: Sheet) -> tuple[int, int]:
    if sheet.layout != "grid":
        return 1, 1
    return grid_shape(max(1, len(sheet.requests)), sheet.columns)


def _repeated(picture: Pixels, times: int) -> Pixels:
    h, w = picture.shape[:2]
    packed: npt.NDArray[np.uint32] = np.ascontiguousarray(picture).view(np.uint32)[..., 0]
    words = np.empty((h, times, w, times), np.uint32)
    words[:] = packed[:, None, :, None]
    repeated: Pixels = words.reshape(h * times, w * times, 1).view(np.uint8)
    return repeated
