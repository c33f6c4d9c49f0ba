"""A picture of the user's, as a network makes its own: square, of its size and its channels.

Free of torch: the window shows what will be projected before anything is computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from common.errors import UserError, reason
from common.files import open_file
from common.images.decode import WHITE, Background, SkipError, decode
from common.images.image_file import (
    BROKEN,
    FORMATS,
    MAX_BYTES,
    BombError,
    is_sideways,
    size_of,
)

_REDUCTIONS: Final = (8, 4, 2)
_PLAIN_PIXELS: Final = 1 << 24  # up to which nothing in a picture is suspicious
_MODES: Final = {1: "L", 3: "RGB", 4: "RGBA"}  # by the channels of a network
_MARGIN: Final = 2  # times the network's size is left for Lanczos to do well


@dataclass(frozen=True)
class Crop:
    """A square of a picture, in its pixels, turned upright.

    x, y: its left upper corner.
    size: of its sides, at least 1.
    """

    x: int
    y: int
    size: int


def centre(width: int, height: int) -> Crop:
    """The largest square, in the middle."""
    size = min(width, height)
    return Crop((width - size) // 2, (height - size) // 2, size)


def target_size(path: str | Path) -> tuple[int, int]:
    """Width and height of a picture file, turned upright, without reading its pixels.

    Raises UserError for what is no picture, and for what `read_target` does not read for its size.
    """
    try:
        with open_file(path) as file, Image.open(file, formats=FORMATS) as image:
            size = image.size
            if size[0] * size[1] <= _PLAIN_PIXELS:
                return size[::-1] if is_sideways(image) else size
    except (*BROKEN, Image.DecompressionBombError):
        pass  # looked at with more care below, which also says what is wrong
    data = _bytes(path)
    with _explained(path):
        return size_of(data)


def read_target(
    path: str | Path,
    resolution: int,
    channels: int,
    crop: Crop | None = None,
    background: Background = WHITE,
) -> npt.NDArray[np.uint8]:
    """The square of a picture file as a network's picture: [resolution, resolution, channels].

    Turned upright as EXIF says, in sRGB, reduced or enlarged by Lanczos; of animations the first
    picture is taken. Large JPEGs are reduced while they are read.
    channels: of the network: 3, 1 for luma, or 4 to keep transparency.
    crop: None takes the largest square in the middle.
    background: what is seen through transparency.
    Raises UserError for what is no picture, for a crop that leaves it, and for other channels.
    """
    if channels not in _MODES:
        raise UserError(
            f"Pictures of {channels} channels cannot be projected.", "Open another network."
        )
    data = _bytes(path)
    with _explained(path):
        width, height = size_of(data)
        crop = crop or centre(width, height)
        inside = 0 <= crop.x <= width - crop.size and 0 <= crop.y <= height - crop.size
        if crop.size < 1 or not inside:
            raise UserError(
                f"The crop {crop.x},{crop.y},{crop.size} leaves the picture {path}.",
                f"It has {width}×{height} pixels.",
            )
        wanted = _MARGIN * resolution
        reduction = next((n for n in _REDUCTIONS if crop.size // n >= wanted), 1)
        image = decode(data, None if channels == 4 else background, reduction=reduction).image
    # The square in the pixels that were read, which a reduction leaves in fractions.
    sx, sy = image.width / width, image.height / height
    box = (crop.x * sx, crop.y * sy, (crop.x + crop.size) * sx, (crop.y + crop.size) * sy)
    image = image.convert(_MODES[channels])
    square = image.resize((resolution, resolution), Image.Resampling.LANCZOS, box=box)
    return np.asarray(square).reshape(resolution, resolution, channels)


@contextmanager
def _explained(path: str | Path) -> Iterator[None]:
    """What decoders raise, as a UserError that names the file."""
    try:
        yield
    except SkipError as error:
        detail = getattr(error, "detail", "")
        raise _unread(path, f"{error.reason}{f' ({detail})' if detail else ''}") from error
    except UnidentifiedImageError as error:
        raise _unread(path, "not an image of a kind that is read") from error
    except BombError as error:
        raise _unread(path, str(error)) from error
    except BROKEN as error:
        raise _unread(path, "corrupt or truncated") from error


def _bytes(path: str | Path) -> bytes:
    try:
        with open_file(Path(path).expanduser()) as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise UserError(f"{path} does not exist.") from error
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        raise UserError(f"Cannot read {path}: {why}.") from error
    if not data:
        raise _unread(path, "empty file")
    if len(data) > MAX_BYTES:
        raise _unread(path, f"larger than {MAX_BYTES >> 20} MiB")
    return data


def _unread(path: str | Path, why: str) -> UserError:
    return UserError(
        f"{path} cannot be projected: {why}.",
        "Give another picture: PNG, JPEG, WebP, BMP, TIFF or GIF.",
    )
