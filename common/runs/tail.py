"""Following a file of lines that another program appends to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from common.files import Signature, signature

STEP: Final = 4 << 20
"""Bytes read at most at a time: plots are there before a large file is read to its end."""
_MARK: Final = 128
"""How many of the bytes that were read last are remembered, to notice another file."""


@dataclass(frozen=True)
class News:
    """Whole lines that were not delivered before.

    lines: without their line ends.
    anew: whether the file was cut or replaced, so that these are its lines from the first on.
    more: whether there are further ones already.
    """

    lines: list[bytes]
    anew: bool = False
    more: bool = False


class Tail:
    """Delivers every whole line of a file once, however the bytes arrive."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = 0
        self._mark = b""
        self._seen: Signature | None = None

    def read(self) -> News | None:
        """What is new; None where the file has not changed. Raises OSError where it is gone."""
        now = signature(os.stat(self.path))
        if now == self._seen:
            return None
        with open(self.path, "rb") as file:
            now = signature(os.fstat(file.fileno()))
            anew = not self._is_same(file.fileno(), now[1])
            if anew:
                self._offset, self._mark = 0, b""
            file.seek(self._offset)
            data = file.read(STEP)
        end = data.rfind(b"\n") + 1
        if not end and len(data) == STEP:
            end = STEP  # no line of statistics is this long
        taken = data[:end]
        self._offset += end
        self._mark = (self._mark + taken[-_MARK:])[-_MARK:]
        more = len(data) == STEP
        self._seen = None if more else now
        return News(taken.removesuffix(b"\n").split(b"\n") if taken else [], anew, more)

    def _is_same(self, file: int, size: int) -> bool:
        """Whether the bytes before the offset are those that were read there.

        file: its descriptor.
        size: its length in bytes.
        """
        if size < self._offset:
            return False
        os.lseek(file, self._offset - len(self._mark), os.SEEK_SET)
        return os.read(file, len(self._mark)) == self._mark
