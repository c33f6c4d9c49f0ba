"""Bytes that stay in their file until somebody looks at them.

Most of a snapshot is tensors of networks that nobody wants just now. The pickle machine passes over
them without reading them, and a tensor is read when its network is built.
"""

from __future__ import annotations

import threading
from typing import BinaryIO, Final, TypeAlias, overload

SMALL: Final = 4096
"""Fewer bytes than this are read at once where they are sliced off."""
_WINDOW: Final = 1 << 16


class OpenFile:
    """A file that is open for as long as somebody holds it."""

    def __init__(self, path: str) -> None:
        """Open the file at `path`. Raises OSError."""
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115 - closed in __del__

    def __del__(self) -> None:
        if self._file is not None:
            self._file.close()

    def read(self, begin: int, count: int) -> bytes:
        """At most `count` bytes from `begin` on: fewer where the file ends. Raises OSError."""
        assert self._file is not None
        with self._lock:
            self._file.seek(begin)
            return self._file.read(count)


class FileBytes:
    """A part of an open file, as a sequence of bytes.

    A slice is `bytes` where it is small, else another part of the file. A file that has become
    shorter gives fewer bytes, never other ones.
    """

    def __init__(self, file: OpenFile, start: int, length: int) -> None:
        self._file, self._start, self._length = file, start, length
        self._window, self._at = b"", 0  # what was read last, and where that begins

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, key: int) -> int: ...
    @overload
    def __getitem__(self, key: slice) -> bytes | FileBytes: ...
    def __getitem__(self, key: int | slice) -> int | bytes | FileBytes:
        if isinstance(key, int):
            return self._near(range(self._length)[key], 1)[0]
        begin, end, step = key.indices(self._length)
        if step != 1:
            raise ValueError("bytes in files have no other order")
        if end - begin < SMALL:
            return self._near(begin, max(0, end - begin))
        return FileBytes(self._file, self._start + begin, end - begin)

    def __bytes__(self) -> bytes:
        return self._read(0, self._length)

    def _near(self, begin: int, count: int) -> bytes:
        """A few bytes, most of the time out of what was read last."""
        offset = begin - self._at
        if offset < 0 or offset + count > len(self._window):
            self._at, offset = begin, 0
            self._window = self._read(begin, min(max(_WINDOW, count), self._length - begin))
        return self._window[offset : offset + count]

    def _read(self, begin: int, count: int) -> bytes:
        return self._file.read(self._start + begin, count)


Data: TypeAlias = memoryview | FileBytes
"""What pickles and archives are read from: all of it in memory, or in a file."""


def part_of(data: Data, begin: int, end: int) -> memoryview:
    """Some of the bytes, in memory: a view of what is there already, else read now."""
    piece = data[begin:end]
    return piece if isinstance(piece, memoryview) else memoryview(bytes(piece))
