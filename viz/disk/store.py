"""What outlives the window: settings and the last session, as versioned JSON in the user's folder.

Files are written atomically. One that cannot be read is kept beside as `.bad`, never overwritten.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
import platformdirs
from msgspec import Struct, structs

from common.errors import UserError
from common.files import replace_file
from renderer.messages.protocol import EngineOptions
from viz.session.session import VERSION, Session

RECENT = 12
SETTINGS_VERSION = 1

T = TypeVar("T", bound=Struct)


class Monitor(Struct, frozen=True):
    """How training is watched. follow: show every new snapshot of the run by itself.

    smoothing: 0 (none) … 0.99, of an exponential average. axis: what plots lie over. plots: those
    that were shown or hidden by hand.
    """

    follow: bool = True
    smoothing: float = 0.6
    axis: Literal["kimg", "hours"] = "kimg"
    plots: dict[str, bool] = {}


class ExportOptions(Struct, frozen=True):
    """What the export dialog asks, as it was answered last.

    kind: a video or one PNG per picture. fps: frames per second. seconds: how long each picture
    of a video stays. scale: of every picture. labels: written into the pictures.
    """

    kind: Literal["mp4", "png"] = "mp4"
    fps: float = 30.0
    seconds: float = 0.5
    scale: float = 1.0
    labels: bool = True

    @property
    def hold(self) -> int:
        """Frames that each picture stays."""
        return max(1, round(self.fps * self.seconds)) if self.kind == "mp4" else 1


class Settings(Struct, frozen=True):
    """What belongs to the user and not to a picture.

    scale: font and control size on top of the display's. frame_limit: frames per second,
    0 = the display's rate. capture_folder: empty = `Pictures/ganscope`. recent: newest first.
    met_timeline: the Timeline has come to the front by itself once, when a run was opened.
    """

    theme: Literal["dark", "light"] = "dark"
    scale: float = 1.0
    frame_limit: int = 0
    capture_folder: str = ""
    recent: tuple[str, ...] = ()
    engine: EngineOptions = msgspec.field(default_factory=EngineOptions)
    monitor: Monitor = msgspec.field(default_factory=Monitor)
    export: ExportOptions = msgspec.field(default_factory=ExportOptions)
    met_timeline: bool = False
    version: int = SETTINGS_VERSION

    def opened(self, path: str) -> Settings:
        """The settings with `path` as the newest of the recent files."""
        others = tuple(p for p in self.recent if p != path)
        return structs.replace(self, recent=(path, *others)[:RECENT])

    @property
    def captures(self) -> Path:
        """The folder that pictures are captured into."""
        if self.capture_folder:
            return Path(self.capture_folder).expanduser()
        return Path(platformdirs.user_pictures_dir()) / "ganscope"


def home() -> Path:
    """GANSCOPE_HOME, or the folder that the system gives programs for their data."""
    return Path(os.environ.get("GANSCOPE_HOME") or platformdirs.user_data_dir("ganscope", False))


def write_atomically(path: Path, data: bytes) -> None:
    """Write a whole file or nothing, and the folder it belongs in. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, data)


def encode(value: Struct) -> bytes:
    """Indented JSON."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


class _Version(Struct):
    version: int = 1


def decode(data: bytes | str, kind: type[T], newest: int, where: str) -> T:
    """JSON to `kind`. Raises UserError: not ours, or of a version that came later."""
    if isinstance(data, str):
        data = data.encode()  # Pillow's texts are of a subclass of str, which msgspec refuses
    try:
        version = msgspec.json.decode(data, type=_Version).version
        if version > newest:
            raise UserError(
                f"{where}: version {version} of its format is newer than this program "
                f"(it reads up to version {newest}).",
                "Update ganscope.",
            )
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{where}: {error}.", "It is no file that ganscope wrote.") from error


def decode_session(data: bytes | str, where: str) -> Session:
    """A session's JSON. Raises UserError."""
    return decode(data, Session, VERSION, where)


class Store:
    """settings.json, session.json, layout.ini and bookmarks/ in one folder."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        """read_only: nothing in `folder` changes. problems: files that could not be read."""
        self.folder = folder
        self.read_only = read_only
        self.problems: list[str] = []

    def load_settings(self) -> Settings:
        return self._load("settings.json", Settings, SETTINGS_VERSION) or Settings()

    def load_session(self) -> Session | None:
        return self._load("session.json", Session, VERSION)

    def save(self, value: Settings | Session) -> None:
        """Raises OSError."""
        if self.read_only:
            return
        name = "settings.json" if isinstance(value, Settings) else "session.json"
        write_atomically(self.folder / name, encode(value))

    @property
    def layout(self) -> Path:
        return self.folder / "layout.ini"

    @property
    def bookmarks(self) -> Path:
        return self.folder / "bookmarks"

    def _load(self, name: str, kind: type[T], newest: int) -> T | None:
        path = self.folder / name
        try:
            return decode(path.read_bytes(), kind, newest, str(path))
        except FileNotFoundError:
            return None
        except OSError as error:
            self.problems.append(
                f"{path} cannot be read: {error.strerror}. Starting with defaults."
            )
            return None
        except UserError as error:
            kept = path.with_suffix(path.suffix + ".bad")
            if not self.read_only:
                self._keep(path, kept)
            self.problems.append(f"{error} Starting with defaults; it is kept as {kept.name}.")
            return None

    def _keep(self, path: Path, kept: Path) -> None:
        try:
            os.replace(path, kept)
        except OSError as error:
            self.problems.append(f"{path} cannot be renamed: {error.strerror}.")
