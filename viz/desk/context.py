"""What a panel may see and ask for while it draws.

A panel reads facts from `Context`, returns a new `Session`, and asks for everything else (open a
file, write a picture, keep another stream rendered) through it. It never touches the renderer,
the GPU, the disk or another panel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from imgui_bundle import ImVec2

from common.runs.state import RunState
from renderer.messages.failure import Failure
from renderer.messages.frame import StatsSpec
from renderer.messages.model import ModelInfo
from renderer.messages.request import RenderRequest, SavedW
from viz.desk.actions import Actions
from viz.desk.asks import Asks, PicturePlace
from viz.desk.carried import Carried
from viz.desk.facts import (
    Bookmark,
    Engine,
    FileEntry,
    Job,
    Meters,
    Overlay,
    Recording,
    Wait,
    Watch,
)
from viz.desk.parts.clusters import ChannelGroups
from viz.desk.parts.control import ControlFacts
from viz.desk.parts.directions import DirectionFacts
from viz.desk.parts.dragging import Dragging
from viz.desk.parts.journey import Preview
from viz.desk.parts.marks import Marks
from viz.desk.parts.output import OutputFacts
from viz.desk.parts.projection import ProjectionFacts
from viz.desk.parts.timeline import TimelineFacts
from viz.desk.settings import Settings
from viz.gpu.pictures import Differ, Difference, Files, Frame, Painter, Picture
from viz.session.session import Session


@dataclass(frozen=True)
class Context:
    """Built anew for every frame of the window, and the same until that frame is drawn.

    actions: what can be asked of the application.
    output: the picture alone, in a window or on a display of its own.
    asks: what this frame asks of the renderer; panels use the methods below.
    settings: what belongs to the user and not to a picture; changed by `actions.change_settings`.
    model: facts on the network of the session's snapshot, None until they are known.
    models: facts on every network that was opened, by path.
    class_names: what the classes of that network are called, by number; empty where not known.
    frames: the newest picture of each stream; `main` is the picture.
    failures: why the newest request of a stream has no picture, by stream.
    refused: the requests that failed, of streams that have not been asked for anything since.
    waits: what the picture of each stream waits for, only of those that wait.
    engine: how the renderer is.
    elsewhere: the machine that it is on, as the user named it; empty for this one.
    jobs: what is under way in the renderer.
    meters: times of the last seconds.
    recent: opened snapshots, newest first.
    run: the training run that is followed, as far as it has been read.
    watch: how that run is followed.
    overlay: a second run that it is compared with, None for none.
    snapshots: the whole snapshots of that run, by kimg.
    writing: those that are not whole yet.
    marks: what is said of that run's snapshots: the best, stars and notes.
    captured: files written while the program runs, newest first.
    bookmarks: kept pictures, oldest first.
    recording: the sequence that is being written, None where none is.
    upcoming: the path that the next captured picture gets, empty until that has been looked up.
    load_failure: path and reason of the last snapshot that did not open, until one does.
    timeline: where the window is among `snapshots`; `actions.timeline` goes elsewhere.
    projection: the pictures that are projected; `actions.projection` does what is asked for.
    directions: the sets of directions in w; `actions.directions` does what is asked for.
    groups: the channels of layers that show the same things.
    control: how OSC and MIDI move the session; `actions.control` does what is asked for.
    dragging: the tool that drags points of the picture, and how far they have come.
    carried: what is being dragged from one panel to another.
    journey: how the preview of the session's journey goes.
    kept: the picture that the compared ones belong to, where the newest is already another.
    place: where the picture lay when it was drawn last.
    picture_only: the picture covers the whole window.
    dt: seconds since the last frame of the window.
    scale: of the display and the text together; one em is 16·scale pixels.
    painter, differ, files: what draws pictures, subtracts them and reads them from files.
    """

    actions: Actions
    timeline: TimelineFacts
    projection: ProjectionFacts
    directions: DirectionFacts
    groups: ChannelGroups
    control: ControlFacts
    output: OutputFacts
    asks: Asks = field(default_factory=Asks)
    settings: Settings = field(default_factory=Settings)
    model: ModelInfo | None = None
    models: Mapping[str, ModelInfo] = field(default_factory=dict)
    class_names: tuple[str, ...] = ()
    frames: Mapping[str, Frame] = field(default_factory=dict)
    failures: Mapping[str, Failure] = field(default_factory=dict)
    refused: Mapping[str, RenderRequest] = field(default_factory=dict)
    waits: Mapping[str, Wait] = field(default_factory=dict)
    engine: Engine = field(default_factory=Engine)
    elsewhere: str = ""
    jobs: tuple[Job, ...] = ()
    meters: Meters = field(default_factory=Meters)
    recent: tuple[FileEntry, ...] = ()
    run: RunState | None = None
    watch: Watch = field(default_factory=Watch)
    overlay: Overlay | None = None
    snapshots: tuple[FileEntry, ...] = ()
    writing: tuple[FileEntry, ...] = ()
    marks: Marks = field(default_factory=Marks)
    captured: tuple[FileEntry, ...] = ()
    bookmarks: tuple[Bookmark, ...] = ()
    recording: Recording | None = None
    upcoming: str = ""
    load_failure: tuple[str, Failure] | None = None
    dragging: Dragging = field(default_factory=Dragging)
    carried: Carried = field(default_factory=Carried)
    journey: Preview = field(default_factory=Preview)
    kept: Frame | None = None
    place: PicturePlace = field(default_factory=PicturePlace)
    picture_only: bool = False
    dt: float = 0.0
    scale: float = 1.0
    painter: Painter | None = None
    differ: Differ | None = None
    files: Files | None = None

    @property
    def frame(self) -> Frame | None:
        """The newest picture."""
        return self.frames.get("main")

    @property
    def seen(self) -> Frame | None:
        """The picture that is on the screen: that of a drag under way, or else the newest."""
        return self.dragging.frame or self.frame

    def seen_of(self, session: Session) -> Session:
        """The session of what is on the screen: what is kept of it has what a drag has come to."""
        return self.dragging.reached or session

    def latents_in(self, saved: SavedW) -> int | None:
        """How many latents a saved w is one of; None as long as there is no picture of its file."""
        if saved.data:
            return 1
        source = self.frame.request.source if self.frame is not None else None
        if self.frame is None or not isinstance(source, SavedW) or source.path != saved.path:
            return None
        return self.frame.info.latents or None

    def ask(self, stream: str, request: RenderRequest, stats: StatsSpec | None = None) -> None:
        """Keep `stream` rendered with `request` for as long as this is called every frame."""
        self.asks.streams[stream] = (request, stats)

    def ask_panes(self) -> None:
        """Keep the panes of the comparison (`compare-ID`) rendered while this is called.

        They are asked for what the session has become at the end of the frame.
        """
        self.asks.panes = True

    def ask_stats(self, stats: StatsSpec) -> None:
        """Have statistics of the main stream (in `info.stats`) while this is called every frame."""
        self.asks.stats = stats

    def tell_place(self, area: tuple[float, float], columns: int = 1) -> None:
        """Say where the picture lies now, for commands that zoom in it or save what is shown.

        area: width and height of one picture's cell, in screen pixels. columns: of a comparison.
        """
        self.asks.place = PicturePlace(area, columns)

    def draw_image(
        self, picture: Picture, low: ImVec2, high: ImVec2, *, smooth: bool, key: str
    ) -> None:
        """Draw all of `picture` between two screen positions of the current window.

        Enlarged pixels stay crisp and reduced pictures free of shimmer.
        smooth: enlarged pixels run into each other.
        key: a name for this place, unique in a frame.
        This only draws: add an `imgui.invisible_button` or `imgui.dummy` for layout and mouse.
        """
        if self.painter is not None:
            self.painter.draw(picture, low, high, smooth=smooth, key=key)

    def difference(self, key: str, first: Frame, second: Frame, gain: float) -> Difference | None:
        """`second` minus `first`, while this is called every frame; None until it is computed.

        A worker computes it, so this may be that of earlier frames: see `Difference.of`.
        key: a name for this place, unique in a frame.
        gain: 1 gives the strongest colour to the whole range.
        """
        if self.differ is None:
            return None
        return self.differ.difference(key, first, second, gain)

    def file_image(self, path: str, version: int, *, large: bool = False) -> Picture | str | None:
        """A picture out of a file, why it has none, or None while it is being read.

        Ask in every frame.
        version: a number that changes when the file does.
        large: as large as a window, instead of a thumbnail.
        """
        return None if self.files is None else self.files.get(path, version, large=large)
