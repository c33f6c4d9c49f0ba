"""What a user names -> a snapshot file: a file, a run directory, or `RUN/KIMG`. No torch here.

Run directories are those of NVIDIA's trainers and of ours: `network-snapshot-000200.pkl`,
`training_options.json`, `stats.jsonl`. All of them may be read while they are being written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlparse

from common.errors import UserError, reason
from common.regular import require_regular
from common.runs.names import OPTIONS, STATS, age, read_snapshot_name
from common.snapshot_files import SUFFIXES
from common.suggest import closest
from common.urls import refuse_nul, refuse_url

_MAX_HEADER: Final = 100_000_000  # as the format allows
_SHOWN: Final = 12


@dataclass(frozen=True)
class RunSnapshot:
    """A snapshot in a run directory.

    path: the file.
    kimg: thousands of images seen, None where its name does not tell.
    complete: it is written to its end.
    """

    path: Path
    kimg: int | None
    complete: bool


def resolve(text: str) -> Path:
    """Return the absolute path of the snapshot file that `text` names. Raises UserError.

    A file is itself; a run directory is its newest complete snapshot; `RUN/KIMG` is the
    snapshot of that run at exactly that kimg.
    """
    path = path_of(text)
    require_regular(path)
    try:
        if path.is_file():
            return path
        if path.is_dir():
            return _newest(path)
        if path.name.isdecimal() and path.parent.is_dir():
            return _at(path.parent, int(path.name))
    except (OSError, ValueError) as error:
        raise UserError(f"Cannot read {path}: {reason(error)}.") from error
    raise UserError(f"{path} does not exist.", _suggestion(path))


def find(text: str, tell: Callable[[str], None]) -> Path:
    """Return what `resolve` returns, and tell where newer snapshots of a run were passed over.

    tell: is told which snapshot is used, and which are not whole. Raises UserError.
    """
    path = resolve(text)
    # Only who names a run leaves the choice open.
    damaged = passed_over(path) if path_of(text) == path.parent else []
    if damaged:
        names = ", ".join(file.name for file in damaged)
        tell(f"Using {path.name}; not whole, and passed over: {names}.")
    return path


def path_of(text: str) -> Path:
    """Return the absolute path that a user wrote or pasted. Raises UserError for an address."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    if text.startswith("file://"):  # what file managers put on the clipboard
        text = unquote(urlparse(text).path)
    refuse_url(text)
    refuse_nul(text)
    if not text:
        raise UserError("No snapshot is named.", "Name a file, a run directory or RUN/KIMG.")
    return Path(os.path.abspath(os.path.expanduser(text)))


def snapshots(run: Path) -> list[RunSnapshot]:
    """Return every snapshot of a run directory, oldest first (`names.age`). Raises UserError."""
    try:
        require_regular(run)
        names = os.listdir(run)
    except FileNotFoundError as error:
        raise UserError(f"{run} does not exist.", _suggestion(run)) from error
    except OSError as error:
        raise UserError(f"Cannot read the directory {run}: {reason(error)}.") from error
    found = [
        RunSnapshot(run / name, known.kimg, is_complete(run / name))
        for name in names
        if (known := read_snapshot_name(name)) is not None
    ]
    return sorted(found, key=lambda snapshot: age(snapshot.path, snapshot.kimg))


def passed_over(chosen: Path) -> list[Path]:
    """Return the snapshots of a run that are newer than `chosen` and not whole, oldest first."""
    every = snapshots(chosen.parent)
    paths = [snapshot.path for snapshot in every]
    if chosen not in paths:
        return []
    newer = every[paths.index(chosen) + 1 :]
    return [snapshot.path for snapshot in newer if not snapshot.complete]


def is_run(path: Path) -> bool:
    """Say whether `path` is a folder with snapshots, or with what a trainer writes before them."""
    if not path.is_dir():
        return False
    started = any((path / name).is_file() for name in (OPTIONS, STATS))
    return started or bool(snapshots(path))


def awaits_snapshot(text: str) -> Path | None:
    """Return the run directory that `text` names; None where it holds a complete snapshot."""
    try:
        path = path_of(text)
        if not is_run(path) or any(s.complete for s in snapshots(path)):
            return None
    except (UserError, OSError):
        return None
    return path


def is_complete(path: Path) -> bool:
    """Say whether a snapshot is written to its end, judged by its first and last bytes."""
    try:
        with open(path, "rb") as file:
            head = file.read(9)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - (1 << 16)))
            tail = file.read()
    except OSError:
        return False
    # First of all: the length of its header may begin like a file of any other kind.
    if head[4:] == b"\0\0\0\0{":
        return _has_all_tensors(path, int.from_bytes(head[:8], "little"), size)
    if head[:1] == b"\x80":
        return tail[-1:] == b"." and size > 2
    return head[:2] == b"PK" and b"PK\x05\x06" in tail  # the record that ends a zip archive


def _has_all_tensors(path: Path, header: int, size: int) -> bool:
    """Say whether a .safetensors of `size` bytes is as long as its header says it will be."""
    if header > min(size - 8, _MAX_HEADER):
        return False
    try:
        with open(path, "rb") as file:
            file.seek(8)
            entries = json.loads(file.read(header))
        ends = [e["data_offsets"][1] for name, e in entries.items() if name != "__metadata__"]
        return size >= 8 + header + max(ends, default=0)
    except (OSError, ValueError, RecursionError, AttributeError, LookupError, TypeError):
        return False


def _newest(run: Path) -> Path:
    every = snapshots(run)
    for snapshot in reversed(every):
        if snapshot.complete:
            return snapshot.path
    if every:
        raise UserError(
            f"{run} holds no complete snapshot yet: {every[-1].path.name} is still being written.",
            "Try again in a moment.",
        )
    inside = sorted(entry.name for entry in run.iterdir())
    files = [name for name in inside if name.endswith(SUFFIXES)]
    runs = [name for name in inside if is_run(run / name)]
    if files:
        remedy = f"Name one of its files: {_listed(files)}."
    elif runs:
        remedy = f"Name one of its runs: {_listed(runs)}."
    else:
        remedy = "A run directory holds files such as network-snapshot-000200.pkl."
    raise UserError(f"{run} holds no network-snapshot.", remedy)


def _at(run: Path, kimg: int) -> Path:
    every = snapshots(run)
    if not every:
        return _newest(run)  # says what is there instead
    for snapshot in reversed(every):
        if snapshot.kimg == kimg:
            return snapshot.path
    numbers = sorted({s.kimg for s in every if s.kimg is not None})
    near = sorted(numbers, key=lambda n: abs(n - kimg))[:_SHOWN]
    raise UserError(
        f"{run} has no snapshot at {kimg} kimg.",
        f"It has {_listed([str(n) for n in sorted(near)])}." if near else "It has one file only.",
    )


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")


def _suggestion(path: Path) -> str:
    parent = path.parent
    if not parent.is_dir():
        while not parent.is_dir():
            parent = parent.parent
        return f"The path exists up to {parent}."
    try:
        near = closest(path.name, os.listdir(parent))
    except OSError:
        near = None
    return f"Did you mean {near}?" if near else "Check how its name is spelled."
