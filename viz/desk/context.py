"""What a panel may see and ask for while it draws.

A panel reads facts from `Context`, returns a new `Session`, and asks for everything else (open a
file, write a picture, keep another stream rendered) through it. It never touches the client,
the GPU, the disk or another panel.

Pictures are drawn with `Context.draw_image`, which keeps enlarged pixels crisp and reduced ones
free of shimmer. Settings are read from `Context.settings` and changed with
`actions.change_settings`. Bookmarks are listed in `Context.bookmarks`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
from imgui_bundle import ImVec2

from common.runs.state import RunState
from renderer.messages.protocol import (
    EngineOptions,
    Failure,
    FrameInfo,
    Hello,
    ModelInfo,
    Sheet,
    StatsSpec,
)
from renderer.messages.request import RenderRequest
from renderer.pictures.compose import DifferenceNumbers
from viz.disk.store import Settings
from viz.session.session import Session

if TYPE_CHECKING:
    from viz.panels.timeline.player import Timeline


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


@dataclass(frozen=True)
class Bookmark:
    """A picture with its session, kept in the user's folder; `texture` shows it small.

    session None: the file holds none any more. created: Unix seconds.
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
class FileEntry:
    """A file that panels list, looked at by a worker. exists False: gone or unreachable.

    kimg: for a snapshot, where its name tells it. bytes: -1 where it is not known. modified:
    nanoseconds since 1970; with the bytes it tells one writing of a file from the next.
    """

    path: str
    exists: bool = True
    kimg: float | None = None
    bytes: int = -1
    thumbnail: Picture | None = None
    modified: int = 0


@dataclass(frozen=True)
class Watch:
    """The run that is being followed. path: its folder, empty = none. chosen: by hand, apart from
    the open snapshot's own. silent: seconds that the disk has owed an answer. paused: the
    user chose another snapshot than the newest whole one, so new ones are not shown.
    """

    path: str = ""
    chosen: bool = False
    silent: float = 0.0
    paused: bool = False


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

    def show_snapshot(self, path: str, *, step: bool = True) -> None:
        """Another snapshot file at the same session: scrubbing, following, comparing.

        At once where the network's facts are known, otherwise when it is loaded; only the newest
        wish counts, and a click elsewhere in between wins. Nothing changes where it fails.
        step False: no step of undo (following a run).
        """

    def watch_run(self, path: str | None) -> None:
        """Follow this run directory, None = the open snapshot's own."""

    def follow_run(self, on: bool) -> None:
        """Whether new snapshots of the run are shown by themselves; on: show the newest now."""

    def cancel_job(self, job: int) -> None: ...

    def restart_renderer(self) -> None: ...

    def compare(self, path: str) -> None:
        """Show something beside the picture, at the same latent.

        A snapshot as `open_snapshot` takes it, or a session (PNG, MP4 or JSON), of which
        nothing is linked.
        """

    def save_w(self, path: str) -> None:
        """Write w of the current request as .npz."""

    def export(self, sheets: tuple[Sheet, ...], path: str, fps: float = 30.0) -> None:
        """Write sheets as a video (.mp4), a picture (.png) or a folder of PNGs, with this session.

        In the background, beside live pictures; its job is in `Context.jobs`. Nothing is
        overwritten: a number is added to the name where it is taken.
        """

    def capture_picture(self, frame: Frame | None = None) -> None:
        """A picture as a PNG into the capture folder, carrying its session.

        frame: of that one. None: of what the Picture panel shows, be it a comparison.
        """

    def capture_window(self) -> None: ...

    def toggle_recording(self) -> None:
        """Start or stop writing every new picture as a numbered sequence."""

    def add_bookmark(self) -> None: ...

    def rename_bookmark(self, path: str, name: str) -> None: ...

    def remove_bookmark(self, path: str) -> None: ...

    def change_settings(self, **changes: object) -> None:
        """Replace fields of `Settings` (theme, scale, frame_limit, capture_folder)."""

    def browse(self, purpose: str) -> None:
        """A file dialog; `purpose`: `snapshot`, `session` (PNG, MP4 or JSON), `save_session`,
        `captures` (a folder), `run` (a folder), `w` or `mix` (.npz or .npy), `compare` (a snapshot
        or a session).

        What is chosen is opened, restored, written, set as the capture folder, taken as the
        latent, added to the mix, or shown beside the picture.
        """

    def restore(self, path: str) -> None:
        """The session out of a PNG or MP4 that we wrote, or a session JSON."""

    def use_w(self, path: str) -> None:
        """Take a stored latent as the source."""

    def mix_w(self, path: str) -> None:
        """Add a stored latent to the mix."""

    def save_session(self, path: str) -> None: ...

    def copy_text(self, text: str, note: str) -> None:
        """Text to the clipboard, and a line about it in the status bar."""

    def configure(self, options: EngineOptions) -> None: ...

    def run_command(self, name: str) -> None:
        """A named command of viz/desk/commands.py."""

    def notify(self, text: str, *, error: bool = False) -> None:
        """A line in the status bar (and a toast where it is an error)."""

    def forget_recent(self, path: str) -> None: ...

    def undelete_bookmark(self) -> None:
        """Put the bookmark back that was removed last."""

    def reveal(self, path: str) -> None:
        """Show a file or a folder in the system's file manager."""


@dataclass
class Context:
    """One per application; refreshed by it before the panels are drawn.

    model: facts on the network of `session.render.snapshot`, None until it is known. models: of
    every network that was opened, by path.
    frames: newest frame per stream; `main` is the picture. failures: per stream, of the newest
    request. recent: opened snapshots, newest first. run: the training run that is followed, as far
    as it has been read; watch: how. snapshots: those of that run, by kimg; writing: those that are
    not whole yet. captured: files written in this session, newest first. load_failure: path and
    reason of the last snapshot that did not open, until one does. timeline: going
    through `snapshots`. kept: the picture that the compared ones belong to where the newest is
    already another. dt: seconds since the last GUI frame. scale: DPI and font scale; one
    em = 16·scale.
    """

    actions: Actions
    settings: Settings = field(default_factory=Settings)
    model: ModelInfo | None = None
    models: Mapping[str, ModelInfo] = field(default_factory=dict)
    frames: dict[str, Frame] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    engine: Engine = field(default_factory=Engine)
    jobs: tuple[Job, ...] = ()
    meters: Meters = field(default_factory=Meters)
    recent: tuple[FileEntry, ...] = ()
    snapshots: tuple[FileEntry, ...] = ()
    writing: tuple[FileEntry, ...] = ()
    run: RunState | None = None
    watch: Watch = field(default_factory=Watch)
    captured: tuple[FileEntry, ...] = ()
    bookmarks: tuple[Bookmark, ...] = ()
    recording: Recording | None = None
    load_failure: tuple[str, Failure] | None = None
    dt: float = 0.0
    scale: float = 1.0
    painter: Painter | None = None
    files: Files | None = None
    timeline: Timeline | None = None
    differ: Differ | None = None
    kept: Frame | None = None
    _panes: bool = False
    _asks: dict[str, tuple[RenderRequest, StatsSpec | None]] = field(default_factory=dict)
    _stats: StatsSpec | None = None

    def ask(self, stream: str, request: RenderRequest, stats: StatsSpec | None = None) -> None:
        """Keep `stream` rendered with `request` for as long as this is called every frame."""
        self._asks[stream] = (request, stats)

    def ask_panes(self) -> None:
        """The panes of the comparison (`compare-ID`), while this is called every frame.

        They are asked for what the session has become at the end of the frame.
        """
        self._panes = True

    def ask_stats(self, stats: StatsSpec) -> None:
        """Statistics of the main stream, while this is called every frame (in `info.stats`)."""
        self._stats = stats

    def draw_image(
        self, picture: Picture, low: ImVec2, high: ImVec2, *, smooth: bool, key: str
    ) -> None:
        """Draw all of `picture` between two screen positions of the current window.

        smooth False: enlarged pixels keep sharp edges. key: a name for this place, unique in a
        frame. Only draws: add an `imgui.invisible_button` or `imgui.dummy` for layout and mouse.
        """
        if self.painter is not None:
            self.painter.draw(picture, low, high, smooth=smooth, key=key)

    def difference(self, key: str, first: Frame, second: Frame, gain: float) -> Difference | None:
        """Second minus first, while this is called every frame; None until it is computed.

        A worker does it, so this may be that of earlier frames: see `of`. key: a name for this
        place, unique in a frame. gain: 1 gives the strongest colour to the whole range.
        """
        if self.differ is None:
            return None
        return self.differ.difference(key, first, second, gain)

    def file_image(self, path: str, version: int, *, large: bool = False) -> Picture | str | None:
        """A picture out of a file, why it has none, or None while it is being read.

        version: changes when the file does. It comes reduced to a thumbnail, or to the size of a
        window where `large`. Ask in every frame.
        """
        return None if self.files is None else self.files.get(path, version, large=large)

    @property
    def frame(self) -> Frame | None:
        """The newest picture."""
        return self.frames.get("main")


Draw = Callable[[Session, Context], Session]
