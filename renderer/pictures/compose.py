"""Several pictures as one: side by side, wiped, subtracted. Free of torch.

Pictures of different sizes are brought to the largest, and sampled as the sheet says. What is
subtracted always uses Lanczos: the edges of repeated pixels would count as content.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops

from common.errors import UserError
from renderer.messages.jobs import Sheet
from renderer.pictures import colormaps
from renderer.pictures.captions import caption
from renderer.pictures.sizes import (
    Sampling,
    cell_size,
    gap,
    grid_shape,
    resized,
    sampling,
    sheet_size,
)
from renderer.transport.shared_memory import Pixels

EMPTY = (24, 24, 24, 255)
_LINE = (255, 255, 255, 255)
_SHARP = 1024  # a wipe's line is one pixel wide up to about this width


class DifferenceNumbers(NamedTuple):
    """How far two pictures are apart, over all pixels and R, G and B, in levels of 0…255.

    mean_absolute: the mean of the absolute differences.
    rms: the root of the mean of their squares.
    maximum: the largest absolute difference.
    psnr_db: 20·log10(255 / rms), infinite where the pictures are equal.
    changed: the share of pixels of which any channel differs, 0…1.
    """

    mean_absolute: float
    rms: float
    maximum: int
    psnr_db: float
    changed: float


def compose(pictures: Sequence[Pixels], sheet: Sheet) -> Pixels:
    """The pictures ([H, W, 4] each) of `sheet.requests` laid out as `sheet` says: [H, W, 4].

    Raises UserError for a number of pictures that the layout cannot take.
    """
    wanted = "at least one" if sheet.layout == "grid" else "two"
    if (len(pictures) != 2) if sheet.layout != "grid" else not pictures:
        raise UserError(f"A {sheet.layout} is made of {wanted} pictures, not {len(pictures)}.")
    names = [*sheet.labels, *[""] * len(pictures)]
    if sheet.layout == "difference":
        first, second = same_size(pictures, how="lanczos")
        (made,) = _drawn([difference(first, second, sheet.gain)], sheet)
        caption(made, f"{names[1]} − {names[0]}" if names[0] and names[1] else "")
        return made
    fitted = _drawn(pictures, sheet)
    if sheet.layout == "wipe":
        made = wipe(fitted[0], fitted[1], sheet.split, upright=sheet.upright)
        caption(made, names[0])
        caption(made, names[1], right=sheet.upright, bottom=not sheet.upright)
        return made
    made = grid(fitted, sheet.columns, names)
    largest = _largest(pictures)
    return _on_canvas(made, *sheet_size(sheet, *largest)) if sheet.side else made


def grid(
    pictures: Sequence[Pixels], columns: int | None = None, labels: Sequence[str] = ()
) -> Pixels:
    """Pictures of one size in reading order, apart by `gap`; empty cells are EMPTY.

    labels: see `Sheet.labels`.
    """
    rows, columns = grid_shape(len(pictures), columns)
    height, width = pictures[0].shape[:2]
    between = gap(max(height, width))
    made = _blank(rows * (height + between) - between, columns * (width + between) - between)
    for i, picture in enumerate(pictures):
        top, left = i // columns * (height + between), i % columns * (width + between)
        cell = made[top : top + height, left : left + width]
        cell[:] = picture
        upper, _, lower = (labels[i] if i < len(labels) else "").partition("\n")
        caption(cell, upper)
        caption(cell, lower, bottom=True)
    return made


def wipe(first: Pixels, second: Pixels, split: float, *, upright: bool = True) -> Pixels:
    """The first left of `split` (0…1 of the width), the second right of it, a line between.

    Not upright: the first above `split` of the height, the second below.
    """
    if not upright:
        turned = wipe(first.swapaxes(0, 1), second.swapaxes(0, 1), split)
        return np.ascontiguousarray(turned.swapaxes(0, 1))
    width = first.shape[1]
    edge = round(width * min(1.0, max(0.0, split)))
    made = first.copy()
    made[:, edge:] = second[:, edge:]
    if 0 < edge < width:
        thick = max(1, round(width / _SHARP))
        made[:, max(0, edge - thick // 2) :][:, :thick] = _LINE
    return made


def difference(first: Pixels, second: Pixels, gain: float = 1.0) -> Pixels:
    """Second minus first in luma (ITU-R BT.601), as a colour: blue darker, red lighter.

    gain: 1 gives the strongest colour to the whole range of 255 levels, 4 to a quarter of it.
    """
    levels = np.subtract(_luma(second), _luma(first), dtype=np.int16)
    levels += 255
    return _signed_colors(gain)[levels].view(np.uint8).reshape(first.shape)


def difference_numbers(first: Pixels, second: Pixels) -> DifferenceNumbers:
    """Measure how two pictures differ; the smaller is brought to the size of the larger."""
    first, second = same_size((first, second), how="lanczos")
    pair = (Image.fromarray(picture) for picture in comparable(first, second))
    between = ImageChops.difference(*pair)
    counts = np.array(between.histogram()).reshape(-1, 256).sum(axis=0)
    levels, total = np.arange(256), counts.sum()
    rms = math.sqrt(float(counts @ levels**2) / total)
    return DifferenceNumbers(
        mean_absolute=float(counts @ levels) / float(total),
        rms=rms,
        maximum=int(levels[counts > 0].max()),
        psnr_db=20 * math.log10(255 / rms) if rms else math.inf,
        changed=np.count_nonzero(_words(first) != _words(second)) / _words(first).size,
    )


def comparable(first: Pixels, second: Pixels) -> tuple[Pixels, Pixels]:
    """What of two pictures [H, W, 3 or 4] is compared: colours, or colours and alpha.

    Without alpha it is [H, W, 3]. Where something is transparent, colours count as much as they are
    seen, multiplied by alpha, and alpha itself counts as a fourth channel.
    """
    if not (_transparent(first) or _transparent(second)):
        return np.ascontiguousarray(first[..., :3]), np.ascontiguousarray(second[..., :3])
    return _seen(first), _seen(second)


def _transparent(picture: Pixels) -> bool:
    return picture.shape[2] == 4 and bool((picture[..., 3] != 255).any())


def _seen(picture: Pixels) -> Pixels:
    """[H, W, 4] with colours multiplied by alpha."""
    if picture.shape[2] == 3:
        return np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
    alpha = picture[..., 3:].astype(np.uint16)
    colours = (picture[..., :3] * alpha + 127) // 255
    return np.concatenate([colours, alpha], 2).astype(np.uint8)


def same_size(pictures: Sequence[Pixels], *, how: Sampling = "pixels") -> list[Pixels]:
    """The pictures as large as the largest, in the middle where their shapes differ.

    how: the sampling. A picture that fits already is returned as it is.
    """
    height, width = _largest(pictures)
    return [fit(picture, height, width, how=how) for picture in pictures]


def fit(picture: Pixels, height: int, width: int, *, how: Sampling = "pixels") -> Pixels:
    """The picture as large as it goes in the middle of [height, width, 4]; see `same_size`."""
    h, w = picture.shape[:2]
    if (h, w) == (height, width):
        return np.ascontiguousarray(picture)
    factor = min(height / h, width / w)
    size = max(1, round(h * factor)), max(1, round(w * factor))
    return _on_canvas(resized(picture, *size, how), height, width)


def framed(picture: Pixels, height: int, width: int, *, how: Sampling) -> Pixels:
    """The picture as large as it goes in the middle of a black one: [height, width, 4]."""
    h, w = picture.shape[:2]
    factor = min(height / h, width / w)
    size = max(1, round(h * factor)), max(1, round(w * factor))
    canvas = np.zeros((height, width, 4), np.uint8)
    canvas[..., 3] = 255
    top, left = (height - size[0]) // 2, (width - size[1]) // 2
    canvas[top : top + size[0], left : left + size[1]] = (
        picture if size == (h, w) else resized(picture, *size, how)
    )
    return canvas


def _drawn(pictures: Sequence[Pixels], sheet: Sheet) -> list[Pixels]:
    """The pictures in the size and with the sampling that a sheet wants."""
    size = cell_size(sheet, *_largest(pictures))
    return [fit(picture, *size, how=sampling(sheet)) for picture in pictures]


def _largest(pictures: Sequence[Pixels]) -> tuple[int, int]:
    """The largest height and the largest width."""
    return max(p.shape[0] for p in pictures), max(p.shape[1] for p in pictures)


def _on_canvas(picture: Pixels, height: int, width: int) -> Pixels:
    """The picture in the middle of an empty one, which is at least as large."""
    h, w = picture.shape[:2]
    if (h, w) == (height, width):
        return picture
    canvas = _blank(height, width)
    canvas[(height - h) // 2 :, (width - w) // 2 :][:h, :w] = picture
    return canvas


def _blank(height: int, width: int) -> Pixels:
    words = np.full((height, width, 1), np.array(EMPTY, np.uint8).view(np.uint32)[0])
    return words.view(np.uint8)


def _words(picture: Pixels) -> npt.NDArray[np.uint32]:
    """[H, W]: every pixel as one number."""
    words: npt.NDArray[np.uint32] = np.ascontiguousarray(picture).view(np.uint32)[..., 0]
    return words


def _luma(picture: Pixels) -> Pixels:
    return np.asarray(Image.fromarray(np.ascontiguousarray(picture)).convert("L"))


@lru_cache(32)
def _signed_colors(gain: float) -> npt.NDArray[np.uint32]:
    """The colours of differences −255…255, each as one number: [511]. 0 is exactly the middle."""
    table = colormaps.table("signed")
    at = np.clip(127.5 + np.arange(-255, 256) * (gain / 2), 0, 255)
    colors = np.full((511, 4), 255, np.uint8)
    for channel in range(3):
        colors[:, channel] = np.interp(at, np.arange(256), table[:, channel]).round()
    return colors.view(np.uint32)[:, 0]
