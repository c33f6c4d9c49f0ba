"""What has arrived from outside and not been used yet: of each source only the newest value.

However many messages come, a frame has as much to do as there are knobs that were moved.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

MOST = 1024
"""How many sources are told apart between two frames; more are of no instrument."""
MOST_PRESSES = 16
"""How many presses of a button between two frames count."""


@dataclass(frozen=True)
class Arrival:
    """What one source has sent since the last frame.

    value: the newest: a share 0…1 of MIDI, any finite number of OSC.
    presses: how often a button was pressed: it went from below one half to there or above.
    bare: whether the newest message had no value, so that it can only press something.
    messages: how many have come.
    """

    value: float
    presses: int
    bare: bool = False
    messages: int = field(default=1, compare=False)


class Inbox:
    """Takes values from any thread, and gives them to the window once a frame.

    wake: has a frame drawn soon; called only for the first value since the last frame.
    clock: seconds.
    """

    def __init__(
        self, wake: Callable[[], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._wake, self._clock = wake, clock
        self._lock = threading.Lock()
        self._new: dict[str, Arrival] = {}
        self._down: dict[str, bool] = {}
        self._received = self._dropped = 0
        self._first_at = self._last_at = 0.0

    def put(
        self, source: str, value: float, down: bool | None = None, *, bare: bool = False
    ) -> None:
        """Take a value of a source. What comes from more than MOST sources at once is dropped.

        down: whether a button is held with it; None: from one half on.
        bare: as that of `Arrival`.
        """
        with self._lock:
            known = self._new.get(source)
            if known is None and len(self._new) >= MOST:
                self._dropped += 1
                return
            if len(self._down) > 4 * MOST:
                self._down.clear()
            down = value >= 0.5 if down is None else down
            pressed = down and not self._down.get(source, False)
            self._down[source] = down
            presses = (known.presses if known else 0) + pressed
            first = not self._new
            messages = known.messages + 1 if known else 1
            self._new[source] = Arrival(value, min(presses, MOST_PRESSES), bare, messages)
            self._received += 1
            self._last_at = self._clock()
            if first:
                self._first_at = self._last_at
        if first:
            self._wake()

    def press(self, source: str) -> None:
        """Take a message without a value, which is a press and a release."""
        self.put(source, 1.0, bare=True)
        with self._lock:
            self._down[source] = False

    def drop(self) -> None:
        """Count a message that could not be read."""
        with self._lock:
            first = not self._dropped
            self._dropped += 1
        if first:
            self._wake()  # so that it is seen in the panel

    def refuse(self, messages: int) -> None:
        """Count messages as dropped that were taken, as they mean nothing here."""
        with self._lock:
            self._received -= messages
            self._dropped += messages

    def take(self) -> tuple[dict[str, Arrival], float, float]:
        """Return what has come since the last call, and when the first and the last of it came."""
        with self._lock:
            new, self._new = self._new, {}
            return new, self._first_at, self._last_at

    @property
    def counts(self) -> tuple[int, int]:
        """How many messages were taken, and how many dropped."""
        with self._lock:
            return self._received, self._dropped
