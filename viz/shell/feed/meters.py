"""Times of the last seconds, for the Performance panel and the status bar."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Hashable, Mapping

import psutil

from viz.desk.facts import Meters

LENGTH = 240


class Meter:
    """Measures what happens; rates are counted over the last second.

    What was measured of one kind of network says nothing of another: it is dropped when that
    changes.
    """

    def __init__(self) -> None:
        self._render_ms: list[float] = []
        self._latency_ms: list[float] = []
        self._frame_ms: list[float] = []
        self._stages: dict[str, list[float]] = {}
        self._rendered: deque[float] = deque()
        self._drawn: deque[float] = deque()
        self._process = psutil.Process()
        self._measured = -10.0
        self._newest = -math.inf
        self._bytes = 0
        self._subject: Hashable = None

    def about(self, subject: Hashable) -> None:
        """Say what is measured from now on; where that is something else, begin anew.

        subject: what pictures must have in common for their times to be comparable.
        """
        if subject != self._subject:
            self._subject = subject
            self._render_ms, self._latency_ms, self._stages = [], [], {}
            self._rendered.clear()

    def rendered(self, timings: Mapping[str, float]) -> None:
        """Note a picture.

        timings: milliseconds of each stage that was computed.
        """
        self._newest = time.monotonic()
        self._rendered.append(self._newest)
        stages = {name: value for name, value in timings.items() if name != "total"}
        before = len(self._render_ms)
        _append(self._render_ms, sum(stages.values()))
        # Each picture has a place in every list, so that the lists can be drawn on one axis.
        for stage in {**self._stages, **stages}:
            values = self._stages.setdefault(stage, [math.nan] * before)
            _append(values, stages.get(stage, math.nan))

    def latency(self, seconds: float) -> None:
        """Note the time from handing over a request to its picture on a texture."""
        _append(self._latency_ms, seconds * 1000)

    def drawn(self, seconds: float) -> None:
        """Note a frame of the window, `seconds` after the last."""
        now = time.monotonic()
        self._drawn.append(now)
        _append(self._frame_ms, seconds * 1000)
        if now - self._measured > 2:
            self._measured = now
            self._bytes = self._process.memory_info().rss

    @property
    def facts(self) -> Meters:
        """Return what panels show of it."""
        now = time.monotonic()
        return Meters(
            self._render_ms,
            self._latency_ms,
            self._frame_ms,
            self._stages,
            self._pictures_per_second(now),
            _rate(self._drawn, now),
            self._bytes,
        )

    def _pictures_per_second(self, now: float) -> float:
        """Pictures of the last second; where each takes longer, as many as fit into one."""
        count = _rate(self._rendered, now)
        seconds = self._render_ms[-1] / 1000 if self._render_ms else 0.0
        if count <= 1 and seconds > 0.5 and now - self._newest < 1 + seconds:
            return 1 / seconds
        return count


def _append(values: list[float], value: float) -> None:
    values.append(value)
    del values[:-LENGTH]


def _rate(times: deque[float], now: float) -> float:
    while times and now - times[0] > 1:
        times.popleft()
    return float(len(times))
