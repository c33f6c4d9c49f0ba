"""Who may compute a picture now: the window at once, an export in between."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from common.errors import Cancelled
from common.progress import IsCancelled

SHARE = 0.1  # of the time, for background work while the window keeps asking for pictures
QUIET = 0.2  # seconds after which the window is not asking any more
_LOOK = 0.05


class ComputeTurns:
    """A lock that pictures are computed under.

    `with turns:` is for the window and waits for at most the one picture that is being computed.
    Background work, one thread of it, waits until the window has been quiet for a moment; while
    it is not, it gets SHARE of the time, so that it goes on under an animation that never ends.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._busy = False
        self._waiting = 0  # pictures of the window
        self._live_at = -math.inf  # when the last of them was done
        self._rested_at = -math.inf  # when background work has a right to a turn again
        self._due = math.inf  # the same while it waits for one

    def __enter__(self) -> None:
        with self._changed:
            self._waiting += 1
            while self._busy or time.monotonic() >= self._due:
                self._changed.wait()
            self._waiting -= 1
            self._busy = True

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._live_at = time.monotonic()
            self._busy = False
            self._changed.notify_all()

    @contextmanager
    def live(self, stop: IsCancelled) -> Iterator[None]:
        """Hold the lock for a job that the window waits for: after pictures, before the rest.

        Raises Cancelled where `stop()` becomes true before it is this one's turn.
        """
        with self._changed:
            while self._busy or self._waiting or time.monotonic() >= self._due:
                if stop():
                    raise Cancelled
                self._changed.wait(_LOOK)
            self._busy = True
        try:
            yield
        finally:
            self.__exit__()

    @contextmanager
    def background(self, stop: IsCancelled) -> Iterator[None]:
        """Hold the lock for background work, once the window is quiet.

        Raises Cancelled where `stop()` becomes true before it is this one's turn.
        """
        self._wait(stop)
        start = time.monotonic()
        try:
            yield
        finally:
            with self._changed:
                now = time.monotonic()
                self._rested_at = now + (now - start) * (1 / SHARE - 1)
                self._busy = False
                self._changed.notify_all()

    def _wait(self, stop: IsCancelled) -> None:
        with self._changed:
            self._due = self._rested_at
            try:
                while not self._free():
                    if stop():
                        raise Cancelled
                    left = self._due - time.monotonic()
                    self._changed.wait(min(_LOOK, left) if left > 0 else _LOOK)
                self._busy = True
            finally:
                self._due = math.inf
                self._changed.notify_all()

    def _free(self) -> bool:
        now = time.monotonic()
        quiet = not self._waiting and now - self._live_at >= QUIET
        return not self._busy and (quiet or now >= self._due)
