"""How loud a part of a sound is at a moment, as a number follows it."""

from __future__ import annotations

import math

import numpy as np

from renderer.messages.journey import Drive, Track


def heard(track: Track, drive: Drive, time: float) -> float:
    """Return the envelope that a number follows at a time in seconds, 0…1.

    It is averaged under a Hann window, so that it goes without steps at any frame rate. Before and
    after the sound it is silent.
    """
    values = next((e.values for e in track.envelopes if e.band == drive.band), b"")
    if not values:
        return 0.0
    level = _average(values, time * track.rate, max(drive.smoothing * track.rate / 2, 1.0))
    floor = min(max(drive.threshold, 0.0), 0.999)
    return max(0.0, (level - floor) / (1 - floor))


def _average(values: bytes, at: float, reach: float) -> float:
    """Return the mean of what lies within `reach` of a place between values."""
    low, high = math.ceil(at - reach), math.floor(at + reach)
    places = np.arange(low, high + 1)
    weights = 0.5 + 0.5 * np.cos(np.pi * (places - at) / reach)
    total = weights.sum()
    inside = (places >= 0) & (places < len(values))
    if not inside.any() or total <= 0:
        return 0.0
    first, last = int(places[inside][0]), int(places[inside][-1])
    part = np.frombuffer(values, np.uint8, last - first + 1, first)
    return float((weights[inside] * part).sum() / total / 255)
