"""How long the phases of a step take, measured without making the device wait."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from training.run.stats import Entry, scalar


class Timer:
    """Measures the newest run of each phase: `with timer("Gmain"): …`."""

    def __init__(self, device: torch.device) -> None:
        self._cuda = device.type == "cuda"
        self._marks: dict[str, tuple[Any, Any]] = {}

    @contextmanager
    def __call__(self, phase: str) -> Iterator[None]:
        start = self._mark()
        yield
        self._marks[phase] = start, self._mark()

    def read(self) -> dict[str, Entry]:
        """Milliseconds of each phase since the last call; waits for the device."""
        marks, self._marks = self._marks, {}
        return {phase: scalar(self._between(*pair)) for phase, pair in marks.items()}

    def _mark(self) -> Any:
        if not self._cuda:
            return time.perf_counter()
        event = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        event.record()
        return event

    def _between(self, start: Any, end: Any) -> float:
        if not self._cuda:
            return float(end - start) * 1000
        end.synchronize()
        return float(start.elapsed_time(end))
