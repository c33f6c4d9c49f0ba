"""The bytes of an image file as an upright 8-bit picture, grey or RGB, in sRGB.

What is decided here: EXIF rotation is applied; transparency is laid on a background; ICC profiles
of RGB and CMYK pictures are converted to sRGB, those of grey ones and PNG's gamma are ignored;
CMYK without a profile is converted by its definition; palettes become RGB, or grey where all their
colours are; 16-bit grey is rounded to 8 bits; of animations and pages the first one is taken.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
MAX_BYTES = 1 << 29
ORIENTATION = 0x0112

# What Pillow's decoders raise on broken files, as far as hostile ones have shown.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    ZeroDivisionError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class SkipError(Exception):
    """An image is left out.

    reason: why, one of few, to be counted.
    detail: what else there is to say of this image.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


def decode(
    data: bytes, background: tuple[int, int, int] = (255, 255, 255)
) -> tuple[Image.Image, list[str]]:
    """The picture, whose mode is L or RGB, and what was done to it, in words.

    background: RGB, 0 to 255, shown through transparency. Raises SkipError.
    """
    if not data:
        raise SkipError("empty file")
    if len(data) > MAX_BYTES:
        raise SkipError(f"larger than {MAX_BYTES >> 20} MiB")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of metadata and of large pictures
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                return _decode(image, background)
        except UnidentifiedImageError as error:
            raise SkipError("not an image of a kind that is read") from error
        except Image.DecompressionBombError as error:
            raise SkipError("too many pixels (a decompression bomb?)") from error
        except BROKEN as error:
            detail = " ".join(str(error).split())[:120]
            raise SkipError("corrupt or truncated", detail) from error


def _decode(image: Image.Image, background: tuple[int, int, int]) -> tuple[Image.Image, list[str]]:
    if min(image.size) < 1:
        raise SkipError("no pixels")
    image.load()
    notes: list[str] = []
    profile = image.info.get("icc_profile")
    turn = _UPRIGHT.get(_orientation(image))

    if image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PNG"):
        picture, alpha = _eight_bits(image), None
        notes.append("16-bit grey rounded to 8 bits")
    else:
        picture, alpha = _colour(image, notes)
    if profile:
        picture = _to_srgb(picture, profile, notes)
    if picture.mode == "CMYK":
        picture = picture.convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        picture = _laid_on(picture, alpha, background)
        notes.append("transparency laid on the background")
    if turn is not None:
        picture = picture.transpose(turn)
        notes.append("turned upright as EXIF says")
    picture.info.clear()  # or it would be saved with the picture
    return picture, notes


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except BROKEN:  # broken metadata of a sound picture
        return 1


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


def _eight_bits(image: Image.Image) -> Image.Image:
    values = np.asarray(image).astype(np.uint32)
    if values.max() > 65535:
        raise SkipError("pixels of a kind that is not read", "more than 16 bits")
    return Image.fromarray(((values + 128) // 257).astype(np.uint8))


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


def _laid_on(
    picture: Image.Image, alpha: Image.Image, background: tuple[int, int, int]
) -> Image.Image:
    if picture.mode == "L" and len(set(background)) == 1:
        base = Image.new("L", picture.size, background[0])
    else:
        base = Image.new("RGB", picture.size, background)
        picture = picture.convert("RGB")
    base.paste(picture, mask=alpha)
    return base
