"""What the window knows about how one renderer process is doing."""

from __future__ import annotations

import time

from renderer.messages.to_window import Alive, Hello

START_LIMIT = 120.0  # seconds of silence allowed while torch is read from a cold disk


class ProcessHealth:
    """Signs of life of one process: when it was last heard of, and what it said it was doing."""

    def __init__(self) -> None:
        self.hello: Hello | None = None
        self._alive = Alive()
        self._heard = time.monotonic()
        self._working: float | None = None

    def heard(self, message: object) -> None:
        """Take note of a message, any of which is a sign of life."""
        self._heard = time.monotonic()
        if isinstance(message, Alive):
            self._alive = message
        elif isinstance(message, Hello):
            self.hello = message

    def worked(self) -> None:
        """Note that it has answered something, so it is of use."""
        self._working = self._working or time.monotonic()

    def proven(self, seconds: float) -> bool:
        """Whether it has been of use for so many seconds."""
        return self._working is not None and time.monotonic() - self._working > seconds

    @property
    def silence(self) -> float:
        """The seconds since it was last heard of."""
        return time.monotonic() - self._heard

    def stuck(self, limit: float) -> bool:
        """Whether it has been silent, or busy without computing, for longer than `limit` seconds.

        Until it has said hello it may take START_LIMIT.
        """
        still = self.silence + self._alive.stuck_s
        return still > (limit if self.hello else max(limit, START_LIMIT))

    @property
    def doing(self) -> str:
        """What it said last that it was doing."""
        return self._alive.doing or "idle"
