"""Image files before their pixels are read: which are images, how large they are, how they lie.

Everything here holds for files that somebody broke on purpose: what the decoders raise is known,
and no small file may claim the memory of a large picture.
"""

from __future__ import annotations

import io
import lzma
import os
import struct
import warnings
import zlib

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
MAX_BYTES = 1 << 29  # of one image file
MAX_PIXELS = 120_000_000  # the largest cameras reach 100 million; Pillow holds 4 bytes for each

IMAGE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jfif", ".jpe", ".webp", ".bmp", ".tif", ".tiff", ".gif"}
)
# Files that lie beside images by the thousand, and are never looked into.
_OTHER_SUFFIXES = frozenset(
    {".txt", ".json", ".jsonl", ".csv", ".tsv", ".xml", ".md", ".html", ".npy", ".npz", ".mp4"}
)
HEAD = 16  # bytes that tell an image from other files

# What Pillow's decoders raise on broken files, as far as hostile ones have shown; RecursionError
# is a RuntimeError.
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
    lzma.LZMAError,
)

_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = tuple(_UPRIGHT[orientation] for orientation in (5, 6, 7, 8))
_JPEG = b"\xff\xd8\xff"
_MOST = 8  # that a JPEG can be reduced by


class BombError(Exception):
    """An image claims more pixels than it may have; the text is the reason, in a few words."""


def by_suffix(name: str) -> bool | None:
    """Whether a file is an image by its extension; None where only its contents can tell."""
    suffix = os.path.splitext(name)[1].lower()
    if suffix in IMAGE_SUFFIXES:
        return True
    return False if suffix in _OTHER_SUFFIXES else None


def by_head(head: bytes) -> bool:
    """Whether a file is an image by its first `HEAD` bytes."""
    return (
        head.startswith(
            (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")
        )
        or (head.startswith(b"RIFF") and head[8:12] == b"WEBP")
        or (head.startswith(b"BM") and head[6:10] == b"\0\0\0\0")
    )


def open_image(data: bytes, *, whole: bool = True, reduction: int = 1) -> Image.Image:
    """The image in `data`, its pixels not yet read.

    whole: whether `data` is the whole file, by whose size the claimed pixels are judged.
    reduction: by what its pixels may be divided along both axes while they are read, which
        baseline JPEGs allow by 2, 4 and 8; they may claim more pixels then.
    Raises BombError, and BROKEN where it is none.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of metadata and of large pictures
        if reduction > 1 and data.startswith(_JPEG):
            image: Image.Image = JpegImageFile(io.BytesIO(data))  # whatever its size
            claimed = image.width * image.height
            if claimed > MAX_PIXELS and image.info.get("progressive"):
                raise BombError(_TOO_MANY)  # it would be held whole
            image.draft(None, (-(-image.width // reduction), -(-image.height // reduction)))
        else:
            try:
                image = Image.open(io.BytesIO(data), formats=FORMATS)
            except Image.DecompressionBombError as error:
                raise BombError(_TOO_MANY) from error
            claimed = image.width * image.height
    if image.width * image.height > MAX_PIXELS:
        raise BombError(_TOO_MANY)
    # Flat pictures may be packed a thousandfold, which is harmless where they are small.
    if whole and claimed > 1 << 24 and claimed > 1000 * len(data):
        raise BombError("more pixels than its bytes can hold (a decompression bomb?)")
    return image


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height as the file claims them, turned upright. Raises as `open_image`."""
    with open_image(data, reduction=_MOST if data.startswith(_JPEG) else 1) as image:
        reduced = image.size
        if data.startswith(_JPEG):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                reduced = JpegImageFile(io.BytesIO(data)).size
        sideways = is_sideways(image)
    return reduced[::-1] if sideways else reduced


def is_sideways(image: Image.Image) -> bool:
    """Whether width and height change places when a picture is turned upright."""
    return upright(image) in _SIDEWAYS


def upright(image: Image.Image) -> Image.Transpose | None:
    """How a picture whose pixels are read is turned upright, as EXIF says; None: it is."""
    try:
        return _UPRIGHT.get(int(image.getexif().get(_ORIENTATION, 1)))
    except BROKEN:  # broken metadata of a sound picture
        return None


_TOO_MANY = f"more than {MAX_PIXELS // 1_000_000} million pixels (a decompression bomb?)"
