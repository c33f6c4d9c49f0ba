"""`python -m renderer.bench.shaper DELAY RATE COMMAND…`: a line as slow and as long as it is told.

Runs the command and passes its stdin and stdout on, DELAY seconds late and at most RATE bytes per
second in each direction. As `ssh` does it swallows what it is given and holds it back, up to
BUFFER bytes, so that who writes learns nothing of the line.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import deque

BUFFER = 4 << 20
"""Bytes that wait before the line at most, as in the windows and sockets of a real one."""
PIECE = 4 << 10
"""Bytes that travel together."""


class Direction:
    """One direction of the line."""

    def __init__(self, source: int, sink: int, delay: float, rate: float) -> None:
        """source, sink: file descriptors that are read from and written to."""
        self._source, self._sink = source, sink
        self._delay, self._rate = delay, rate
        self._changed = threading.Condition()
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._held = 0
        self._ended = False
        for target in (self._take, self._give):
            threading.Thread(target=target, daemon=True).start()

    def _take(self) -> None:
        free = 0.0  # when the line takes the next byte
        while True:
            data = _read(self._source)
            with self._changed:
                if not data:
                    self._ended = True
                    self._changed.notify_all()
                    return
                self._changed.wait_for(lambda: self._held < BUFFER + self._rate * self._delay)
                free = max(free, time.monotonic()) + len(data) / self._rate
                self._waiting.append((free + self._delay, data))
                self._held += len(data)
                self._changed.notify_all()

    def _give(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._ended)
                if not self._waiting:
                    os.close(self._sink)
                    return
                due, data = self._waiting.popleft()
            time.sleep(max(0.0, due - time.monotonic()))
            if not _write(self._sink, data):
                return
            with self._changed:
                self._held -= len(data)
                self._changed.notify_all()


def _read(source: int) -> bytes:
    """What has come; nothing at the end, be it that who wrote has gone."""
    try:
        return os.read(source, PIECE)
    except OSError:
        return b""


def _write(sink: int, data: bytes) -> bool:
    """Write it all; False where nobody reads any more."""
    try:
        while data:
            data = data[os.write(sink, data) :]
    except OSError:
        return False
    return True


def main(delay: str, rate: str, *command: str) -> int:
    """Run the command behind such a line until it ends; its exit code."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    there, back = os.dup(process.stdin.fileno()), os.dup(process.stdout.fileno())
    process.stdin.close()
    process.stdout.close()
    Direction(0, there, float(delay), float(rate))
    Direction(back, 1, float(delay), float(rate))
    return process.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
