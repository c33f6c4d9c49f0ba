"""Facts that the window has for its panels, besides pictures: what is listed, runs, or goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from common.runs.state import RunState
from renderer.client.events import Line
from renderer.messages.to_window import Hello
from viz.gpu.pictures import Picture
from viz.session.session import Session

EngineState: TypeAlias = Literal["starting", "ready", "restarting", "failed"]


@dataclass(frozen=True)
class Bookmark:
    """A picture with its session, kept in the user's folder.

    path: of the PNG.
    name: what the user calls it.
    texture: the OpenGL name of a small picture of it.
    width, height: of that small picture, in pixels.
    session: what it restores, None where the file holds none any more.
    created: in seconds since 1970.
    """

    path: str
    name: str
    texture: int
    width: int
    height: int
    session: Session | None = None
    created: float = 0.0


@dataclass(frozen=True)
class Job:
    """Something under way in the renderer.

    id: its number.
    label: what it is, in words.
    fraction: how much of it is done, 0…1; negative where that is not known.
    text: what it is doing now.
    eta: the seconds that are left, None where that is not known.
    """

    id: int
    label: str
    fraction: float = -1.0
    text: str = ""
    eta: float | None = None


@dataclass(frozen=True)
class Wait:
    """What a picture on the screen is waiting for.

    seconds: for how long what it shows has no longer been what is wanted.
    loading: the name of the network that is being read for it, empty where that is read.
    fraction: how much of that is done, 0…1; negative where that is not known.
    """

    seconds: float
    loading: str = ""
    fraction: float = -1.0


@dataclass(frozen=True)
class Engine:
    """The renderer as the window knows it.

    state: what it is doing.
    hello: what it computes on, None until it has said so.
    text: why it is in this state.
    line: how one on another machine is reached; None where it is ready, or on this machine.
    """

    state: EngineState = "starting"
    hello: Hello | None = None
    text: str = ""
    line: Line | None = None


@dataclass(frozen=True)
class Meters:
    """What was measured in the last seconds, oldest first. Times are in milliseconds.

    render_ms: computing each picture.
    latency_ms: from asking for a picture to having it on the screen.
    frame_ms: between two frames of the window.
    stages: computing, by stage; NaN in pictures in which a stage was not computed.
    rendered_per_second: pictures that came in the last second, a share of one where each takes
        longer; 0 where none is asked for.
    window_per_second: frames of the window in the last second.
    window_bytes: memory of the window's process.
    """

    render_ms: Sequence[float] = ()
    latency_ms: Sequence[float] = ()
    frame_ms: Sequence[float] = ()
    stages: Mapping[str, Sequence[float]] = field(default_factory=dict)
    rendered_per_second: float = 0.0
    window_per_second: float = 0.0
    window_bytes: int = 0


@dataclass(frozen=True)
class FileEntry:
    """A file that panels list, looked at by a worker.

    path: where it is, or was.
    exists: False where it is gone or cannot be reached.
    kimg: of a snapshot whose name tells it.
    bytes: its size, -1 where that is not known.
    thumbnail: a small picture of it, where there is one.
    modified: in nanoseconds since 1970; with the bytes it tells one writing from the next.
    """

    path: str
    exists: bool = True
    kimg: float | None = None
    bytes: int = -1
    thumbnail: Picture | None = None
    modified: int = 0


@dataclass(frozen=True)
class Watch:
    """How a run is followed.

    path: its folder, empty where none is followed.
    chosen: it was chosen by hand, apart from the open snapshot's own.
    silent: seconds that the disk has owed an answer.
    paused: the user chose another snapshot than the newest whole one, so new ones are not shown.
    """

    path: str = ""
    chosen: bool = False
    silent: float = 0.0
    paused: bool = False


@dataclass(frozen=True)
class Overlay:
    """A second run, whose curves are drawn over those of the watched one.

    path: its folder.
    run: what is known of it, None before it has been read.
    silent: seconds that its disk has owed an answer.
    """

    path: str
    run: RunState | None = None
    silent: float = 0.0


@dataclass(frozen=True)
class Recording:
    """The numbered sequence that is being written.

    folder: where its pictures go.
    frames: pictures so far.
    seconds: since it began.
    waiting: pictures that are drawn but not yet on the disk.
    """

    folder: str
    frames: int = 0
    seconds: float = 0.0
    waiting: int = 0
