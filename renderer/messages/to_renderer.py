"""Messages of the window to the renderer: frozen, typed, free of torch."""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec
from msgspec import Struct

from renderer.messages.frame import StatsSpec
from renderer.messages.jobs import Work
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest

BACKGROUND: Final = "thumbnails"
"""The stream of pictures that nobody waits for.

It is drawn when no other stream wants anything, and networks opened for it go first when memory
runs short.
"""


class Render(Struct, frozen=True, tag="render"):
    """Draw this. Answers: FrameReady or RenderFailed, unless a newer one has come.

    A picture that takes long is answered twice where that is allowed: by a draft, and by the exact
    one as soon as it has stood still.

    id: grows with every request.
    request: the picture.
    stream: what it is for; of each only the newest is drawn.
    stats: statistics to measure at the same time.
    drafts: whether a draft may come first (`FrameInfo.draft`); in the background it is enough.
    """

    id: int
    request: RenderRequest
    stream: str = "main"
    stats: StatsSpec | None = None
    drafts: bool = False


class Start(Struct, frozen=True, tag="start"):
    """Begin a job. Answers: Progress…, then Loaded, JobDone or JobFailed, all with its number.

    job: its number, given by the client.
    kind: the tag of its type of Work (`renderer/messages/jobs.py`).
    work: the Work itself, encoded; only the file that does the job knows its type.
    """

    job: int
    kind: str
    work: bytes

    @classmethod
    def of(cls, job: int, work: Work) -> Start:
        """The message that begins `work` as job number `job`."""
        return cls(job, kind_of(type(work)), msgspec.msgpack.encode(work))


def kind_of(work: type[Work]) -> str:
    """The tag of a type of Work, as it stands in `Start.kind`."""
    return str(work.__struct_config__.tag)


class Cancel(Struct, frozen=True, tag="cancel"):
    """End a job. Answered by JobFailed with `cancelled`, unless it has ended by then."""

    job: int


class Configure(Struct, frozen=True, tag="configure"):
    """Compute like this from now on. Answers: Hello, after JobFailed where it was refused."""

    options: EngineOptions


class Release(Struct, frozen=True, tag="release"):
    """The window no longer reads this slot of the ring."""

    slot: int
    ring: str = ""


class DropRing(Struct, frozen=True, tag="drop_ring"):
    """The window could not open this ring: its stream needs another one."""

    ring: str


class Received(Struct, frozen=True, tag="received"):
    """So many bytes of pixels have come over the line since the last of these messages.

    With 0 it says only that the window is still there.
    """

    size: int


class Ask(Struct, frozen=True, tag="ask"):
    """A call of the disk of a renderer on another machine (`renderer.messages.disk_call`).

    id: grows with every call.
    call: its name.
    arguments: encoded.
    """

    id: int
    call: str
    arguments: bytes


class Stop(Struct, frozen=True, tag="stop"):
    """End the process."""


ToRenderer: TypeAlias = (
    Render | Start | Cancel | Configure | Release | DropRing | Received | Ask | Stop
)
