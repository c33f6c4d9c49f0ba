"""Times of the last seconds, for the Performance panel and the status bar."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping

import psutil

from viz.desk.facts import Meters

LENGTH = 240


class Meter:
    """Measures what happens; rates are counted over the last second."""

    def __init__(self) -> None:
        self._render_ms: list[float] = []
        self._latency_ms: list[float] = []
        self._frame_ms: list[float] = []
        self._stages: dict[str, list[float]] = {}
        self._rendered: deque[float] = deque()
        self._drawn: deque[float] = deque()
        self._process = psutil.Process()
        self._measured = -10.0
        self._bytes = 0

    def rendered(self, timings: Mapping[str, float]) -> None:
        """Note a picture.

        timings: milliseconds of each stage.
        """
        self._rendered.append(time.monotonic())
        stages = {name: value for name, value in timings.items() if name != "total"}
        _append(self._render_ms, sum(stages.values()))
        for stage, milliseconds in stages.items():
            _append(self._stages.setdefault(stage, []), milliseconds)

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
            _rate(self._rendered, now),
            _rate(self._drawn, now),
            self._bytes,
        )


def _append(values: list[float], value: float) -> None:
    values.append(value)
    del values[:-LENGTH]


def _rate(times: deque[float], now: float) -> float:
    while times and now - times[0] > 1:
        times.popleft()
    return float(len(times))
