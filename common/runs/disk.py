"""The disk that snapshots and runs lie on: of this machine, or of the renderer's.

Everything that the window reads of them goes through a `Disk`, so that with a renderer on another
machine it shows what lies there. Nothing here writes. Every call waits for the disk, or for the
line to it: call it on a thread.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, Protocol, TypeAlias

from msgspec import Struct

from common.errors import UserError
from common.files import Signature, open_file
from common.regular import require_regular
from common.runs import locate
from common.runs.class_names import class_names
from common.runs.names import read_snapshot_name

MOST: Final = 4 << 20
"""Bytes that one call reads at most."""


class Facts(Struct, frozen=True):
    """What a disk says of a file or folder.

    name: its last part.
    kind: `other` are pipes, sockets and devices, `lost` is what cannot be looked at: a dead link.
    size: in bytes.
    modified_ns: the time of its last change, in ns since 1970.
    inode: its number on the disk.
    link: the name is that of a symbolic link.
    """

    name: str
    kind: Literal["file", "folder", "other", "lost"]
    size: int = 0
    modified_ns: int = 0
    inode: int = 0
    link: bool = False

    @property
    def modified(self) -> float:
        """The time of its last change, in seconds since 1970."""
        return self.modified_ns / 1e9

    @property
    def signature(self) -> Signature:
        """Tells one content from another."""
        return self.inode, self.size, self.modified_ns


class Found(Struct, frozen=True):
    """What a user's words lead to.

    path: a snapshot, or a run directory that has no whole one yet.
    whole: it is a snapshot.
    folder: a folder was named.
    """

    path: str
    whole: bool
    folder: bool


class Part(Struct, frozen=True):
    """A part of a file. file: what the disk says of it now."""

    data: bytes
    file: Facts


class Room(Struct, frozen=True):
    """Bytes that are free on a disk, and that it has in all."""

    free: int
    total: int


Paths: TypeAlias = tuple[str, ...]


class Disk(Protocol):
    """What is asked of a disk. Paths are absolute. Every call may raise OSError."""

    @property
    def place(self) -> str:
        """The machine that it is of, as the user named it; empty for this one."""

    def home(self) -> str:
        """The folder of whose user it is."""

    def scan(self, folder: str) -> tuple[Facts, ...]:
        """Everything in a folder, in no order."""

    def snapshots_in(self, folders: Paths) -> tuple[Paths, ...]:
        """The names of a run's snapshots in each of the folders; of those that cannot be read none.

        Fewer than were asked for where the disk is slow.
        """

    def look(self, paths: Paths) -> tuple[Facts | None, ...]:
        """What each path leads to; None where there is nothing."""

    def read(self, path: str, start: int, length: int) -> Part:
        """Bytes of a regular file: up to `length`, but perhaps fewer. Before its end at least one.

        A negative start counts from the end.
        """

    def complete(self, paths: Paths) -> tuple[bool, ...]:
        """Whether each snapshot is written to its end. Fewer where the disk is slow."""

    def room(self, folder: str) -> Room:
        """How full the disk is."""

    def find(self, text: str) -> Found:
        """What a user names: a file, a run directory or RUN/KIMG. Raises UserError."""

    def class_names(self, data: str) -> tuple[str, ...]:
        """What the classes of a data set are called. Raises UserError."""

    def image(self, path: str, side: int) -> bytes:
        """An image file as it is, or a smaller version whose longer side has `side` pixels.

        Raises UserError.
        """


class LocalDisk:
    """The `Disk` of this machine."""

    place = ""

    def __init__(self, resolve: Callable[[str], Path] = locate.resolve) -> None:
        """resolve: finds the snapshot that a user names."""
        self._resolve = resolve

    def home(self) -> str:
        """See Disk."""
        return str(Path.home())

    def scan(self, folder: str) -> tuple[Facts, ...]:
        """See Disk."""
        with os.scandir(folder) as entries:
            return tuple(_entry(entry) for entry in entries)

    def snapshots_in(self, folders: Paths) -> tuple[Paths, ...]:
        """See Disk."""
        return tuple(_snapshots_in(folder) for folder in folders)

    def look(self, paths: Paths) -> tuple[Facts | None, ...]:
        """See Disk."""
        return tuple(_look(path) for path in paths)

    def read(self, path: str, start: int, length: int) -> Part:
        """See Disk."""
        with open_file(path) as file:
            status = os.fstat(file.fileno())
            file.seek(start if start >= 0 else max(0, status.st_size + start))
            return Part(file.read(min(length, MOST)), _facts(os.path.basename(path), status))

    def complete(self, paths: Paths) -> tuple[bool, ...]:
        """See Disk."""
        return tuple(locate.is_complete(Path(path)) for path in paths)

    def room(self, folder: str) -> Room:
        """See Disk."""
        usage = shutil.disk_usage(folder)
        return Room(usage.free, usage.total)

    def find(self, text: str) -> Found:
        """See Disk."""
        expanded = os.path.expanduser(text)
        require_regular(Path(expanded))
        folder = os.path.isdir(expanded)
        try:
            return Found(str(self._resolve(text)), True, folder)
        except UserError:
            run = locate.awaits_snapshot(text)
            if run is None:
                raise
            return Found(str(run), False, folder)

    def class_names(self, data: str) -> tuple[str, ...]:
        """See Disk."""
        return class_names(Path(data))

    def image(self, path: str, side: int) -> bytes:
        """See Disk."""
        require_regular(path)
        with open_file(path) as file:
            return file.read()


def _entry(entry: os.DirEntry[str]) -> Facts:
    link = entry.is_symlink()
    try:
        return _facts(entry.name, entry.stat(), link=link)
    except OSError:
        return Facts(entry.name, "lost", link=link)


def _look(path: str) -> Facts | None:
    try:
        return _facts(os.path.basename(path), os.stat(path))
    except (OSError, ValueError):
        return None


def _facts(name: str, status: os.stat_result, *, link: bool = False) -> Facts:
    mode = status.st_mode
    kind: Literal["file", "folder", "other"]
    kind = "folder" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "other"
    return Facts(name, kind, status.st_size, status.st_mtime_ns, status.st_ino, link)


def _snapshots_in(folder: str) -> Paths:
    try:
        return tuple(name for name in os.listdir(folder) if read_snapshot_name(name) is not None)
    except OSError:
        return ()  # it says why when it is opened


def read_whole(disk: Disk, path: str, most: int) -> bytes | None:
    """Everything in a file; None where that is more than `most` bytes. Raises OSError."""
    data = bytearray()
    while True:
        part = disk.read(path, len(data), most + 1 - len(data))
        data += part.data
        if part.file.size > most or len(data) > most:
            return None
        if not part.data or len(data) >= part.file.size:
            return bytes(data)


HERE: Final[Disk] = LocalDisk()
"""The disk of this machine."""
