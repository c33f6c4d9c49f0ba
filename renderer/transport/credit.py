"""How much may be on its way to the window: what the line takes, and a moment's worth beyond.

A pipe of `ssh` swallows megabytes that the line behind it has not carried, so a writer that blocks
says nothing. What has arrived is acknowledged, and from the delay of that follows how much queues
somewhere: less delay than TARGET lets more go out, more delay less. This is the control of LEDBAT
(RFC 6817), with acknowledged bytes in the place of TCP's segments and round trips in that of
one-way delays, since the clocks of two machines need not agree.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable

CHUNK = 16 << 10
"""Bytes that are sent at a time, so that what is urgent waits for no more than that."""
TARGET = 0.03
"""Seconds by which what is sent may be delayed by what was sent before."""
GAIN = 4
"""Chunks by which the window grows with every round trip where nothing waits."""
LEAST = 2 * CHUNK
MOST = 16 << 20
"""Bytes that may be on their way at least and at most."""
PERIOD = 20.0
"""Seconds after which the shortest round trip is looked for anew: lines change."""


class Credit:
    """Says when the next bytes may go out. Every method may be called from any thread.

    window: bytes that may be on their way at present.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.window = 4.0 * CHUNK
        self._clock = clock
        self._changed = threading.Condition()
        self._sent: deque[tuple[float, int]] = deque()  # when, and how many bytes that are out
        self._flight = 0
        self._trip = math.inf  # the last round trip
        self._shortest = [math.inf, math.inf]  # of the last period and of this one
        self._period = clock()
        self._starting = True
        self._cut = -math.inf  # when the window was last cut
        self._closed = False

    @property
    def flight(self) -> int:
        """Bytes that have been sent and not been acknowledged."""
        return self._flight

    @property
    def rate(self) -> float:
        """Bytes per second that can go out; a guess at a slow line before anything has arrived."""
        return self.window / self._trip if self._trip < math.inf else float(LEAST)

    def take(self, size: int, wanted: Callable[[], bool] = lambda: True) -> bool:
        """Wait until `size` more bytes may go out, and note them as sent.

        wanted: asked on every change; False where it says no, or after `close`.
        """
        with self._changed:
            while not self._closed and wanted():
                if not self._flight or self._flight + size <= self.window:
                    self._flight += size
                    self._sent.append((self._clock(), size))
                    return True
                self._changed.wait()
        return False

    def received(self, size: int) -> None:
        """Note that the window has received `size` more bytes."""
        with self._changed:
            now, sent = self._clock(), None
            size = min(size, self._flight)
            self._flight -= size
            left = size
            while left > 0:
                at, length = self._sent.popleft()
                sent = at
                if length > left:
                    self._sent.appendleft((at, length - left))
                left -= length
            if sent is not None:
                self._learn(now, now - sent, size)
            self._changed.notify_all()

    def look(self) -> None:
        """Have `wanted` of whoever waits asked again."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Let nobody wait any longer: the line is gone."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _learn(self, now: float, trip: float, size: int) -> None:
        if now - self._period > PERIOD:
            self._shortest, self._period = [self._shortest[1], math.inf], now
        self._shortest[1] = min(self._shortest[1], trip)
        self._trip = max(trip, 1e-6)
        shortest = min(self._shortest)
        off = (TARGET - (trip - shortest)) / TARGET
        if off < 0:
            self._starting = False
        if off < -1 and now - trip >= self._cut:
            # Far too much waits: what fits is known. Once for each round trip, whose end tells how
            # much that has helped.
            self.window *= max((shortest + TARGET) / trip, 0.25)
            self._cut = now
        # At first the window doubles with every round trip, then it grows by GAIN chunks with each.
        step = size if self._starting else max(off, -1.0) * size * GAIN * CHUNK / self.window
        self.window = min(max(self.window + step, LEAST), MOST)
