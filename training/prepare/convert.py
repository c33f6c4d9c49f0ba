"""One image from its source to the bytes that are written: what worker processes do."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from common.errors import reason
from training.prepare.decode import MAX_BYTES, SkipError, decode
from training.prepare.item import Payload
from training.prepare.transform import Transform

Format = Literal["png", "jpeg", "webp"]
# Measured at 256²: level 4 halves the speed of writing for files 14% smaller; reading is the same.
PNG_LEVEL = 2
SUFFIXES = {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}


@dataclass(frozen=True, slots=True)
class Settings:
    """How images are converted.

    transform: how they are cropped and resized.
    background: RGB, 0 to 255, shown through transparency.
    channels: 1 or 3; None keeps grey where every image is grey.
    format: of the files that are written.
    quality: 1 to 100, of the formats that lose something.
    """

    transform: Transform = field(default_factory=Transform)
    background: tuple[int, int, int] = (255, 255, 255)
    channels: Literal[1, 3] | None = None
    format: Format = "png"
    quality: int = 95


@dataclass(frozen=True, slots=True)
class Converted:
    """An image ready to be written, or the reason why it is left out.

    name: as the source calls it.
    data: the file; empty where the image is left out.
    mode: `L` for grey or `RGB`.
    size: width and height in pixels.
    notes: what was done to it, in words.
    reason: why it is left out, one of few, to be counted; empty where it is not.
    detail: what else there is to say of that.
    """

    name: str
    data: bytes = b""
    mode: str = ""
    size: tuple[int, int] = (0, 0)
    notes: list[str] = field(default_factory=list)
    reason: str = ""
    detail: str = ""


def convert(name: str, payload: Payload, settings: Settings) -> Converted:
    """Decode, transform and encode an image. Never raises for what a file holds."""
    try:
        image, notes = _picture(payload, settings)
        if settings.transform.enlarges(image):
            notes.append("smaller than the size asked for: enlarged")
        if settings.transform.stretches(image):
            notes.append("stretched to a square; --transform center-crop keeps shapes")
        image = settings.transform.apply(image)
    except SkipError as skip:
        return Converted(name, reason=skip.reason, detail=skip.detail)
    if settings.channels is not None:
        image = image.convert("L" if settings.channels == 1 else "RGB")
    return Converted(name, encode(image, settings), image.mode, image.size, notes)


def encode(image: Image.Image, settings: Settings) -> bytes:
    """The file of a picture whose mode is L or RGB."""
    file = io.BytesIO()
    if settings.format == "png":
        image.save(file, "PNG", compress_level=PNG_LEVEL)
    elif settings.format == "jpeg":
        image.save(file, "JPEG", quality=settings.quality, subsampling=0, optimize=True)
    else:
        image.save(file, "WEBP", quality=settings.quality, method=4)
    return file.getvalue()


def as_rgb(data: bytes, settings: Settings) -> bytes:
    """A file that `encode` made, once more in RGB."""
    with Image.open(io.BytesIO(data)) as image:
        return encode(image.convert("RGB"), settings)


def _picture(payload: Payload, settings: Settings) -> tuple[Image.Image, list[str]]:
    if isinstance(payload, np.ndarray):
        return Image.fromarray(payload), []
    if isinstance(payload, Path):
        try:
            if payload.stat().st_size > MAX_BYTES:
                raise SkipError(f"larger than {MAX_BYTES >> 20} MiB")
            payload = payload.read_bytes()
        except OSError as error:
            raise SkipError("cannot be read", reason(error)) from error
    return decode(payload, settings.background)
