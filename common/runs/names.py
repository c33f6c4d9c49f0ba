"""How the files of a run are called, and in which order its snapshots come."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Final, NamedTuple

from common.snapshot_files import OURS, SUFFIX_PATTERN

OPTIONS: Final = "training_options.json"
STATS: Final = "stats.jsonl"
LOG: Final = "log.txt"

_SNAPSHOT: Final = re.compile(rf"network-snapshot(?:-(\d{{1,9}}))?({SUFFIX_PATTERN})")
_NUMBERED: Final = re.compile(r"network-snapshot-(\d{1,9})")


class SnapshotName(NamedTuple):
    """What the name of a snapshot says.

    kimg: thousands of images seen, None for a file that is overwritten in place.
    suffix: one of `common.snapshot_files.SUFFIXES`.
    """

    kimg: int | None
    suffix: str


def snapshot_name(kimg: int, suffix: str = OURS) -> str:
    """The name of our snapshot at `kimg`: `network-snapshot-000200.safetensors`."""
    return f"network-snapshot-{kimg:06d}{suffix}"


def read_snapshot_name(name: str) -> SnapshotName | None:
    """What the name of a file says; None where it is none of a run's snapshots."""
    match = _SNAPSHOT.fullmatch(name)
    return SnapshotName(int(match[1]) if match[1] else None, match[2]) if match else None


def kimg_of(path: str) -> float | None:
    """The kimg in a file's name, also of a copy such as `my-network-snapshot-000200 (1).pkl`."""
    match = _NUMBERED.search(PurePath(path).name)
    return float(match[1]) if match else None


def age(path: str | PurePath, kimg: float | None) -> tuple[float, bool, str]:
    """Sorts snapshots by it, oldest first.

    A file without a kimg counts as older than those with one. Of two formats at one kimg ours comes
    last, and so is the one that is opened as the newest.
    """
    name = PurePath(path)
    return -1.0 if kimg is None else float(kimg), name.suffix == OURS, name.name
