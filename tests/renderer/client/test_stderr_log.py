"""The last lines of what a process writes to stderr, also of what has no line end."""

from __future__ import annotations

import io
from collections.abc import Sequence

from renderer.client.stderr_log import LINES, LONGEST, StderrLog


class Pipe(io.BytesIO):
    """Hands its pieces out one by one, as a pipe does, and looks at the log before each."""

    def __init__(self, pieces: Sequence[bytes], log: StderrLog) -> None:
        super().__init__()
        self._pieces, self._log = list(pieces), log
        self.seen: list[tuple[str, ...]] = []

    def read1(self, size: int | None = -1, /) -> bytes:
        self.seen.append(self._log.lines)
        return self._pieces.pop(0) if self._pieces else b""


def heard(*pieces: bytes) -> tuple[StderrLog, list[tuple[str, ...]]]:
    log = StderrLog()
    pipe = Pipe(pieces, log)
    log.listen(pipe)
    return log, pipe.seen


def test_lines_come_whole_however_they_are_cut() -> None:
    log, seen = heard(b"job que", b"ued\r\n\nwai", b"ting \xff")
    assert seen[1:] == [("job que",), ("job queued", "wai"), ("job queued", "waiting \ufffd")]
    assert log.lines == ("job queued", "waiting \ufffd")


def test_a_bar_that_is_written_over_itself_is_many_short_lines() -> None:
    log, _ = heard(b"10 %\r", b"20 %\r30 %")
    assert log.lines == ("10 %", "20 %", "30 %")


def test_neither_long_nor_many_lines_grow_without_bound() -> None:
    log, _ = heard(*[b"x" * LONGEST] * 3, b"\n", *[b"%d\n" % n for n in range(2 * LINES)])
    assert len(log.lines) == LINES
    assert log.lines[-1] == str(2 * LINES - 1)
    assert max(map(len, heard(*[b"x" * LONGEST] * 3)[0].lines)) == LONGEST
