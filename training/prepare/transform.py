"""Cropping and resizing to the size that is trained on."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2
from typing import Literal

from PIL import Image

from common.errors import UserError
from common.images.decode import SkipError

Kind = Literal["center-crop", "center-crop-wide"]
Filter = Literal["lanczos", "box"]

_FILTERS = {"lanczos": Image.Resampling.LANCZOS, "box": Image.Resampling.BOX}


@dataclass(frozen=True, slots=True)
class Transform:
    """How every picture gets its size.

    kind: None resizes it to width×height whatever its shape, or leaves it where neither is given.
        `center-crop` resizes the largest centred square. `center-crop-wide` resizes the largest
        centred rectangle of shape width:height and puts black above and below it to a square of
        `width`; pictures smaller than that are left out.
    width, height: in pixels; one of them alone stands for both.
    filter: of resizing.
    """

    kind: Kind | None = None
    width: int | None = None
    height: int | None = None
    filter: Filter = "lanczos"

    def check(self) -> None:
        """Check that the result can be trained on. Raises UserError."""
        width, height = self.width, self.height
        if self.kind == "center-crop-wide":
            if width is None or height is None:
                raise UserError(
                    "--transform center-crop-wide needs --width and --height.",
                    "For example --width 512 --height 384.",
                )
            if height > width:
                raise UserError(
                    f"--transform center-crop-wide cannot make {width}×{height}: it is taller "
                    "than wide.",
                    "Use a --height of at most --width.",
                )
            height = width
        elif self.kind and width is None and height is None:
            raise UserError(
                f"--transform {self.kind} needs --width and --height.",
                "For example --width 256 --height 256.",
            )
        width, height = width or height, height or width
        if width is not None and height is not None:
            check_size(width, height)

    def apply(self, image: Image.Image) -> Image.Image:
        """The picture in its size. Raises SkipError where it is too small for center-crop-wide."""
        width, height = self.width or self.height, self.height or self.width
        if width is None or height is None:
            return image
        if self.kind is None:
            return self._resized(image, (0, 0, *image.size), width, height)
        if self.kind == "center-crop":
            side = min(image.size)
            return self._resized(image, _centred(image, side, side), width, height)
        crop_width = min(image.width, round(image.height * width / height))
        crop_height = min(image.height, round(image.width * height / width))
        if crop_width < width or crop_height < height:
            raise SkipError(f"smaller than {width}×{height}", f"{image.width}×{image.height}")
        picture = self._resized(image, _centred(image, crop_width, crop_height), width, height)
        square = Image.new(image.mode, (width, width), "black")
        square.paste(picture, (0, (width - height) // 2))
        return square

    def enlarges(self, image: Image.Image) -> bool:
        """Whether `apply` makes pixels that the picture does not have."""
        width, height = self.width or self.height, self.height or self.width
        if width is None or height is None:
            return False
        if self.kind == "center-crop":
            return min(image.size) < max(width, height)
        return image.width < width or image.height < height

    def stretches(self, image: Image.Image) -> bool:
        """Whether `apply` changes the proportions of what the picture shows."""
        width, height = self.width or self.height, self.height or self.width
        if self.kind is not None or width is None or height is None:
            return False
        return image.width * height != image.height * width

    def _resized(
        self, image: Image.Image, box: tuple[int, int, int, int], width: int, height: int
    ) -> Image.Image:
        # Cropped first: a resize with a box would blend pixels from outside it into the edges.
        if box != (0, 0, *image.size):
            image = image.crop(box)
        if image.size == (width, height):
            return image
        return image.resize((width, height), _FILTERS[self.filter])


def check_size(width: int, height: int, name: str = "") -> None:
    """Check that a size is a square whose side is a power of two, 4 or more. Raises UserError.

    name: the picture that has it; empty where it is asked for.
    """
    if width == height and width >= 4 and not width & (width - 1):
        return
    what = f"{name} has {width}×{height} pixels" if name else f"{width}×{height} is asked for"
    near = 1 << max(2, round(log2(min(width, height))))
    raise UserError(
        f"{what}, but networks are trained on squares whose side is a power of two.",
        f"Use --width {near} --height {near}, with --transform center-crop to keep shapes.",
    )


def _centred(image: Image.Image, width: int, height: int) -> tuple[int, int, int, int]:
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return left, top, left + width, top + height
