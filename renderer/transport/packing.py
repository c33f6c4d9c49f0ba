"""Pictures as bytes for a line: exactly, or as a JPEG while they move.

Measured at 1024² on one core: lossless WebP at its fastest takes 20 to 35 ms and is a quarter
smaller than PNG or zlib behind a filter, which take 8 to 33; JPEG of quality 90 takes 3.5 ms and is
smaller by another three quarters. Lossy WebP takes many times as long, and of pictures with grain
it is no smaller at the same error.
"""

from __future__ import annotations

import io
import zlib

import numpy as np
from PIL import Image

from renderer.messages.to_window import Packing
from renderer.transport.shared_memory import Pixels

QUALITIES = (90, 75, 50)
"""Of the JPEGs, on Pillow's scale of 1 to 95, for lines that are slower and slower."""
_FULL_COLOUR = 90  # from this quality on colour has the resolution of brightness
_WIDEST_WEBP = 16383  # pixels, by its definition


def pack_exactly(pixels: Pixels) -> tuple[Packing, bytes]:
    """A picture [height, width, 4] as bytes that give the same picture again."""
    if max(pixels.shape[:2]) > _WIDEST_WEBP:
        return "zlib", zlib.compress(pixels.tobytes(), 1)
    opaque = bool((pixels[..., 3] == 255).all())
    image = Image.fromarray(np.ascontiguousarray(pixels[..., :3] if opaque else pixels))
    file = io.BytesIO()
    image.save(file, "WEBP", lossless=True, quality=0, method=0, exact=True)
    return "webp", file.getvalue()


def pack_lossily(pixels: Pixels, quality: int = QUALITIES[0]) -> tuple[Packing, bytes]:
    """A picture [height, width, 4] as a JPEG, without its alpha."""
    file = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(pixels[..., :3]))
    image.save(file, "JPEG", quality=quality, subsampling=0 if quality >= _FULL_COLOUR else 2)
    return "jpeg", file.getvalue()


def unpack(packing: Packing, data: bytes, height: int, width: int) -> Pixels:
    """The picture [height, width, 4], read-only. Raises ValueError where it is another."""
    if packing == "zlib":
        size = height * width * 4
        unpacker = zlib.decompressobj()
        try:
            flat = unpacker.decompress(data, size)
        except zlib.error as error:
            raise ValueError(str(error)) from error
        return np.frombuffer(flat, np.uint8, size).reshape(height, width, 4)
    if packing not in ("webp", "jpeg"):
        raise ValueError(f"pictures packed as {packing!r} are not known")
    try:
        with Image.open(io.BytesIO(data), formats=(packing.upper(),)) as image:
            if image.size != (width, height):
                raise ValueError(f"a picture of {image.size}, not of {(width, height)}")
            pixels = np.asarray(image.convert("RGBA"))
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(str(error)) from error
    pixels.flags.writeable = False
    return pixels
