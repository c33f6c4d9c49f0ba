"""What `drag` is told to move: --point, --mask and --rows, and errors that say what is wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import click
import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from common.dragging import DragPoint
from common.errors import UserError, reason
from common.units import by
from renderer.cli.options import arguments
from renderer.messages.model import ModelInfo

WRITE: Final = "Write FROM_X,FROM_Y:TO_X,TO_Y in pixels of the picture, such as 20,30:28,30."
MASK_WRITE: Final = "Write X,Y,R (middle and radius of a disc in pixels), or name a picture."
_OBLONG: Final = 0.01
"""The share by which the ratio of the sides of a mask may differ from that of the picture, since
sides are whole numbers of pixels."""

Place = tuple[float, float]
Mask = npt.NDArray[np.bool_]
"""[height, width], true where the picture may move."""


def pair(text: str) -> tuple[Place, Place]:
    """`X,Y:X,Y` -> handle and target. Raises UserError that quotes what is wrong."""
    halves = text.split(":")
    if len(halves) != 2:
        raise UserError(f"--point: {text!r} is no handle and target.", WRITE)
    handle, target = halves
    return arguments.point(handle), arguments.point(target)


def placed(pairs: list[tuple[Place, Place]], shape: tuple[int, int]) -> tuple[DragPoint, ...]:
    """Handles and targets as points of a picture. Raises UserError for those outside of it.

    shape: its height and width.
    """
    return tuple(
        DragPoint(number, _inside(handle, shape), _inside(target, shape))
        for number, (handle, target) in enumerate(pairs)
    )


def disc(text: str) -> tuple[float, float, float] | None:
    """The middle and the radius that --mask says; None where it is no three numbers."""
    number = r"\s*(-?\d+(?:\.\d+)?)\s*"
    found = re.fullmatch(",".join([number] * 3), text, re.ASCII)
    return None if found is None else (float(found[1]), float(found[2]), float(found[3]))


def disc_mask(text: str, shape: tuple[int, int]) -> Mask:
    """The disc that --mask says, in a picture of this height and width. Raises UserError."""
    said = disc(text)
    assert said is not None
    x, y, radius = said
    rows, columns = np.mgrid[: shape[0], : shape[1]] + 0.5
    mask: Mask = np.hypot(columns - x, rows - y) < radius
    if not mask.any():
        raise UserError(f"--mask: the disc {text} covers nothing of the picture.", MASK_WRITE)
    return mask


def mask_picture(text: str) -> Mask:
    """The part that is white in the picture that --mask names. Raises UserError."""
    path = Path(text).expanduser()
    if not path.is_file():
        raise UserError(f"--mask: {text} does not exist, and is no disc.", MASK_WRITE)
    try:
        with Image.open(path) as image:
            mask: Mask = np.asarray(image.convert("L")) >= 128
    except UnidentifiedImageError:
        raise UserError(f"--mask: {path} is no picture.", MASK_WRITE) from None
    except (OSError, Image.DecompressionBombError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        raise UserError(f"--mask: {path} cannot be read: {why}.") from error
    if not mask.any():
        raise UserError(f"--mask: nothing in {path} is white.", "White is what may move.")
    return mask


def check_mask(text: str, mask: Mask, shape: tuple[int, int]) -> None:
    """Say on stderr that a mask of another size is scaled to the picture.

    text: what --mask names. shape: height and width of the picture.
    Raises UserError for a mask of another aspect ratio, which would be distorted.
    """
    (height, width), (high, wide) = mask.shape, shape
    if (height, width) == (high, wide):
        return
    if abs(width * high / (height * wide) - 1) > _OBLONG:
        raise UserError(
            f"--mask: {Path(text).name} is {by((height, width))} pixels, but the picture is "
            f"{by(shape)}.",
            "Give a mask of the picture's size, or of the same aspect ratio.",
        )
    click.echo(
        f"--mask: {Path(text).name} is scaled from {by((height, width))} to {by(shape)} pixels.",
        err=True,
    )


def rows(text: str, model: ModelInfo) -> int:
    """How many rows of w follow, counted from the first. Raises UserError."""
    found = arguments.numbers(text, "--rows", model.num_ws - 1, f"Rows of {model.name}")
    if found != list(range(len(found))):
        raise UserError(f"--rows: {text!r} does not begin at 0.", "Write 0-5.")
    return len(found)


def _inside(place: Place, shape: tuple[int, int]) -> Place:
    (x, y), (high, wide) = place, shape
    if not (0 <= x < wide and 0 <= y < high):
        raise UserError(
            f"--point: {x:g},{y:g} is outside the picture.",
            f"It has {by(shape)} pixels: x goes from 0 to {wide - 1}, y from 0 to {high - 1}.",
        )
    return place
