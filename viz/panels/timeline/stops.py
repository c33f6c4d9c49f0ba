"""The snapshots of a run as the stops of its timeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath

from common import units
from common.runs.names import age
from viz.desk.facts import FileEntry
from viz.desk.parts.timeline import Stop


def make_stops(snapshots: Iterable[FileEntry], writing: Iterable[FileEntry]) -> tuple[Stop, ...]:
    """Make stops of snapshots, in the order of training, oldest first."""
    found = [(entry, False) for entry in snapshots] + [(entry, True) for entry in writing]
    found.sort(key=lambda pair: age(pair[0].path, pair[0].kimg))
    copies = Counter(entry.kimg for entry, _ in found)
    return tuple(_stop(entry, copies[entry.kimg] > 1, unfinished) for entry, unfinished in found)


def _stop(entry: FileEntry, copied: bool, writing: bool) -> Stop:
    name = PurePath(entry.path)
    if entry.kimg is None:
        return Stop(entry, name.name, "–" if not copied else _suffix(entry), writing)
    label, mark = units.kimg(entry.kimg), f"{entry.kimg:,.7g}"
    if copied:
        label, mark = f"{label} ({name.suffix})", f"{mark} {name.suffix[:3]}"
    return Stop(entry, label, mark, writing)


def _suffix(entry: FileEntry) -> str:
    return PurePath(entry.path).suffix
