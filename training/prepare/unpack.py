"""Packed archives of classes as streams, which end where they unpack to more than they can be."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from training.data.unpacking import swollen

_OPENERS: dict[bytes, Callable[[IO[bytes]], io.BufferedIOBase]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ": lzma.LZMAFile,
}


class BombError(OSError):
    """A file unpacks to far more than it is."""


@contextlib.contextmanager
def unpacked(path: Path) -> Iterator[io.BufferedReader]:
    """The contents of a file, unpacked where it is gzip, bzip2 or xz, to be read from the front.

    Raises OSError, BombError where it unpacks to far more than it is, and what the unpackers raise
    (`BROKEN_PACKING`).
    """
    with _regular(path).open("rb") as file:
        head = file.read(6)
        file.seek(0)
        opener = next((o for magic, o in _OPENERS.items() if head.startswith(magic)), None)
        if opener is None:
            yield file
            return
        with opener(file) as inner:
            yield io.BufferedReader(_Bounded(inner, path.stat().st_size))


def _regular(path: Path) -> Path:
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError("it is a pipe, socket or device")
    return path


class _Bounded(io.RawIOBase):
    """A stream that raises BombError once it has given far more than `packed` bytes can be."""

    def __init__(self, inner: io.BufferedIOBase, packed: int) -> None:
        self._inner, self._packed, self._given = inner, packed, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._inner.read(len(buffer))
        self._given += len(data)
        if swollen(self._packed, self._given):
            raise BombError("it unpacks to far more than it is (a decompression bomb?)")
        buffer[: len(data)] = data
        return len(data)
