"""One image from its source to the bytes that are written: what worker processes do."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from common.errors import UserError, reason
from common.images.decode import DEEP, WHITE, Background, Decoded, SkipError, decode
from common.images.image_file import MAX_BYTES
from training.data.archive import UnreadableError, file_size
from training.prepare.item import Payload
from training.prepare.transform import Transform

Format = Literal["png", "jpeg", "webp"]
# Measured at 256²: level 4 halves the speed of writing for files 14% smaller; reading is the same.
PNG_LEVEL = 2
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
SUFFIXES = {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}


@dataclass(frozen=True, slots=True)
class Settings:
    """How images are converted.

    transform: how they are cropped and resized.
    background: shown through transparency, unless there are 4 channels.
    channels: 1, 3, or 4 with transparency; None keeps grey where every image is grey.
    format: of the files that are written.
    quality: 1 to 100, of the formats that lose something.
    span: the values of 16-bit grey that become black and white, 0 to 65535.
    """

    transform: Transform = field(default_factory=Transform)
    background: Background = WHITE
    channels: Literal[1, 3, 4] | None = None
    format: Format = "png"
    quality: int = 95
    span: tuple[int, int] = DEEP

    def check(self) -> None:
        """Check that pictures can be made so. Raises UserError."""
        self.transform.check()
        if self.channels == 4 and self.format == "jpeg":
            raise UserError("JPEG holds no transparency.", "Use --format png or webp.")
        low, high = self.span
        if not DEEP[0] <= low < high <= DEEP[1]:
            raise UserError(
                f"--range {low} {high} is no range of 16-bit values.", "For example --range 0 4095."
            )


@dataclass(frozen=True, slots=True)
class Converted:
    """An image ready to be written, or the reason why it is left out.

    name: as the source calls it.
    data: the file; empty where the image is left out.
    mode: `L` for grey, `RGB` or `RGBA`.
    size: width and height in pixels.
    notes: what was done to it, in words.
    highest: the highest value of 16-bit grey; None of other pictures.
    reason: why it is left out, one of few, to be counted; empty where it is not.
    detail: what else there is to say of that.
    """

    name: str
    data: bytes = b""
    mode: str = ""
    size: tuple[int, int] = (0, 0)
    notes: list[str] = field(default_factory=list)
    highest: int | None = None
    reason: str = ""
    detail: str = ""


def convert(name: str, payload: Payload, settings: Settings) -> Converted:
    """Decode, transform and encode an image. Never raises for what a file holds."""
    try:
        decoded = _picture(payload, settings)
        image, notes = decoded.image, decoded.notes
        if settings.transform.enlarges(image):
            notes.append("smaller than the size asked for: enlarged")
        if settings.transform.stretches(image):
            notes.append("stretched to a square; --transform center-crop keeps shapes")
        image = settings.transform.apply(image)
        if settings.channels is not None:
            image = image.convert(_MODES[settings.channels])
        data = encode(image, settings)
    except SkipError as skip:
        return Converted(name, reason=skip.reason, detail=skip.detail)
    except MemoryError:
        return Converted(name, reason="too large for the memory that is free")
    return Converted(name, data, image.mode, image.size, notes, decoded.highest)


def encode(image: Image.Image, settings: Settings) -> bytes:
    """The file of a picture whose mode is L, RGB or RGBA."""
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


def _picture(payload: Payload, settings: Settings) -> Decoded:
    if isinstance(payload, np.ndarray):
        return Decoded(Image.fromarray(payload))
    if isinstance(payload, Path):
        try:
            if file_size(payload) > MAX_BYTES:
                raise SkipError(f"larger than {MAX_BYTES >> 20} MiB")
            payload = payload.read_bytes()
        except UnreadableError as error:
            raise SkipError(str(error)) from error
        except OSError as error:
            raise SkipError("cannot be read", reason(error)) from error
    return decode(payload, None if settings.channels == 4 else settings.background, settings.span)
