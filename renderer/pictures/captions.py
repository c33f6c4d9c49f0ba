"""Words in the corner of a picture: white with a dark outline and a soft shadow, legible on
anything."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from renderer.transport.shared_memory import Pixels

_SMALLEST = 11
"""The least height of letters in pixels; smaller ones run together."""
_OUTLINE = 0.85
"""How dark the outline of the letters is: a shadow alone is too faint for thin ones on white."""
_CJK = "\u2e80"
"""The first character of those that Roboto has no glyphs for."""

Coverage = npt.NDArray[np.float32]
"""How much of each pixel is covered: [h, w] in 0…1."""


def caption(canvas: Pixels, text: str, *, right: bool = False, bottom: bool = False) -> None:
    """Write a line of words into a corner of a picture, in place.

    The letters grow with the picture; what does not fit its width ends in an ellipsis.
    canvas: the picture, [H, W, 4].
    text: what is written.
    right: into a right corner instead of a left one.
    bottom: into a lower corner instead of an upper one.
    """
    height, width = canvas.shape[:2]
    if not text or height < _SMALLEST:
        return
    size = max(_SMALLEST, height // 32)
    ink, shadow = _stencil(text, size, width)
    rows, columns = min(height, ink.shape[0]), min(width, ink.shape[1])
    start = width - columns if right else 0
    top = height - rows if bottom else 0
    region = canvas[top : top + rows, start : start + columns, :3]
    ink, shadow = ink[:rows, :columns, None], shadow[:rows, :columns, None]
    region[:] = region * (1 - shadow) * (1 - ink) + 255 * ink + 0.5


@lru_cache(64)
def _stencil(text: str, size: int, width: int) -> tuple[Coverage, Coverage]:
    """Return how much of each pixel is letter, and how much is shadow.

    text: what is written, cut to fit.
    size: the height of the letters in pixels.
    width: the most pixels that there is room for.
    """
    font = _font("NotoSansCJK-subset.otf" if max(text) >= _CJK else "Roboto-Regular.ttf", size)
    margin = round(size * 0.6)
    text = _shortened(text, font, width - 2 * margin)
    ascent, descent = font.getmetrics()
    box = round(font.getlength(text)) + 2 * margin, ascent + descent + 2 * margin
    ink = Image.new("L", box)
    ImageDraw.Draw(ink).text((margin, margin), text, 255, font)
    # Twice blurred: a tight edge that separates the letters, a wide one that calms what is behind.
    radii = max(0.9, 0.06 * size), 0.25 * size
    tight, wide = (_share(ink.filter(ImageFilter.GaussianBlur(radius))) for radius in radii)
    shadow = 1 - np.clip(1 - 1.7 * tight, 0, 1) * np.clip(1 - 1.1 * wide, 0, 1)
    outline = Image.new("L", box)
    ImageDraw.Draw(outline).text((margin, margin), text, 255, font, stroke_width=max(1, size // 16))
    return _share(ink), np.maximum(shadow, _OUTLINE * _share(outline))


def _share(image: Image.Image) -> Coverage:
    return np.asarray(image, np.float32) / np.float32(255)


def _shortened(text: str, font: ImageFont.FreeTypeFont, room: float) -> str:
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + "…") > room:
        text = text[:-1]
    return text.rstrip() + "…"


@lru_cache(16)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    data = resources.files("assets").joinpath("fonts", name).read_bytes()
    return ImageFont.truetype(BytesIO(data), size)
