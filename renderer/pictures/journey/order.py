"""The times of a journey: in order, within its duration, and all of them stretched."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from msgspec import structs

from renderer.messages.journey import Curve, Journey, Key, Point

LEAST: Final = 0.01
"""Seconds that lie between two keys at least where they are put in order."""


def check(journey: Journey) -> None:
    """Raise ValueError for times that are not finite, not in order or not within the duration."""
    times = [key.time for key in journey.keys]
    if not all(math.isfinite(time) and time >= 0 for time in (*times, journey.duration)):
        raise ValueError("the times of a journey must be finite and not negative")
    if any(after <= before for before, after in pairwise(times)):
        raise ValueError("each key of a journey must be later than the one before it")
    if times and journey.duration < times[-1]:
        raise ValueError("a journey must last until its last key")
    if journey.closed and len(times) > 1 and journey.duration <= times[-1] - times[0]:
        raise ValueError("a closed journey must leave time for the way back to its first key")
    for curve in journey.curves:
        moments = [point.time for point in curve.points]
        if not all(map(math.isfinite, (*moments, *(point.value for point in curve.points)))):
            raise ValueError("the points of a curve must be finite")
        if any(after <= before for before, after in pairwise(moments)):
            raise ValueError("each point of a curve must be later than the one before it")


def in_order(journey: Journey) -> Journey:
    """Return the journey with its keys and points in the order of their times, none at one time.

    Its duration grows where that is needed. It is the same object where nothing has to change.
    """
    try:
        check(journey)
    except ValueError:
        keys = _apart(journey.keys)
        curves = tuple(_curve_in_order(curve) for curve in journey.curves)
        journey = structs.replace(journey, keys=keys, curves=curves)
        return structs.replace(journey, duration=least_duration(journey))
    return journey


def least_duration(journey: Journey) -> float:
    """Return the duration, or the shortest longer one in which the keys have room."""
    times = [key.time for key in journey.keys]
    own = journey.duration if math.isfinite(journey.duration) else 0.0
    back = LEAST if journey.closed and len(times) > 1 else 0.0
    return max(own, 0.0, times[-1] + back) if times else max(own, 0.0)


def stretched(journey: Journey, duration: float) -> Journey:
    """Return the journey with every time scaled so that it lasts `duration` seconds, above 0."""
    if journey.duration <= 0:
        return structs.replace(journey, duration=duration)
    factor = duration / journey.duration
    curves = tuple(
        structs.replace(
            curve, points=tuple(Point(point.time * factor, point.value) for point in curve.points)
        )
        for curve in journey.curves
    )
    keys = tuple(structs.replace(key, time=key.time * factor) for key in journey.keys)
    return structs.replace(journey, keys=keys, curves=curves, duration=duration)


def _apart(keys: Iterable[Key]) -> tuple[Key, ...]:
    placed: list[Key] = []
    for key in sorted(keys, key=lambda key: _usable(key.time)):
        earliest = placed[-1].time + LEAST if placed else 0.0
        placed.append(structs.replace(key, time=max(_usable(key.time), earliest)))
    return tuple(placed)


def _curve_in_order(curve: Curve) -> Curve:
    values = {point.time: point.value for point in curve.points}
    points = (
        Point(time, value)
        for time, value in sorted(values.items())
        if math.isfinite(time) and math.isfinite(value)
    )
    return structs.replace(curve, points=tuple(points))


def _usable(time: float) -> float:
    return max(0.0, time) if math.isfinite(time) else 0.0
