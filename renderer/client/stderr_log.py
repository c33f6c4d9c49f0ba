"""What a process writes to stderr, of which the end is kept."""

from __future__ import annotations

import io
import re
from collections import deque
from typing import IO, Final, cast

LINES: Final = 200
"""Lines that are kept: the frames of all threads of a renderer that crashes."""
LONGEST: Final = 4096
"""Bytes of a line, after which it counts as ended."""
_ENDS: Final = re.compile(rb"[\r\n]+")


class StderrLog:
    """The last lines. One thread listens and any may read."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=LINES)
        self._begun = b""

    def listen(self, stream: IO[bytes]) -> None:
        """Keep what comes, until there is no more."""
        with cast(io.BufferedReader, stream) as reader:
            while data := reader.read1(LONGEST):
                *lines, rest = _ENDS.split(self._begun + data)
                if len(rest) >= LONGEST:
                    lines, rest = [*lines, rest], b""
                self._begun = rest
                for line in filter(None, lines):
                    self.add(_text(line))
        if self._begun:
            line, self._begun = self._begun, b""
            self.add(_text(line))

    def add(self, line: str) -> None:
        """Keep a line that was not written to it, but says what happened."""
        self._lines.append(line)

    @property
    def lines(self) -> tuple[str, ...]:
        """The last lines, with one that has not ended yet: a question, as a rule."""
        begun = _text(self._begun)
        return (*tuple(self._lines), begun) if begun else tuple(self._lines)


def _text(line: bytes) -> str:
    return line.decode(errors="replace").rstrip()
