"""What a panel may see and ask for while it draws.

A panel reads facts from `Context`, returns a new `Session`, and asks for everything else (open a
file, write a picture, keep another stream rendered) through it. It never touches the client,
the GPU, the disk or another panel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from renderer.protocol import (
    EngineOptions,
    Failure,
    FrameInfo,
    Hello,
    ModelInfo,
    RenderRequest,
    StatsSpec,
)
from viz.session import Session


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


@dataclass(frozen=True)
class Job:
    """Something under way in the renderer. fraction < 0: unknown. eta: seconds or None."""

    id: int
    label: str
    fraction: float = -1.0
    text: str = ""
    eta: float | None = None


@dataclass(frozen=True)
class Engine:
    """The renderer as the window knows it. state: starting, ready, restarting, failed."""

    state: str = "starting"
    hello: Hello | None = None
    text: str = ""


@dataclass
class Meters:
    """Ring buffers of the last seconds, for plots. Times in milliseconds."""

    render_ms: list[float] = field(default_factory=list)
    latency_ms: list[float] = field(default_factory=list)
    frame_ms: list[float] = field(default_factory=list)
    stages: dict[str, list[float]] = field(default_factory=dict)
    rendered_per_second: float = 0.0
    window_per_second: float = 0.0
    window_bytes: int = 0


@dataclass(frozen=True)
class Thumbnail:
    """A small picture on the GPU. texture: OpenGL name."""

    texture: int
    width: int
    height: int


@dataclass(frozen=True)
class FileEntry:
    """A file that panels list, looked at by a worker. exists False: gone or unreachable.

    kimg: for a snapshot, where its name tells it. bytes: -1 where it is not known.
    """

    path: str
    exists: bool = True
    kimg: float | None = None
    bytes: int = -1
    thumbnail: Thumbnail | None = None


@dataclass(frozen=True)
class Bookmark:
    """A PNG of the bookmarks folder with the session that it carries. created: Unix seconds."""

    path: str
    name: str
    session: Session
    created: float = 0.0
    thumbnail: Thumbnail | None = None


@dataclass(frozen=True)
class Recording:
    """The numbered sequence being written. waiting: pictures drawn but not yet on the disk."""

    folder: str
    frames: int = 0
    seconds: float = 0.0
    waiting: int = 0


class Actions(Protocol):
    """What panels can ask the application to do. All return at once."""

    def open_snapshot(self, path: str) -> None:
        """File, run directory or RUN/KIMG; the current network stays until the new one is ready."""

    def cancel_job(self, job: int) -> None: ...

    def restart_renderer(self) -> None: ...

    def save_w(self, path: str) -> None:
        """Write w of the current request as .npz."""

    def capture_picture(self) -> None:
        """The picture as a PNG into the capture folder, carrying its session."""

    def capture_window(self) -> None: ...

    def toggle_recording(self) -> None:
        """Start or stop writing every new picture as a numbered sequence."""

    def add_bookmark(self) -> None: ...

    def restore(self, path: str) -> None:
        """The session out of a PNG that we wrote, or a session JSON."""

    def save_session(self, path: str) -> None: ...

    def copy_text(self, text: str, note: str) -> None:
        """Text to the clipboard, and a line about it in the status bar."""

    def configure(self, options: EngineOptions) -> None: ...

    def run_command(self, name: str) -> None:
        """A named command of viz/commands.py."""

    def notify(self, text: str, *, error: bool = False) -> None:
        """A line in the status bar (and a toast where it is an error)."""

    def browse_snapshot(self) -> None:
        """A file dialog; what is chosen there is opened."""

    def browse_capture_folder(self) -> None:
        """A folder dialog; what is chosen there becomes the capture folder."""

    def forget_recent(self, path: str) -> None: ...

    def change_settings(self, **changes: object) -> None:
        """Replace fields of the settings; they are saved in the background."""

    def rename_bookmark(self, path: str, name: str) -> None: ...

    def delete_bookmark(self, path: str) -> None:
        """Takes it out of the list; `undelete_bookmark` puts the last one back."""

    def undelete_bookmark(self) -> None: ...

    def reveal(self, path: str) -> None:
        """Show a file or a folder in the system's file manager."""


@dataclass
class Context:
    """One per application; refreshed by it before the panels are drawn.

    model: facts on the network of `session.render.snapshot`, None until it is known.
    frames: newest frame per stream; `main` is the picture. failures: per stream, of the newest
    request. recent: opened snapshots, newest first. snapshots: those beside the open one in its
    run directory, by kimg. captured: files written in this session, newest first. load_failure:
    path and reason of the last snapshot that did not open, until one does. dt: seconds since the
    last GUI frame. scale: DPI and font scale; one em = 16·scale.
    """

    actions: Actions
    settings: object
    model: ModelInfo | None = None
    frames: dict[str, Frame] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    engine: Engine = field(default_factory=Engine)
    jobs: tuple[Job, ...] = ()
    meters: Meters = field(default_factory=Meters)
    recent: tuple[FileEntry, ...] = ()
    snapshots: tuple[FileEntry, ...] = ()
    captured: tuple[FileEntry, ...] = ()
    bookmarks: tuple[Bookmark, ...] = ()
    recording: Recording | None = None
    load_failure: tuple[str, Failure] | None = None
    dt: float = 0.0
    scale: float = 1.0
    _asks: dict[str, tuple[RenderRequest, StatsSpec | None]] = field(default_factory=dict)
    _stats: StatsSpec | None = None

    def ask(self, stream: str, request: RenderRequest, stats: StatsSpec | None = None) -> None:
        """Keep `stream` rendered with `request` for as long as this is called every frame."""
        self._asks[stream] = (request, stats)

    def ask_stats(self, stats: StatsSpec) -> None:
        """Statistics of the main stream, while this is called every frame (in `info.stats`)."""
        self._stats = stats

    @property
    def frame(self) -> Frame | None:
        """The newest picture."""
        return self.frames.get("main")


Draw = Callable[[Session, Context], Session]
