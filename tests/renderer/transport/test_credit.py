"""How much goes out over a line: what it takes, and little beyond, whatever line it is."""

from __future__ import annotations

import math

import pytest

from renderer.transport import credit
from renderer.transport.credit import CHUNK, Credit


class Line:
    """A line of a certain speed and length, run through in simulated time.

    rate: bytes per second.
    trip: seconds from sending a byte into the empty line to hearing that it has arrived.
    queue: bytes of each chunk sent that had to wait for earlier ones.
    """

    def __init__(self, rate: float, trip: float) -> None:
        self.now = 0.0
        self.rate, self.trip = rate, trip
        self.credit = Credit(lambda: self.now)
        self.queues: list[float] = []
        self._free = 0.0  # when the line takes the next byte
        self._arriving: list[float] = []

    def send_for(self, seconds: float) -> int:
        """Send as much as there is credit for; the bytes that have arrived."""
        end, arrived = self.now + seconds, 0
        while self.now < end:
            if self.credit.flight == 0 or self.credit.flight + CHUNK <= self.credit.window:
                assert self.credit.take(CHUNK)
                self.queues.append(max(0.0, self._free - self.now))
                self._free = max(self._free, self.now) + CHUNK / self.rate
                self._arriving.append(self._free + self.trip)
                continue
            self.now = self._arriving.pop(0)
            self.credit.received(CHUNK)
            arrived += CHUNK
        return arrived


@pytest.mark.parametrize("rate", [125e3, 2.5e6, 100e6])
@pytest.mark.parametrize("trip", [0.0005, 0.1, 0.3])
def test_a_line_is_filled_and_little_waits_before_it(rate: float, trip: float) -> None:
    line = Line(rate, trip)
    line.send_for(6.0)
    line.queues.clear()
    arrived = line.send_for(5.0)
    most = min(rate, credit.MOST / max(trip, 1e-9))
    assert arrived > 0.7 * most * 5.0, "the line is used"
    # Two chunks are always on their way, which a slow line takes long for.
    allowed = max(3 * credit.TARGET, 2.5 * CHUNK / rate)
    assert sorted(line.queues)[int(0.95 * len(line.queues))] < allowed, "what follows is not late"


def test_a_line_that_becomes_slow_is_not_flooded() -> None:
    line = Line(25e6, 0.05)
    line.send_for(3.0)
    line.rate = 1.25e6
    line.send_for(5.0)
    line.queues.clear()
    line.send_for(3.0)
    assert sorted(line.queues)[len(line.queues) // 2] < 3 * credit.TARGET


def test_what_is_unwanted_waits_no_longer() -> None:
    held = Credit()
    assert held.take(4 * CHUNK)
    assert not held.take(CHUNK, lambda: False)
    held.close()
    assert not held.take(CHUNK)


def test_acknowledgements_of_what_was_never_sent_do_no_harm() -> None:
    held = Credit()
    assert held.take(10)
    held.received(10**9)
    held.received(5)
    assert held.flight == 0
    assert math.isfinite(held.window)
    assert held.take(CHUNK)
