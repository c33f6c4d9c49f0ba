"""Pictures on the GPU as panels see them, and the faces of what draws, subtracts and reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from imgui_bundle import ImVec2

from renderer.messages.frame import FrameInfo
from renderer.messages.request import RenderRequest
from renderer.pictures.compose import DifferenceNumbers


@dataclass(frozen=True)
class Frame:
    """The newest picture of a stream.

    request: what it shows.
    info: what the renderer says of it.
    texture: its OpenGL name.
    width, height: in pixels.
    pixels: [height, width, 4] uint8, a view of shared memory that is valid during this frame of
        the window only; copy it to keep it.
    """

    request: RenderRequest
    info: FrameInfo
    texture: int
    width: int
    height: int
    pixels: npt.NDArray[np.uint8]


class Picture(Protocol):
    """A picture on the GPU, such as `Frame` and `Bookmark`."""

    @property
    def texture(self) -> int:
        """The OpenGL name of its texture."""

    @property
    def width(self) -> int:
        """Its width in pixels."""

    @property
    def height(self) -> int:
        """Its height in pixels."""


def fitted(picture: Picture, low: ImVec2, high: ImVec2) -> tuple[ImVec2, ImVec2]:
    """Return the corners of a picture that lies in the middle of a place, as large as it goes."""
    scale = min((high.x - low.x) / picture.width, (high.y - low.y) / picture.height)
    width, height = picture.width * scale, picture.height * scale
    x, y = (low.x + high.x - width) / 2, (low.y + high.y - height) / 2
    return ImVec2(x, y), ImVec2(x + width, y + height)


class Painter(Protocol):
    """Draws pictures; `viz.gpu.sampler.Sampler` is the one that works."""

    def draw(self, picture: Picture, low: ImVec2, high: ImVec2, *, smooth: bool, key: str) -> None:
        """Draw a picture between two screen positions; see `Context.draw_image`."""


@dataclass(frozen=True)
class Difference:
    """The signed difference of two frames as a picture, and its numbers.

    of: the requests of the first and of the second frame.
    numbers: how much the frames differ.
    texture: the OpenGL name of the picture.
    width, height: of the picture, in pixels.
    """

    of: tuple[RenderRequest, RenderRequest]
    numbers: DifferenceNumbers
    texture: int
    width: int
    height: int


class Differ(Protocol):
    """Subtracts frames on a worker; `viz.gpu.differences.Differences` is the one that works."""

    def difference(self, key: str, first: Frame, second: Frame, gain: float) -> Difference | None:
        """Return `second` minus `first`, None until it is computed; see `Context.difference`."""


class Files(Protocol):
    """Reads pictures on a thread; `viz.gpu.file_images.FileImages` is the one that works."""

    def get(self, path: str, version: int, *, large: bool) -> Picture | str | None:
        """Return the picture of a file, why it has none, or None; see `Context.file_image`."""
