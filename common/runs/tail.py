"""Following a file of lines that another program appends to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from common.files import Signature
from common.runs.disk import HERE, Disk

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

    def __init__(self, path: Path, disk: Disk = HERE) -> None:
        self.path = path
        self._disk = disk
        self._offset = 0
        self._mark = b""
        self._seen: Signature | None = None

    def read(self, now: Signature) -> News | None:
        """What is new; None where the file has not changed. Raises OSError where it is gone.

        now: tells the content that the file has at present.
        """
        if now == self._seen:
            return None
        # The bytes before the offset tell whether the file is still the one that was read.
        before = len(self._mark)
        part = self._disk.read(str(self.path), self._offset - before, before + STEP)
        anew = part.data[:before] != self._mark
        if anew:
            self._offset, self._mark, before = 0, b"", 0
            part = self._disk.read(str(self.path), 0, STEP)
        data = part.data[before:]
        more = part.file.size > self._offset + len(data)
        end = data.rfind(b"\n") + 1
        if not end and more:
            end = len(data)  # no line of statistics is this long
        taken = data[:end]
        self._offset += end
        self._mark = (self._mark + taken[-_MARK:])[-_MARK:]
        self._seen = None if more else part.file.signature
        return News(taken.removesuffix(b"\n").split(b"\n") if taken else [], anew, more)
