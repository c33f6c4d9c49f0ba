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
    """The newest picture of a stream. texture: OpenGL name; pixels: [height, width, 4] uint8.

    pixels is a view of shared memory that is valid during this GUI frame only: copy to keep it.
    """

    request: RenderRequest
    info: FrameInfo
    texture: int
    width: int
    height: int
    pixels: npt.NDArray[np.uint8]


class Picture(Protocol):
    """A texture and the size of what is on it, as `Frame` and `Bookmark` have them."""

    @property
    def texture(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...


class Painter(Protocol):
    """Draws pictures; the window core has the one that works (`viz/gpu/texture.py`)."""

    def draw(
        self, picture: Picture, low: ImVec2, high: ImVec2, *, smooth: bool, key: str
    ) -> None: ...


@dataclass(frozen=True)
class Difference:
    """The signed difference of two frames as a picture, and its numbers.

    of: the requests of the first and of the second frame. texture: OpenGL name.
    """

    of: tuple[RenderRequest, RenderRequest]
    numbers: DifferenceNumbers
    texture: int
    width: int
    height: int


class Differ(Protocol):
    """Subtracts frames on a worker; the window core has the one that works."""

    def difference(
        self, key: str, first: Frame, second: Frame, gain: float
    ) -> Difference | None: ...


class Files(Protocol):
    """Reads pictures on a thread; the window core has the one that works."""

    def get(self, path: str, version: int, *, large: bool) -> Picture | str | None: ...
