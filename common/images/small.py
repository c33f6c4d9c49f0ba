"""A small version of a picture in a file, to be looked at."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from common.images.image_file import MAX_BYTES, BombError, open_image


def small_picture(data: bytes, side: int) -> Image.Image:
    """The picture in the bytes of a file, upright, RGBA, its longer side `side` pixels at most.

    Raises BombError, OSError, ValueError or SyntaxError, which Pillow does for broken PNGs.
    """
    with _open(data) as image:
        image.draft("RGB", (side, side))  # JPEG decodes to a fraction of its size at once
        image.thumbnail((side, side), Image.Resampling.BOX, reducing_gap=2.0)
        return ImageOps.exif_transpose(image).convert("RGBA")


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data))
    except Image.DecompressionBombError as error:
        if len(data) > MAX_BYTES:
            raise BombError(str(error)) from error
        # Only a JPEG of such a size can be reduced while it is read; anything else is refused.
        return open_image(data, reduction=8)
