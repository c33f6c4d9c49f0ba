"""How long the steps of a picture take on the device that computes it."""

from __future__ import annotations

import time

import torch


class Clock:
    """Milliseconds between laps, each taken once the device has done what it was given."""

    def __init__(self, device: torch.device) -> None:
        self._cuda = device if device.type == "cuda" else None
        self._laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        """What was done since the last lap, or since the clock was made, was this."""
        if self._cuda is not None:
            torch.cuda.synchronize(self._cuda)
        now = time.perf_counter()
        self._laps[name] = (now - self._last) * 1000
        self._last = now

    def timings(self) -> dict[str, float]:
        """Every lap by its name, and their sum as `total`."""
        return {**self._laps, "total": sum(self._laps.values())}
