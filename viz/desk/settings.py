"""What belongs to the user and not to a picture: read at the start, changed from anywhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias, TypedDict, TypeVar, Unpack

import msgspec
import platformdirs
from msgspec import Struct, structs

from common.projection import ProjectionSettings
from renderer.messages.jobs import Quality
from renderer.messages.options import EngineOptions

T = TypeVar("T", bound=Struct)

RECENT = 12
"""How many opened snapshots are remembered."""
DEFAULT_CAPTURES = Path(platformdirs.user_pictures_dir()) / "ganscope"
"""Where pictures go unless the user has chosen a folder.

It is asked for once: on Linux the answer stands in a file, which no frame may wait for.
"""
SETTINGS_VERSION = 1
"""The version of the format of settings."""

Side: TypeAlias = Literal["left", "right", "bottom"]
"""Where panels stand around the picture."""


class Monitor(Struct, frozen=True):
    """How training is watched.

    follow: every new snapshot of the run is shown by itself.
    smoothing: of the plots' exponential average, from 0 (none) to 0.99.
    axis: what plots lie over.
    plots: those that were shown or hidden by hand, by name.
    judge: the metric that tells the best snapshot, empty for the first that a run has.
    """

    follow: bool = True
    smoothing: float = 0.6
    axis: Literal["kimg", "hours"] = "kimg"
    plots: dict[str, bool] = {}
    judge: str = ""


ExportKind: TypeAlias = Literal["mp4", "webm", "mov", "gif", "webp", "png"]
"""What an export is written as: the suffix of a film, or pictures."""


class ExportOptions(Struct, frozen=True):
    """What the export dialog asks, as it was answered last.

    kind: a film, by its suffix; or one PNG per picture.
    fps: frames per second of a video.
    seconds: how long each picture of a video stays.
    scale: of every picture.
    side: pixels along the shorter side of what is written, in place of `scale`; 0 for none.
    labels: whether names are written into the pictures.
    wide: the pictures lie in the middle of a black frame of 16:9, `side` pixels high.
    quality: of a film.
    lanczos: enlarged pixels are interpolated, and not as the window shows them.
    """

    kind: ExportKind = "mp4"
    fps: float = 30.0
    seconds: float = 0.5
    scale: float = 1.0
    side: int = 0
    labels: bool = True
    wide: bool = False
    quality: Quality = "best"
    lanczos: bool = False

    @property
    def hold(self) -> int:
        """The frames for which each picture stays."""
        return max(1, round(self.fps * self.seconds)) if self.kind != "png" else 1

    @property
    def canvas(self) -> tuple[int, int] | None:
        """The height and width of the frame, None where there is none."""
        return (self.side, self.side * 16 // 9) if self.wide and self.side else None


class ControlSettings(Struct, frozen=True):
    """What may move the window from outside.

    osc: OSC messages are received.
    host: the IP address of this machine at which they are; 127.0.0.1 hears this machine alone.
    port: and the port.
    out: where values are sent as they change, as `127.0.0.1:9001`; empty for nowhere.
    midi: MIDI inputs are heard.
    """

    osc: bool = False
    host: str = "127.0.0.1"
    port: int = 9000
    out: str = ""
    midi: bool = False


class OutputSettings(Struct, frozen=True):
    """How the clean output shows the picture.

    display: the name of the display that it was on last.
    smooth: the picture is as large as there is room, and its pixels run into each other; otherwise
        it is enlarged by a whole factor.
    """

    display: str = ""
    smooth: bool = True


class ContactSheetSettings(Struct, frozen=True):
    """How the contact sheet shows seeds.

    count: how many.
    side: of a picture, in em.
    """

    count: int = 30
    side: float = 5.2


class Settings(Struct, frozen=True):
    """What belongs to the user and not to a picture.

    theme: the colours of the window, dark or light.
    scale: of text and controls, on top of the display's.
    frame_limit: frames of the window per second, 0 for the display's rate.
    capture_folder: where pictures go, empty for `Pictures/ganscope`.
    export_folder: where exports go, empty for where pictures go.
    recent: paths of opened snapshots, newest first.
    engine: what the renderer computes on.
    monitor: how training is watched.
    export: what the export dialog was answered last.
    collapsed: the sides of the window that the user collapsed to strips.
    projection: how pictures are projected.
    met_timeline: the Timeline has come to the front by itself once, when a run was opened.
    control: what may move the window from outside.
    output: how the clean output shows the picture.
    contact_sheet: how the contact sheet shows seeds.
    journey_curve: the share of the height below a journey's ruler that its curve has, 0…1.
    version: of the format that they were written in.
    """

    theme: Literal["dark", "light"] = "dark"
    scale: float = 1.0
    frame_limit: int = 0
    capture_folder: str = ""
    recent: tuple[str, ...] = ()
    engine: EngineOptions = msgspec.field(default_factory=EngineOptions)
    monitor: Monitor = msgspec.field(default_factory=Monitor)
    export: ExportOptions = msgspec.field(default_factory=ExportOptions)
    collapsed: tuple[Side, ...] = ()
    projection: ProjectionSettings = msgspec.field(default_factory=ProjectionSettings)
    met_timeline: bool = False
    control: ControlSettings = msgspec.field(default_factory=ControlSettings)
    output: OutputSettings = msgspec.field(default_factory=OutputSettings)
    contact_sheet: ContactSheetSettings = msgspec.field(default_factory=ContactSheetSettings)
    journey_curve: float = 0.65
    export_folder: str = ""
    version: int = SETTINGS_VERSION

    def opened(self, path: str) -> Settings:
        """Return the settings with `path` as the newest of the recent files."""
        others = tuple(p for p in self.recent if p != path)
        return structs.replace(self, recent=(path, *others)[:RECENT])

    @property
    def captures(self) -> Path:
        """The folder that pictures are captured into."""
        if self.capture_folder:
            return Path(os.path.expanduser(self.capture_folder))
        return DEFAULT_CAPTURES

    @property
    def exports(self) -> Path:
        """The folder that exports are written into."""
        if self.export_folder:
            return Path(os.path.expanduser(self.export_folder))
        return self.captures


class SettingsChanges(TypedDict, total=False):
    """Fields of `Settings` with their new values; a test holds the two together."""

    theme: Literal["dark", "light"]
    scale: float
    frame_limit: int
    capture_folder: str
    recent: tuple[str, ...]
    engine: EngineOptions
    monitor: Monitor
    export: ExportOptions
    collapsed: tuple[Side, ...]
    projection: ProjectionSettings
    met_timeline: bool
    control: ControlSettings
    output: OutputSettings
    contact_sheet: ContactSheetSettings
    journey_curve: float
    export_folder: str


def with_changes_of_others(ours: Settings, before: Settings, theirs: Settings) -> Settings:
    """Return our settings with what another window has changed and we have not.

    before: ours, as they were written or read last. theirs: as they are written now.
    """
    both = _merged(ours, before, theirs)
    if before.recent not in (ours.recent, theirs.recent):
        others = tuple(path for path in theirs.recent if path not in ours.recent)
        both = structs.replace(both, recent=(ours.recent + others)[:RECENT])
    return both


def _merged(ours: T, before: T, theirs: T) -> T:
    """Return ours where we changed a field since before, theirs elsewhere."""
    fields: dict[str, object] = {}
    for name in ours.__struct_fields__:
        own, old, new = (getattr(value, name) for value in (ours, before, theirs))
        if isinstance(own, Struct) and type(own) is type(old) is type(new):
            fields[name] = _merged(own, old, new)
        else:
            fields[name] = new if own == old else own
    return structs.replace(ours, **fields)


class SettingsCell:
    """The one place that holds the settings; what changes is saved at once.

    save: keeps settings for the next start; it does not wait for a disk.
    """

    def __init__(self, settings: Settings, save: Callable[[Settings], None]) -> None:
        self._now = settings
        self._save = save

    @property
    def now(self) -> Settings:
        """The newest settings."""
        return self._now

    def change(self, **changes: Unpack[SettingsChanges]) -> None:
        """Replace some settings, which count until the program ends where they cannot be saved."""
        self._now = structs.replace(self._now, **changes)
        self._save(self._now)
