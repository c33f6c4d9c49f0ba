"""The bytes of an image file as an upright 8-bit picture, grey, RGB or RGBA, in sRGB.

What is decided here: EXIF rotation is applied; transparency is laid on a background, or kept; ICC
profiles of RGB and CMYK pictures are converted to sRGB, those of grey ones and PNG's gamma are
ignored; CMYK without a profile is converted by its definition; palettes become RGB, or grey where
all their colours are; 16-bit grey is rounded to 8 bits; of animations and pages the first one is
taken.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from common.images.image_file import BROKEN, MAX_BYTES, BombError, open_image, upright
from common.words import escaped

Background = tuple[int, int, int]
"""A colour, RGB, 0 to 255."""

WHITE: Background = (255, 255, 255)
DEEP = (0, 65535)  # all values of 16 bits


class SkipError(Exception):
    """An image is left out.

    reason: why, one of few, to be counted.
    detail: what else there is to say of this image.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture as it was read.

    image: its mode is L, RGB or RGBA.
    notes: what was done to it, in words.
    highest: the highest value of a picture of 16-bit grey, before rounding; None of any other.
    """

    image: Image.Image
    notes: list[str] = field(default_factory=list)
    highest: int | None = None


def decode(
    data: bytes,
    background: Background | None = WHITE,
    span: tuple[int, int] = DEEP,
    reduction: int = 1,
) -> Decoded:
    """The picture in a file.

    background: shown through transparency; None keeps the transparency.
    span: the values of 16-bit grey that become 0 and 255.
    reduction: by what a JPEG may be reduced while it is read: 1, 2, 4 or 8.
    Raises SkipError.
    """
    if not data:
        raise SkipError("empty file")
    if len(data) > MAX_BYTES:
        raise SkipError(f"larger than {MAX_BYTES >> 20} MiB")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of metadata
        try:
            with open_image(data, reduction=reduction) as image:
                deep = image.format == "PNG" and data[24] == 16  # its bits for each channel
                return _decode(image, background, span, deep)
        except UnidentifiedImageError as error:
            raise SkipError("not an image of a kind that is read") from error
        except BombError as error:
            raise SkipError(str(error)) from error
        except MemoryError as error:
            raise SkipError("too large for the memory that is free") from error
        except BROKEN as error:
            detail = escaped(" ".join(str(error).split()), 120)
            raise SkipError("corrupt or truncated", detail) from error


def _decode(
    image: Image.Image, background: Background | None, span: tuple[int, int], deep: bool
) -> Decoded:
    if min(image.size) < 1:
        raise SkipError("no pixels")
    image.load()
    notes: list[str] = []
    highest: int | None = None
    profile = image.info.get("icc_profile")
    turn = upright(image)

    if image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PNG"):
        (picture, highest), alpha = _eight_bits(image, span), None
        notes.append("16-bit grey rounded to 8 bits")
    else:
        picture, alpha = _colour(image, notes)
        if deep:
            notes.append("16-bit colour cut to 8 bits")
            if np.asarray(picture).max() < 128:
                notes.append("dark: a small part of the 16-bit range is used")
    if profile:
        picture = _to_srgb(picture, profile, notes)
    if picture.mode == "CMYK":
        picture = picture.convert("RGB")
    if alpha is not None and background is None:
        picture = picture.convert("RGB")
        picture.putalpha(alpha)
    elif alpha is not None and background is not None and alpha.getextrema() != (255, 255):
        picture = _laid_on(picture, alpha, background)
        notes.append("transparency laid on the background")
    if turn is not None:
        picture = picture.transpose(turn)
        notes.append("turned upright as EXIF says")
    if _moves(image):  # asked last: it reads on in the file
        notes.append("an animation, or several pages: only the first is taken")
    picture.info.clear()  # or it would be saved with the picture
    return Decoded(picture, notes, highest)


def _moves(image: Image.Image) -> bool:
    try:
        return bool(getattr(image, "is_animated", False)) and image.format != "MPO"
    except BROKEN:  # what follows a sound picture
        return False


def _colour(image: Image.Image, notes: list[str]) -> tuple[Image.Image, Image.Image | None]:
    # Colours of mode L, RGB or CMYK, and the alpha channel where there is one.
    mode = image.mode
    if mode == "CMYK":
        notes.append("CMYK converted to RGB")
        return image, None
    if mode in ("LA", "La") or (mode == "L" and "transparency" in image.info):
        both = image.convert("LA")
        return both.getchannel("L"), both.getchannel("A")
    flat = "RGB"
    if mode in ("P", "PA"):
        flat = "L" if _is_grey(image.getpalette("RGB") or []) else "RGB"
        notes.append("palette converted to " + ("grey" if flat == "L" else "RGB"))
    if mode in ("RGBA", "RGBa", "PA") or (
        mode in ("P", "RGB", "1") and "transparency" in image.info
    ):
        both = image.convert("RGBA")
        return both.convert("RGB").convert(flat), both.getchannel("A")
    if mode in ("1", "L"):
        return image.convert("L"), None
    if mode in ("RGB", "P", "YCbCr", "RGBX"):
        return image.convert("RGB").convert(flat), None
    raise SkipError("pixels of a kind that is not read", mode)


def _is_grey(palette: list[int]) -> bool:
    return palette[0::3] == palette[1::3] == palette[2::3]


def _eight_bits(image: Image.Image, span: tuple[int, int]) -> tuple[Image.Image, int]:
    values = np.asarray(image).astype(np.int32)
    highest = int(values.max())
    if highest > 65535:
        raise SkipError("pixels of a kind that is not read", "more than 16 bits")
    low, high = span
    width = high - low
    values = ((values.clip(low, high) - low) * 255 + width // 2) // width
    return Image.fromarray(values.astype(np.uint8)), highest


def _to_srgb(picture: Image.Image, profile: bytes, notes: list[str]) -> Image.Image:
    if picture.mode not in ("RGB", "CMYK"):
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return picture
        converted = ImageCms.profileToProfile(
            picture,
            source,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, *BROKEN):
        notes.append("unusable ICC profile ignored")
        return picture
    notes.append("ICC profile converted to sRGB")
    return converted if converted is not None else picture


def _laid_on(picture: Image.Image, alpha: Image.Image, background: Background) -> Image.Image:
    if picture.mode == "L" and len(set(background)) == 1:
        base = Image.new("L", picture.size, background[0])
    else:
        base = Image.new("RGB", picture.size, background)
        picture = picture.convert("RGB")
    base.paste(picture, mask=alpha)
    return base
