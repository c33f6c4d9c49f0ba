"""What outlives the window: settings and the last session, as versioned JSON in the user's folder.

Files are written atomically. One that cannot be read is kept beside as `.bad`, never overwritten.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

import msgspec
import platformdirs
from msgspec import Struct, structs

from common.errors import UserError
from common.files import replace_file
from renderer.pictures.journey.order import in_order
from viz.desk.settings import SETTINGS_VERSION, Settings, with_changes_of_others
from viz.session.ranges import within_ranges
from viz.session.session import VERSION, Session

T = TypeVar("T", bound=Struct)


def home() -> Path:
    """GANSCOPE_HOME, or the folder that the system gives programs for their data."""
    return Path(os.environ.get("GANSCOPE_HOME") or platformdirs.user_data_dir("ganscope", False))


def write_atomically(path: Path, data: bytes) -> None:
    """Write a whole file or nothing, and the folder it belongs in. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, data)


def encode(value: Struct) -> bytes:
    """The value as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


class _Version(Struct):
    version: int = 1


def decode(data: bytes | str, kind: type[T], newest: int, where: str) -> T:
    """Read JSON as a value of `kind`. Raises UserError where it is not ours, or of a later version.

    newest: the highest version that is understood.
    where: what the JSON comes from, for the error.
    """
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
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UserError(f"{where}: {error}.", "It is no file that ganscope wrote.") from error


def decode_session(data: bytes | str, where: str) -> Session:
    """Read a session from its JSON, with numbers that the panels can draw. Raises UserError."""
    return _mended(decode(data, Session, VERSION, where))


def _mended(session: Session) -> Session:
    """Return a session with its numbers in their ranges and its journey in order."""
    session = within_ranges(session)
    return structs.replace(session, journey=in_order(session.journey))


class Store:
    """Keeps settings.json, session.json, layout.ini, bookmarks/ and runs/ in one folder.

    folder: where they are.
    read_only: nothing in the folder changes.
    place: tells the machine that the files of the session lie on, as part of a file name; empty for
        this one. Each has its own last session.
    problems: what could not be read, in words for the user.
    """

    def __init__(self, folder: Path, *, read_only: bool = False, place: str = "") -> None:
        self.folder = folder
        self.read_only = read_only
        self.problems: list[str] = []
        self._settings: Settings | None = None
        self._session = f"session-{place}.json" if place else "session.json"

    def load_settings(self) -> Settings:
        """The settings as they were saved last, or those to begin with."""
        self._settings = self._load("settings.json", Settings, SETTINGS_VERSION) or Settings()
        return self._settings

    def load_session(self) -> Session | None:
        """The session as it was saved last, None where there is none."""
        session = self._load(self._session, Session, VERSION)
        return _mended(session) if session is not None else None

    def save(self, value: Settings | Session) -> None:
        """Write settings or a session, whole or not at all. Raises OSError.

        Of settings only what was changed since they were read or written last: another window may
        have changed others.
        """
        if self.read_only:
            return
        if isinstance(value, Settings):
            theirs = self._load("settings.json", Settings, SETTINGS_VERSION)
            written = value
            if theirs is not None and self._settings is not None:
                written = with_changes_of_others(value, self._settings, theirs)
            write_atomically(self.folder / "settings.json", encode(written))
            self._settings = value
        else:
            write_atomically(self.folder / self._session, encode(value))

    @property
    def layout(self) -> Path:
        """The file in which ImGui remembers where the panels are."""
        return self.folder / "layout.ini"

    @property
    def bookmarks(self) -> Path:
        """The folder of the bookmarks."""
        return self.folder / "bookmarks"

    @property
    def runs(self) -> Path:
        """The folder of what the user said about runs."""
        return self.folder / "runs"

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
