"""Signs of life: tells a slow picture from a stuck renderer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from renderer.messages.to_window import Alive

WORKING = 0.05  # share of one processor above which the process is at work, not waiting for a lock


class Heartbeat:
    """The render loop says what it does (`busy`); another thread asks how it gets on (`read`)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._doing = ""
        self._since = self._moved = self._read = time.monotonic()
        self._processor = time.process_time()

    @contextmanager
    def busy(self, doing: str) -> Iterator[None]:
        """Note that the render loop is at one step while inside."""
        self._note(doing)
        try:
            yield
        finally:
            self._note("")

    def read(self) -> Alive:
        """Return how long the present step has taken, and for how long nothing has moved."""
        now, processor = time.monotonic(), time.process_time()
        with self._lock:
            worked = processor - self._processor > WORKING * (now - self._read)
            if worked or not self._doing:
                self._moved = now
            self._read, self._processor = now, processor
            busy = now - self._since if self._doing else 0.0
            return Alive(self._doing, busy, now - self._moved)

    def _note(self, doing: str) -> None:
        with self._lock:
            self._doing = doing
            self._since = self._moved = time.monotonic()
