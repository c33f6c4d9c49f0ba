"""When a renderer on another machine is tried again after the line to it was lost."""

from __future__ import annotations

import time
from collections.abc import Callable

FIRST, LONGEST = 1.0, 30.0
"""Seconds until the first new try, and between two later ones at most. Each is twice the last."""
PING = 5.0
"""Seconds between two words of ours, by which the other side knows that we are there."""


class Reconnecting:
    """Counts the tries. Used by the supervisor of a client only.

    met: it has been connected once, so that what fails now may do better later.
    at: when it is tried again, by the clock; None where it is not.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.met = False
        self._clock = clock
        self._wait = FIRST
        self.at: float | None = None
        self._pinged = clock()

    def worked(self) -> None:
        """Note that the renderer has been of use for a while; its loss is tried again soon."""
        self._wait = FIRST

    def lost(self) -> None:
        """Note that the line was lost, or a try has failed."""
        wait, self._wait = self._wait, min(2 * self._wait, LONGEST)
        self.at = self._clock() + wait

    def give_up(self) -> None:
        """Try no more by itself."""
        self.at, self._wait = None, FIRST

    def due(self) -> bool:
        """Whether it is to be tried now; True once for each loss."""
        due = self.at is not None and self._clock() >= self.at
        if due:
            self.at = None
        return due

    def ping_due(self) -> bool:
        """Whether the other side is to hear of us again; True once for each time."""
        due = self._clock() - self._pinged >= PING
        if due:
            self._pinged = self._clock()
        return due
