"""Times of the last seconds, for the Performance panel and the status bar."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping

import psutil

from viz.desk.context import Meters

LENGTH = 240


class Meter:
    """Fills a `Meters`. Rates are counted over the last second."""

    def __init__(self, meters: Meters) -> None:
        self.meters = meters
        self._rendered: deque[float] = deque()
        self._drawn: deque[float] = deque()
        self._process = psutil.Process()
        self._measured = -10.0

    def rendered(self, timings: Mapping[str, float]) -> None:
        """A picture arrived. timings: milliseconds per stage."""
        self._rendered.append(time.monotonic())
        stages = {name: value for name, value in timings.items() if name != "total"}
        _append(self.meters.render_ms, sum(stages.values()))
        for stage, milliseconds in stages.items():
            _append(self.meters.stages.setdefault(stage, []), milliseconds)

    def latency(self, seconds: float) -> None:
        """From handing over a request to its picture on a texture."""
        _append(self.meters.latency_ms, seconds * 1000)

    def drawn(self, seconds: float) -> None:
        """A GUI frame took this long since the last."""
        now = time.monotonic()
        self._drawn.append(now)
        _append(self.meters.frame_ms, seconds * 1000)
        self.meters.rendered_per_second = _rate(self._rendered, now)
        self.meters.window_per_second = _rate(self._drawn, now)
        if now - self._measured > 2:
            self._measured = now
            self.meters.window_bytes = self._process.memory_info().rss


def _append(values: list[float], value: float) -> None:
    values.append(value)
    del values[:-LENGTH]


def _rate(times: deque[float], now: float) -> float:
    while times and now - times[0] > 1:
        times.popleft()
    return float(len(times))
