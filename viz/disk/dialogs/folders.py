"""What lies in folders, for a file dialog. All of it waits for a disk: call it on a thread."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

from common.errors import UserError
from common.runs import names
from common.runs.disk import HERE, Disk, Facts
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
TOGETHER = 50
"""Folders that are looked into with one question."""
HOME = "~"
"""Stands for the user's folder, on whatever disk."""


def listing(folder: Path, disk: Disk = HERE) -> list[Entry]:
    """The folders and regular files in a folder, in no order. Raises OSError.

    Pipes, sockets and devices are left out: nothing can be done with them here.
    """
    entries = (_entry(folder, facts) for facts in disk.scan(str(folder)))
    return [entry for entry in entries if entry is not None]


def _entry(folder: Path, facts: Facts) -> Entry | None:
    path = str(folder / facts.name)
    match facts.kind:
        case "lost":
            return Entry(path, facts.name, folder=False)  # a link to nothing: it is listed
        case "folder":
            return Entry(path, facts.name, True, modified=facts.modified, link=facts.link)
        case "file":
            return Entry(path, facts.name, False, facts.size, facts.modified)
    return None


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


def marks(entries: Sequence[Entry], disk: Disk = HERE) -> dict[str, Entry]:
    """The runs among the entries by their paths; only so many folders are looked into."""
    folders = [entry for entry in entries if entry.folder][:MARKED]
    ends = time.monotonic() + SECONDS
    found: dict[str, Entry] = {}
    while folders and time.monotonic() < ends:
        some = folders[:TOGETHER]
        inside = disk.snapshots_in(tuple(entry.path for entry in some))
        if not inside:
            break
        del folders[: len(inside)]
        for entry, names_inside in zip(some, inside, strict=False):
            if names_inside:
                found[entry.path] = replace(entry, **_run(names_inside))
    return found


def nearest(folder: Path, disk: Disk = HERE) -> Path:
    """The folder itself, or the closest one above it that exists.

    folder: `~` stands for that of the user.
    """
    if str(folder) == HOME:
        return Path(disk.home())
    candidates = (folder, *folder.parents)
    looked = disk.look(tuple(str(candidate) for candidate in candidates))
    for candidate, facts in zip(candidates, looked, strict=True):
        if facts is not None and facts.kind == "folder":
            return candidate
    return Path(disk.home())


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


def below(
    top: Path, kind: Kind, search: Search, *, hidden: bool = False, disk: Disk = HERE
) -> None:
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
            deeper += _look_into(folder, top, kind, search, disk, hidden=hidden)
        level = deeper
    search.complete = not level


def _look_into(
    folder: Path, top: Path, kind: Kind, search: Search, disk: Disk, *, hidden: bool
) -> Iterator[Path]:
    search.folders += 1
    try:
        entries = listing(folder, disk)
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
        if entry.folder and not entry.link:
            yield Path(entry.path)
        elif not entry.folder and not kind.folder and kind.takes(entry.name):
            name = os.path.relpath(entry.path, top)
            search.found.append(replace(entry, name=name))


@dataclass(frozen=True)
class Place:
    """What a typed path leads to: a folder to show, and perhaps a file in it."""

    folder: Path
    file: str = ""


def typed(text: str, base: Path, kind: Kind, disk: Disk = HERE) -> Place:
    """What a typed or pasted path means, from `base` where it is relative. Raises UserError."""
    path = parsed(text, base, disk.home)
    facts, parent = disk.look((str(path), str(path.parent)))
    if facts is not None and facts.kind == "folder":
        return Place(path)
    numbered = kind.runs and path.name.isdecimal()  # RUN/KIMG
    into = (kind.save or numbered) and parent is not None and parent.kind == "folder"
    if into or (facts is not None and facts.kind == "file"):
        return Place(path.parent, path.name)
    if facts is not None:
        raise UserError(f"{escaped(str(path))} is neither a file nor a folder.")
    there = escaped(str(nearest(path.parent, disk)))
    where = f" on {disk.place}" if disk.place else ""
    raise UserError(
        f"{escaped(path.name)} does not exist{where}.", f"The path exists up to {there}."
    )
