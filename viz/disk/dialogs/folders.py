"""What lies in folders, for a file dialog. All of it waits for a disk: call it on a thread."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

from common.errors import UserError
from common.runs import names
from common.words import escaped
from viz.disk.dialogs.entries import Entry, is_hidden, natural_order, parsed
from viz.disk.dialogs.purposes import Kind

DEPTH = 8
"""Folders below one another into which `below` looks."""
FOUND = 2000
"""Files and runs after which `below` stops."""
SECONDS = 15.0
"""Seconds after which `below` stops; less than `viz.desk.tasks.PATIENCE`."""
MARKED = 500
"""Folders of a listing that are looked into for runs."""


def listing(folder: Path) -> list[Entry]:
    """The folders and regular files in a folder, in no order. Raises OSError.

    Pipes, sockets and devices are left out: nothing can be done with them here.
    """
    with os.scandir(folder) as scan:
        entries = [_entry(item) for item in scan]
    return [entry for entry in entries if entry is not None]


def _entry(item: os.DirEntry[str]) -> Entry | None:
    try:
        facts = item.stat()  # of what a link points to
    except OSError:
        return Entry(item.path, item.name, folder=False)  # a link to nothing: it is listed
    if stat.S_ISDIR(facts.st_mode):
        return Entry(item.path, item.name, True, modified=facts.st_mtime)
    if not stat.S_ISREG(facts.st_mode):
        return None
    return Entry(item.path, item.name, False, facts.st_size, facts.st_mtime)


def marked(entry: Entry) -> Entry:
    """The entry of a folder with what it holds as a run; unchanged where it is none."""
    try:
        inside = os.listdir(entry.path)
    except OSError:
        return entry  # it says why when it is opened
    return replace(entry, **_run(inside))


class _Run(TypedDict, total=False):
    """What `Entry` says of a run; nothing for a folder that is none."""

    snapshots: int
    newest: str


def _run(inside: Iterable[str]) -> _Run:
    found = [(name, names.read_snapshot_name(name)) for name in inside]
    ours = [(name, known.kimg) for name, known in found if known is not None]
    if not ours:
        return {}
    newest = max(ours, key=lambda one: names.age(*one))[0]
    return {"snapshots": len(ours), "newest": newest}


def marks(entries: Sequence[Entry]) -> dict[str, Entry]:
    """The runs among the entries by their paths; only so many folders are looked into."""
    folders = [entry for entry in entries if entry.folder][:MARKED]
    ends = time.monotonic() + SECONDS
    found = (marked(entry) for entry in folders if time.monotonic() < ends)
    return {entry.path: entry for entry in found if entry.snapshots}


def nearest(folder: Path) -> Path:
    """The folder itself, or the closest one above it that exists."""
    for candidate in (folder, *folder.parents):
        if candidate.is_dir():
            return candidate
    return Path.home()


@dataclass
class Search:
    """A look into all folders below one. The window reads it while a thread writes it.

    found: what can be chosen, in the order in which it was found.
    folders: how many folders have been looked into.
    stopped: it is over, or the window wants it to end.
    complete: everything was looked at; False where a limit ended it.
    """

    found: list[Entry]
    folders: int = 0
    stopped: bool = False
    complete: bool = False

    def stop(self) -> None:
        """End it; what was found stays."""
        self.stopped = True


def below(top: Path, kind: Kind, search: Search, *, hidden: bool = False) -> None:
    """Fill `search` with the files and runs in all folders below `top`, near ones first.

    Links to folders are not followed, for they may lead round in a circle.
    """
    ends = time.monotonic() + SECONDS
    level = [top]
    for _ in range(DEPTH):
        deeper: list[Path] = []
        for folder in level:
            if search.stopped or len(search.found) >= FOUND or time.monotonic() > ends:
                return
            deeper += _look_into(folder, top, kind, search, hidden=hidden)
        level = deeper
    search.complete = not level


def _look_into(
    folder: Path, top: Path, kind: Kind, search: Search, *, hidden: bool
) -> Iterator[Path]:
    search.folders += 1
    try:
        entries = listing(folder)
    except OSError:
        return  # one folder that cannot be read hides no other
    run = _Run()
    if kind.runs and folder != top:
        run = _run(entry.name for entry in entries)
    if run:
        name = str(folder.relative_to(top))
        search.found.append(replace(Entry(str(folder), name, folder=True), **run))
    for entry in natural_order(entries):
        if is_hidden(entry.name) and not hidden:
            continue
        if entry.folder and not os.path.islink(entry.path):
            yield Path(entry.path)
        elif not entry.folder and not kind.folder and kind.takes(entry.name):
            name = os.path.relpath(entry.path, top)
            search.found.append(replace(entry, name=name))


@dataclass(frozen=True)
class Place:
    """What a typed path leads to: a folder to show, and perhaps a file in it."""

    folder: Path
    file: str = ""


def typed(text: str, base: Path, kind: Kind) -> Place:
    """What a typed or pasted path means, from `base` where it is relative. Raises UserError."""
    path = parsed(text, base)
    if path.is_dir():
        return Place(path)
    numbered = kind.runs and path.name.isdecimal()  # RUN/KIMG
    if path.is_file() or ((kind.save or numbered) and path.parent.is_dir()):
        return Place(path.parent, path.name)
    if path.exists():
        raise UserError(f"{escaped(str(path))} is neither a file nor a folder.")
    there = escaped(str(nearest(path.parent)))
    raise UserError(f"{escaped(path.name)} does not exist.", f"The path exists up to {there}.")
