"""Changes of a journey, each as a pure function that returns another one whose times are in order.

An index counts keys in the order of their times.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypedDict, Unpack

from msgspec import structs

from renderer.messages.journey import Curve, Ease, Going, Journey, Key, Knob, Point
from renderer.messages.request import RenderRequest
from renderer.pictures.journey.order import LEAST, in_order

STEP: Final = 2.0
"""Seconds to the next key where nothing suggests another time."""


class KeyChanges(TypedDict, total=False):
    """Fields of `Key` with their new values, but for the time."""

    render: RenderRequest
    going: Going
    ease: Ease
    name: str


def with_requests(journey: Journey, change: Callable[[RenderRequest], RenderRequest]) -> Journey:
    """Return the journey with the request of every key as `change` makes it."""
    keys = tuple(structs.replace(key, render=change(key.render)) for key in journey.keys)
    return structs.replace(journey, keys=keys)


def with_network(journey: Journey, snapshot: str) -> Journey:
    """Return the journey with another snapshot in all of its keys."""
    return with_requests(journey, lambda request: structs.replace(request, snapshot=snapshot))


def added(journey: Journey, request: RenderRequest, time: float) -> tuple[Journey, int]:
    """Return the journey with another key, and its index.

    time: where the key is wanted, in seconds. Where there is one already, and at the end of an open
    journey, it comes after all others.
    """
    keys = journey.keys
    if not keys:
        return structs.replace(journey, keys=(Key(request),), duration=0.0), 0
    end = keys[-1].time
    taken = any(abs(key.time - time) < LEAST for key in keys)
    if taken or not keys[0].time < time < (journey.duration if journey.closed else end):
        return _appended(journey, Key(request, going=keys[-1].going))
    before = max(i for i, key in enumerate(keys) if key.time < time)
    key = Key(request, time, keys[before].going)
    keys = (*keys[: before + 1], key, *keys[before + 1 :])
    return in_order(structs.replace(journey, keys=keys)), before + 1


def inserted(journey: Journey, request: RenderRequest, time: float) -> tuple[Journey, int | None]:
    """Return the journey with another key where it was dropped, and its index.

    time: where it is wanted, in seconds. At the place of another key it comes half way to the next
    one, and before the first key half way to the second one. Only after the last key the journey
    becomes longer. The index is None where two keys leave no room between them, and the journey is
    as it was.
    """
    keys = journey.keys
    if not keys:
        return added(journey, request, 0.0)
    first, end = keys[0].time, keys[-1].time
    if time - first < LEAST:
        time = first
    before = max(i for i, key in enumerate(keys) if key.time < time + LEAST)
    following = keys[before + 1].time if before + 1 < len(keys) else None
    if following is None and journey.closed and journey.duration - end >= 2 * LEAST:
        following = journey.duration
    if following is None:
        time = time if time - end >= LEAST else end + _usual_step(journey)
    elif time - keys[before].time < LEAST:
        time = (keys[before].time + following) / 2
    longer = following is None or time >= following
    if following is not None and not longer:
        time = min(time, following - LEAST)
        if time - keys[before].time < LEAST:
            return journey, None
    duration = journey.duration
    if longer:
        duration = time + (_way_back(journey) if journey.closed else 0.0)
    key = Key(request, time, keys[before].going)
    keys = (*keys[: before + 1], key, *keys[before + 1 :])
    return in_order(structs.replace(journey, keys=keys, duration=duration)), before + 1


def duplicated(journey: Journey, index: int) -> tuple[Journey, int]:
    """Return the journey with a key once more, and the index of the second one.

    It lies half way to the next key, or after all others.
    """
    keys, key = journey.keys, journey.keys[index]
    if index == len(keys) - 1:
        return _appended(journey, key)
    time = (key.time + keys[index + 1].time) / 2
    keys = (*keys[: index + 1], structs.replace(key, time=time), *keys[index + 1 :])
    return in_order(structs.replace(journey, keys=keys)), index + 1


def removed(journey: Journey, index: int) -> Journey:
    """Return the journey without a key. The first one that is left is at the beginning."""
    keys = journey.keys[:index] + journey.keys[index + 1 :]
    if not keys:
        return structs.replace(journey, keys=(), duration=0.0)
    start = keys[0].time
    back = _way_back(journey)
    keys = tuple(structs.replace(key, time=key.time - start) for key in keys) if start else keys
    duration = keys[-1].time + (back if journey.closed else 0.0)
    return in_order(structs.replace(journey, keys=keys, duration=duration))


def retimed(journey: Journey, index: int, time: float) -> Journey:
    """Return the journey with a key at another time, which stays between those of its neighbours.

    The first key stays at the beginning. With the last one the end moves.
    """
    keys = journey.keys
    if index == 0:
        return journey
    time = max(time, keys[index - 1].time + LEAST)
    duration = journey.duration
    if index < len(keys) - 1:
        time = min(time, keys[index + 1].time - LEAST)
    else:
        duration = time + (_way_back(journey) if journey.closed else 0.0)
    key = structs.replace(keys[index], time=time)
    moved = structs.replace(
        journey, keys=(*keys[:index], key, *keys[index + 1 :]), duration=duration
    )
    return in_order(moved)


def exchanged(journey: Journey, index: int, other: int) -> Journey:
    """Return the journey with the pictures of two keys exchanged; the times stay where they are."""
    keys = list(journey.keys)
    if not (0 <= index < len(keys) and 0 <= other < len(keys)):
        return journey
    a, b = keys[index], keys[other]
    keys[index], keys[other] = (
        structs.replace(b, time=a.time),
        structs.replace(a, time=b.time),
    )
    return structs.replace(journey, keys=tuple(keys))


def changed(journey: Journey, index: int, **changes: Unpack[KeyChanges]) -> Journey:
    """Return the journey with fields of a key replaced."""
    keys = journey.keys
    key = structs.replace(keys[index], **changes)
    return structs.replace(journey, keys=(*keys[:index], key, *keys[index + 1 :]))


def closed(journey: Journey, on: bool) -> Journey:
    """Return the journey with or without the way back from its last key to the first one."""
    if on == journey.closed or not journey.keys:
        return structs.replace(journey, closed=on)
    end = journey.keys[-1].time
    duration = end + _usual_step(journey) if on else end
    return in_order(structs.replace(journey, closed=on, duration=duration))


def with_point(journey: Journey, knob: Knob, point: Point) -> Journey:
    """Return the journey with another point of a curve, in the place of one at the same time."""
    curve = next((curve for curve in journey.curves if curve.knob == knob), Curve(knob))
    others = [p for p in curve.points if abs(p.time - point.time) >= LEAST]
    points = tuple(sorted((*others, point), key=lambda p: p.time))
    return with_curve(journey, structs.replace(curve, points=points))


def with_curve(journey: Journey, curve: Curve) -> Journey:
    """Return the journey with a curve in the place of the one of that knob; without points none."""
    at = next((i for i, c in enumerate(journey.curves) if c.knob == curve.knob), None)
    curves = list(journey.curves)
    if at is None:
        curves.append(curve)
    else:
        curves[at] = curve
    return structs.replace(journey, curves=tuple(c for c in curves if c.points))


def _appended(journey: Journey, key: Key) -> tuple[Journey, int]:
    step = _usual_step(journey)
    time = journey.keys[-1].time + step
    keys = (*journey.keys, structs.replace(key, time=time))
    duration = time + (_way_back(journey) if journey.closed else 0.0)
    return in_order(structs.replace(journey, keys=keys, duration=duration)), len(keys) - 1


def _usual_step(journey: Journey) -> float:
    """Return the mean time between two keys, in seconds."""
    keys = journey.keys
    if len(keys) < 2:
        return STEP
    return (keys[-1].time - keys[0].time) / (len(keys) - 1)


def _way_back(journey: Journey) -> float:
    """Return how long the way from the last key to the first one takes, in seconds."""
    if not journey.closed or not journey.keys:
        return 0.0
    back = journey.duration - journey.keys[-1].time
    return back if back >= LEAST else _usual_step(journey)
