"""How much each key counts at a moment: at most four of them do, and their weights add up to 1.

A cubic Hermite spline whose tangents are differences of keys is a weighted sum of keys. So one set
of weights moves everything, and w is mixed by the renderer exactly as it mixes any average.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import Final, NamedTuple

from renderer.messages.journey import Ease, Journey

_SAME: Final = 1e-9
"""Seconds within which a moment is that of a key: less than any frame, more than rounding."""


class Place(NamedTuple):
    """Where a moment lies among the keys.

    key: the index of the key that was passed last.
    after: of the next one; the same where there is none.
    share: how far from one to the other, 0…1, with the easing in it.
    weights: by index of a key how much it counts, in the order of time; without zeros.
    """

    key: int
    after: int
    share: float
    weights: tuple[tuple[int, float], ...]


def place(journey: Journey, time: float) -> Place:
    """Return where a moment lies. time: seconds; a closed journey repeats, another one stays.

    Raises ValueError for a journey without keys and for a time that is not finite.
    """
    if not journey.keys or not math.isfinite(time):
        raise ValueError("a moment of a journey needs keys and a finite time")
    keys, first = journey.keys, journey.keys[0].time
    if journey.closed and journey.duration > 0:
        time = first + (time - first) % journey.duration
        if time >= first + journey.duration - _SAME * max(1.0, journey.duration):
            time = first
    margin = _SAME * max(1.0, journey.duration)
    last = bisect_right(keys, time + margin, key=lambda key: key.time) - 1
    if last < 0:
        return _at_key(0)
    if abs(time - keys[last].time) <= margin or len(keys) == 1:
        return _at_key(last)
    if last == len(keys) - 1 and not journey.closed:
        return _at_key(last)
    after = (last + 1) % len(keys)
    if keys[last].going == "hold":
        return Place(last, after, 0.0, ((last, 1.0),))
    share = eased((time - keys[last].time) / _length(journey, last), keys[last].ease)
    if keys[last].going != "smooth":
        return Place(last, after, share, ((last, 1 - share), (after, share)))
    return Place(last, after, share, _spline(journey, last, share))


def eased(share: float, ease: Ease) -> float:
    """Return how far a way is gone after a share of its time: both 0…1."""
    match ease:
        case "none":
            return share
        case "in":
            return share * share
        case "out":
            return share * (2 - share)
        case "both":
            return share * share * (3 - 2 * share)


def _at_key(index: int) -> Place:
    return Place(index, index, 0.0, ((index, 1.0),))


def _length(journey: Journey, index: int) -> float:
    """Return the seconds from a key to the next one."""
    keys = journey.keys
    if index < len(keys) - 1:
        return keys[index + 1].time - keys[index].time
    return journey.duration - keys[-1].time + keys[0].time


def _spline(journey: Journey, index: int, u: float) -> tuple[tuple[int, float], ...]:
    """Return the weights on the way from a key to the next one. u: 0…1 of it."""
    h = _length(journey, index)
    after = (index + 1) % len(journey.keys)
    # The four cubics of Hermite: values at both ends, and tangents times the length.
    start, end = 1 - u * u * (3 - 2 * u), u * u * (3 - 2 * u)
    leaving, arriving = u * (1 - u) ** 2, -u * u * (1 - u)
    weights = dict.fromkeys(_near(journey, index), 0.0)
    weights[index] += start
    weights[after] += end
    for key, share in _tangent(journey, index, index).items():
        weights[key] += leaving * h * share
    for key, share in _tangent(journey, after, index).items():
        weights[key] += arriving * h * share
    return tuple((key, weight) for key, weight in weights.items() if weight)


def _near(journey: Journey, index: int) -> tuple[int, ...]:
    """Return the keys around a way in the order of time: one before it to one after it."""
    n = len(journey.keys)
    every = range(index - 1, index + 3)
    if journey.closed:
        return tuple(dict.fromkeys(key % n for key in every))
    return tuple(key for key in every if 0 <= key < n)


def _tangent(journey: Journey, key: int, way: int) -> dict[int, float]:
    """Return the speed at a key as weights of keys, in 1 / s.

    It is that of the parabola through the key and its two neighbours. At an open end, and beside
    a way that does not lead there smoothly, it is the speed of the way itself; beside a straight
    way at constant speed it is that one's, so that nothing jumps there either.
    way: the index of the way that the speed is wanted for, which begins or ends at the key.
    """
    n = len(journey.keys)
    own = _slope(journey, way)
    other = key - 1 if way == key else key
    if journey.closed:
        other %= n
    elif not 0 <= other < n - 1:
        return own
    beside = journey.keys[other]
    if beside.going == "linear" and beside.ease == "none":
        return _slope(journey, other)
    if beside.going != "smooth":
        return own
    h, g = _length(journey, way), _length(journey, other)
    tangent: dict[int, float] = {}
    for slope, share in ((own, g / (g + h)), (_slope(journey, other), h / (g + h))):
        for index, weight in slope.items():
            tangent[index] = tangent.get(index, 0.0) + share * weight
    return tangent


def _slope(journey: Journey, way: int) -> dict[int, float]:
    """Return the mean speed from a key to the next one as weights of both, in 1 / s."""
    h = _length(journey, way)
    return {way: -1 / h, (way + 1) % len(journey.keys): 1 / h}
