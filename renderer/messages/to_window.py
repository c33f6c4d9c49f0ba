"""Messages of the renderer to the window: frozen, typed, free of torch.

Pixels lie in shared memory (`renderer/transport/shared_memory.py`), and travel in messages only
where the renderer is on another machine (`renderer/transport/stream_sender.py`).
"""

from __future__ import annotations

from typing import Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from renderer.messages.failure import Failure
from renderer.messages.frame import FrameInfo
from renderer.messages.model import ModelInfo
from renderer.messages.request import RenderRequest

Result = TypeVar("Result", bound=Struct)


class Hello(Struct, frozen=True, tag="hello"):
    """What the renderer computes on. Sent at the start and after every Configure.

    pid: of its process.
    devices: those that can be chosen.
    device, precision, threads: those that are used.
    host: the name of its machine where that is another one, else empty.
    """

    pid: int
    devices: tuple[str, ...]
    device: str
    precision: str
    threads: int
    host: str = ""


class Alive(Struct, frozen=True, tag="alive"):
    """Sent about once a second, busy or not.

    doing: what the render loop is at, empty where it waits.
    busy_s: for how many seconds it has been at that.
    stuck_s: seconds since it last took a step or used the processor. A slow picture keeps the
    processor busy and a deadlock does not, which is how they are told apart.
    """

    doing: str = ""
    busy_s: float = 0.0
    stuck_s: float = 0.0


Packing: TypeAlias = Literal["", "webp", "zlib", "jpeg"]
"""How a picture was packed for a line; all but `jpeg` are exact. Empty: it lies in a ring."""


class PixelPart(Struct, frozen=True, tag="part"):
    """Bytes of a packed picture, of which the next FrameReady tells when they are all there.

    offset: where they belong; 0 begins a new picture, also where the last was not finished.
    """

    offset: int
    data: bytes


class FilePart(Struct, frozen=True, tag="file"):
    """Bytes of a file that a job has written for a window on another machine.

    job: its number.
    name: the path of the file in the folder that the job makes; empty where it makes a file.
    offset: where they belong; they come in order.
    """

    job: int
    name: str
    offset: int
    data: bytes


class FrameReady(Struct, frozen=True, tag="frame"):
    """A picture is there: height × width RGBA8, rows top down.

    id, stream, request: of the Render that it answers; of a job's picture, id is its number.
    ring: the name of the shared-memory segment.
    slot: the part of the ring that the picture fills until it is released.
    width, height: in pixels.
    info: what is known besides the pixels.
    offset: the first byte of the slot.
    ring_bytes: the size of the segment.
    packing: what the bytes in the messages before are, in the place of a ring.
    """

    id: int
    stream: str
    request: RenderRequest
    ring: str
    slot: int
    width: int
    height: int
    info: FrameInfo
    offset: int = 0
    ring_bytes: int = 0
    packing: Packing = ""


class Answer(Struct, frozen=True, tag="answer"):
    """What came of an Ask.

    id: its number.
    result: encoded; why there is none where it has failed.
    failed: there is none.
    packed: it is packed with zlib.
    """

    id: int
    result: bytes
    failed: bool = False
    packed: bool = False


class RenderFailed(Struct, frozen=True, tag="render_failed"):
    """A picture could not be drawn. id, stream, request: of the Render that asked for it."""

    id: int
    stream: str
    request: RenderRequest
    failure: Failure


class Progress(Struct, frozen=True, tag="progress"):
    """How far a job is.

    job: its number, 0 for a snapshot that is opened because a request named it.
    fraction: 0…1, or negative where the amount of work is unknown.
    text: what is being done.
    """

    job: int
    fraction: float
    text: str


class Report(Struct, frozen=True, tag="report"):
    """What a job has found so far. Unlike Progress none of them is passed over.

    job: its number.
    data: the report, encoded; its type goes with the job's type of Work.
    """

    job: int
    data: bytes

    def read(self, kind: type[Result]) -> Result:
        """The report. Raises msgspec.DecodeError where it is of another type."""
        return msgspec.msgpack.decode(self.data, type=kind)


class Loaded(Struct, frozen=True, tag="loaded"):
    """A snapshot is open. job: the number, 0 where a request named it."""

    job: int
    model: ModelInfo


class JobDone(Struct, frozen=True, tag="done"):
    """A job has ended well.

    job: its number.
    text: a line for the user.
    result: what the job returns besides, encoded; empty where it returns nothing.
    """

    job: int
    text: str
    result: bytes = b""

    def read(self, kind: type[Result]) -> Result:
        """The result, which is of the type that the job's type of Work names.

        Raises msgspec.DecodeError where it is of another.
        """
        return msgspec.msgpack.decode(self.result, type=kind)


def done(text: str, result: Struct | None = None) -> JobDone:
    """The end of a job, for whoever does it and does not know its number."""
    return JobDone(0, text, b"" if result is None else msgspec.msgpack.encode(result))


def report(found: Struct) -> Report:
    """A report of a job, for whoever does it and does not know its number."""
    return Report(0, msgspec.msgpack.encode(found))


class JobFailed(Struct, frozen=True, tag="failed"):
    """A job has ended without its result.

    job: its number, 0 for a Configure that was refused.
    path: the file that it was about, empty where there is none.
    failure: why.
    cancelled: it was taken back, which is no error.
    """

    job: int
    path: str
    failure: Failure
    cancelled: bool = False


Ended: TypeAlias = JobDone | JobFailed
"""How a job ends; one that opens a snapshot ends with Loaded where it ends well."""

HandedOn: TypeAlias = Hello | RenderFailed | Progress | Report | Loaded | Ended
"""What the window is told as it comes; the rest is for the client."""

ToWindow: TypeAlias = HandedOn | Alive | PixelPart | FilePart | FrameReady | Answer
