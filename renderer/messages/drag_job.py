"""Dragging points as a job of the renderer: what the window asks for, and what is reported."""

from __future__ import annotations

import zlib
from typing import ClassVar, Final, Protocol

import numpy as np
import numpy.typing as npt
from msgspec import Struct, field, structs

from common.dragging import DragPoint, DragSettings, DragStep
from renderer.messages.frame import Drawn
from renderer.messages.jobs import Work
from renderer.messages.request import RenderRequest, SavedW, Truncation

STREAM: Final = "drag"
"""The stream on which the picture on the way is shown."""
MASK_SIDE: Final = 128
"""Cells a side of the part of a picture that may move, whatever its resolution."""


class DragSpec(Struct, frozen=True):
    """A picture whose points are dragged, and how.

    request: the picture that it begins with.
    settings: how it is dragged.
    """

    request: RenderRequest
    settings: DragSettings = field(default_factory=DragSettings)


class Drag(Work, frozen=True, tag="drag"):
    """Move w until every point of the picture is where it shall be. `path` is the snapshot.

    Work on the same `id` goes on where that before it was, be it cancelled or done.

    id: of the drag, which no other has.
    spec: the picture, and how it is dragged.
    points: what is dragged where.
    folder: where noise maps that the picture is drawn with are kept, which no request carries;
    empty for nowhere.
    mask: the part that may move, as `packed` makes it; empty for all of the picture.
    steps: how many steps at most; None: until it ends by itself. 0 only says what w is.
    state: what was reported last of it, for a renderer that does not know it any more.
    """

    resumes: ClassVar[bool] = False  # the window has what was reported last, and goes on when told
    advice: ClassVar[str] = "Press Start to go on from where it was."
    unfinished: ClassVar[str] = "the drag was done"

    id: str
    spec: DragSpec
    points: tuple[DragPoint, ...]
    folder: str
    mask: bytes = b""
    steps: int | None = None
    state: bytes = b""


class DragSteps(Struct, frozen=True):
    """How far a drag is.

    ids: of the points, in the order of the handles.
    step: what the last step has come to.
    state: all that is needed to go on in another process; empty in most reports.
    w: the latent of that step; None where there was none yet.
    """

    ids: tuple[int, ...]
    step: DragStep
    state: bytes = b""
    w: SavedW | None = None


class Dragged(Struct, frozen=True):
    """What a drag has left.

    w: the latent.
    ids, step: as in DragSteps, of that latent.
    """

    w: SavedW
    ids: tuple[int, ...]
    step: DragStep


class RunningDrag(Protocol):
    """A drag under way. `step`, `settle` and `picture` compute; the rest is quick."""

    def set(self, points: tuple[DragPoint, ...], mask: npt.NDArray[np.bool_] | None) -> None:
        """Drag these from now on. mask: [n, n], true where the picture may move; None: all."""

    def now(self) -> DragStep:
        """What the last step has come to."""

    def step(self) -> DragStep:
        """Go one step on."""

    def settle(self) -> DragStep:
        """Go back to the best that was met where it got stuck after that."""

    def picture(self) -> Drawn:
        """The picture of the last step, drawn as any other of the request that it began with."""

    def w(self) -> npt.NDArray[np.float32]:
        """Where it stands: [num_ws, w_dim]."""

    def latent(self) -> dict[str, npt.NDArray[np.float32]]:
        """The same for an `.npz`: `w` [1, num_ws, w_dim], and `noise.<layer>` [H, W] of the noise
        maps that the picture is drawn with in the place of the network's own."""

    def state(self) -> bytes:
        """All that is needed to go on in another process."""


def carried(path: str, w: npt.NDArray[np.float32]) -> SavedW:
    """The w of a drag, [num_ws, w_dim], as a source that needs no file.

    path: of the file with its noise maps, or what it is called.
    """
    return SavedW(path, data=w.astype("<f4").tobytes())


def led_to(render: RenderRequest, w: SavedW) -> RenderRequest:
    """Return the picture that a drag leads to from another, whose w it holds as it is drawn."""
    return structs.replace(render, source=w, truncation=Truncation(), mix=(), directions=())


def packed(mask: npt.NDArray[np.bool_]) -> bytes:
    """A mask [MASK_SIDE, MASK_SIDE] as few bytes; none where nothing is left out of it."""
    return b"" if mask.all() else zlib.compress(np.packbits(mask).tobytes(), 9)


def unpacked(data: bytes) -> npt.NDArray[np.bool_]:
    """The mask that `packed` made bytes of: [MASK_SIDE, MASK_SIDE]. Raises ValueError."""
    cells = MASK_SIDE * MASK_SIDE
    if not data:
        return np.ones((MASK_SIDE, MASK_SIDE), np.bool_)
    try:
        bits = zlib.decompressobj().decompress(data, cells)
    except zlib.error as error:
        raise ValueError("no mask") from error
    if len(bits) * 8 != cells:
        raise ValueError("a mask of another size")
    cells_on = np.unpackbits(np.frombuffer(bits, np.uint8))
    return cells_on.reshape(MASK_SIDE, MASK_SIDE).astype(np.bool_)
