"""The entries of a file dialog: their names, their order, and which of them are shown.

Nothing here looks at the disk.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import unquote, urlparse

from common import units
from common.errors import UserError
from common.runs import names
from common.words import escaped
from viz.disk.dialogs.purposes import Kind

Column: TypeAlias = Literal["name", "size", "time"]


@dataclass(frozen=True)
class Entry:
    """A file or folder in the list of a dialog.

    path: where it is.
    name: what the list calls it; below a folder, its path from there.
    folder: whether it is one.
    bytes: the size of a file, -1 where that is not known.
    modified: in seconds since 1970, 0 where that is not known.
    snapshots: how many snapshots a run directory holds; 0 for anything else.
    newest: the file name of the newest of them, judged by its name.
    link: it is a symbolic link to a folder.
    """

    path: str
    name: str
    folder: bool
    bytes: int = -1
    modified: float = 0.0
    snapshots: int = 0
    newest: str = ""
    link: bool = False


def parsed(text: str, base: Path, home: Callable[[], str] | None = None) -> Path:
    """A path as it is typed or pasted: `~`, quotes and `file://` are understood.

    home: tells the folder that `~` stands for, by default the one on this machine.
    """
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    if text.startswith("file://"):
        text = unquote(urlparse(text).path)
    if "\0" in text:
        raise UserError("A path cannot contain NUL.")
    if home is not None and (text == "~" or text.startswith("~/")):
        text = home() + text[1:]
    return Path(os.path.normpath(base / os.path.expanduser(text)))


@dataclass(frozen=True)
class Filters:
    """What the list shows, and in which order.

    all_files: also files that the dialog is not for.
    hidden: also files and folders whose names begin with a dot.
    deep: what lies in all folders below, in the place of this folder.
    column: what the list is ordered by.
    descending: the largest or newest first.
    """

    all_files: bool = False
    hidden: bool = False
    deep: bool = False
    column: Column = "name"
    descending: bool = False


def is_hidden(name: str) -> bool:
    """Whether a file is hidden by its name, as on Unix."""
    return name.startswith(".")


def natural(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sorts names as people count: `run9` before `run10`, large and small letters alike."""
    parts = re.findall(r"\d+|\D+", name.casefold())
    return [
        (0, int(part), "") if part.isascii() and part.isdecimal() else (1, 0, part)
        for part in parts
    ], name


def natural_order(entries: Iterable[Entry]) -> list[Entry]:
    """Folders first, each in the natural order of its names."""
    return sorted(entries, key=lambda entry: (not entry.folder, natural(entry.name)))


def ordered(entries: Iterable[Entry], column: Column, *, descending: bool) -> list[Entry]:
    """By a column of the list, folders first in any case."""
    entries = natural_order(entries)
    if column == "size":
        entries.sort(key=lambda entry: entry.bytes, reverse=descending)
    elif column == "time":
        entries.sort(key=lambda entry: entry.modified, reverse=descending)
    elif descending:
        entries.reverse()
    return sorted(entries, key=lambda entry: not entry.folder)


def shown(
    entries: Iterable[Entry], kind: Kind, *, all_files: bool, hidden: bool
) -> Iterator[Entry]:
    """Those entries that the dialog shows."""
    for entry in entries:
        if is_hidden(os.path.basename(entry.path)) and not hidden:
            continue
        if entry.folder or (not kind.folder and (all_files or kind.takes(entry.name))):
            yield entry


def is_snapshot(name: str) -> bool:
    """Whether a file is a snapshot of a run, by its name."""
    return names.read_snapshot_name(name) is not None


def when(modified: float) -> str:
    """A time of the list, as `2026-11-28 07:02`; empty where it is not known or out of range."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(modified)) if modified else ""
    except (OverflowError, OSError, ValueError):
        return ""


def newest(entry: Entry) -> str:
    """How far a run has come by its newest snapshot, as `200 kimg`; empty for all else."""
    kimg = names.kimg_of(entry.newest) if entry.snapshots else None
    return "" if kimg is None else units.kimg(kimg)


def facts(entry: Entry) -> str:
    """A line about an entry: its training where its name tells it, its size and its time."""
    said = []
    if entry.snapshots:
        trained = f", the newest at {newest(entry)}" if newest(entry) else ""
        count = units.counted(entry.snapshots, "snapshot")
        said.append(f"Run with {count}{trained}")
    elif entry.folder:
        said.append("Folder")
    else:
        kimg = names.kimg_of(entry.path)
        said += [] if kimg is None else [units.kimg(kimg)]
        said += [] if entry.bytes < 0 else [units.file_size(entry.bytes)]
    said += [when(entry.modified)] if entry.modified else []
    return ", ".join(said) or "It cannot be looked at: perhaps a link to nothing."


def jump(entries: Sequence[Entry], letters: str, after: int) -> int:
    """The index of the next entry whose name begins with `letters`, -1 where there is none."""
    count, wanted = len(entries), letters.casefold()
    # A second letter narrows what the first has found; the same letter goes on to the next.
    first = after if len(letters) > 1 else after + 1
    for step in range(count):
        index = (first + step) % count
        if entries[index].name.casefold().startswith(wanted):
            return index
    return -1


def file_name(typed_name: str, kind: Kind) -> str:
    """The name to write to: with the suffix of its kind. Raises UserError where it is no name."""
    name = typed_name.strip()
    if not name or name in (".", "..") or "/" in name or "\0" in name or os.sep in name:
        raise UserError(f"{escaped(name) or 'An empty name'} cannot be the name of a file.")
    return name if kind.takes(name) else name + kind.suffixes[0]


def is_path(typed_name: str) -> bool:
    """Whether what was typed for a name says a folder, too: /films/loop, ~/loop, films/loop."""
    return "/" in typed_name or os.sep in typed_name or typed_name.startswith("~")


@dataclass(frozen=True)
class Shortcut:
    """A folder that is one click away.

    kind: why it is worth going to.
    name: what it is called.
    folder: where it is.
    """

    kind: Literal["home", "captures", "run", "recent"]
    name: str
    folder: Path


def shortcuts(
    home: Path, captures: Path | None, run: str, recent: Sequence[str], most: int = 6
) -> tuple[Shortcut, ...]:
    """The folders on the left of a dialog, each once.

    captures: where captures go, None on a disk that has none.
    run: the folder of the run that is watched, empty for none.
    recent: paths of snapshots opened lately, the newest first.
    most: how many folders of recent snapshots are named.
    """
    fixed = [Shortcut("home", "Home", home)]
    if captures is not None:
        fixed.append(Shortcut("captures", "Captures", captures))
    if run:
        fixed.append(Shortcut("run", Path(run).name, Path(run)))
    known = {shortcut.folder for shortcut in fixed}
    opened = dict.fromkeys(Path(path).parent for path in recent)
    folders = [folder for folder in opened if folder not in known][:most]
    return (*fixed, *(Shortcut("recent", folder.name or str(folder), folder) for folder in folders))
