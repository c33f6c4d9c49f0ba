"""Numbers of a request that move by themselves: read, set, and followed over time."""

from __future__ import annotations

from bisect import bisect_right

from msgspec import structs

from renderer.messages.bending import FACTS, Bend
from renderer.messages.journey import Curve, Knob, Point
from renderer.messages.request import ClassLabel, Direction, RenderRequest
from renderer.pictures.journey.blend import same_bend
from renderer.pictures.journey.latents import same_direction


def value_at(curve: Curve, time: float, period: float = 0.0) -> float | None:
    """Return the value of a curve at a time in seconds, None where it has no points.

    period: seconds after which it begins again, without a seam; 0 for a curve that does not.
    """
    points = curve.points
    if not points:
        return None
    if period > 0:
        points, time = _repeated(points, period), time % period
    last = bisect_right(points, time, key=lambda point: point.time) - 1
    if last < 0:
        return points[0].value
    if last == len(points) - 1:
        return points[-1].value
    a, b = points[last], points[last + 1]
    h = b.time - a.time
    u = (time - a.time) / h
    if not curve.smooth:
        return a.value + u * (b.value - a.value)
    leaving = _speed(points, last, last)
    arriving = _speed(points, last + 1, last)
    rise = u * u * (3 - 2 * u)
    bend = h * u * (1 - u) * ((1 - u) * leaving - u * arriving)
    return a.value + (b.value - a.value) * rise + bend


def _repeated(points: tuple[Point, ...], period: float) -> tuple[Point, ...]:
    """Return the points within a period, with two more at each end from the ones beside it."""
    inside = tuple(point for point in points if 0 <= point.time < period) or points[:1]
    around = [Point(p.time + by, p.value) for by in (-period, 0, period) for p in inside]
    return tuple(around[max(0, len(inside) - 2) : 2 * len(inside) + 2])


def _speed(points: tuple[Point, ...], index: int, way: int) -> float:
    """Return the speed at a point, in 1 / s. way: the one that it is wanted for.

    It is that of the parabola through the point and its neighbours, and 0 where the value turns
    round: so a curve never goes beyond its points there (Fritsch and Carlson 1980).
    """
    other = index - 1 if way == index else index
    if not 0 <= other < len(points) - 1:
        return 0.0
    own, beside = _slope(points, way), _slope(points, other)
    if own * beside <= 0:
        return 0.0
    h = points[way + 1].time - points[way].time
    g = points[other + 1].time - points[other].time
    speed = (own * g + beside * h) / (g + h)
    limit = 3 * min(abs(own), abs(beside))
    return min(limit, max(-limit, speed))


def _slope(points: tuple[Point, ...], way: int) -> float:
    a, b = points[way], points[way + 1]
    return (b.value - a.value) / (b.time - a.time)


def read(request: RenderRequest, knob: Knob) -> float:
    """Return the number that a knob names; what a request lacks is at what changes nothing."""
    match knob.kind:
        case "psi":
            return request.truncation.psi
        case "noise":
            return 0.0 if request.noise.mode == "none" else request.noise.strength
        case "class":
            return request.label.t if request.label is not None else 0.0
        case "x" | "y" | "rotate":
            return float(getattr(request.transform, knob.kind))
        case "zoom":
            return request.transform.scale
        case "direction":
            found = [d for d in request.directions if _is_direction(d, knob)]
            return found[0].amount if found else 0.0
        case "bend":
            assert knob.bend is not None
            bends = [b for b in request.bends if same_bend(b) == same_bend(knob.bend)]
            return bends[0].amount if bends else FACTS[knob.bend.operation].identity


def write(request: RenderRequest, knob: Knob, value: float) -> RenderRequest:
    """Return the request with another value of a number; a direction or bend it lacks is added.

    A psi takes the place of a curve of them over the rows of w.
    """
    match knob.kind:
        case "psi":
            changed = structs.replace(request.truncation, psi=value, curve=None)
            return structs.replace(request, truncation=changed)
        case "noise":
            mode = "const" if request.noise.mode == "none" else request.noise.mode
            noise = structs.replace(request.noise, mode=mode, strength=value)
            return structs.replace(request, noise=noise)
        case "class":
            label = structs.replace(request.label or ClassLabel(), t=min(1.0, max(0.0, value)))
            return structs.replace(request, label=label)
        case "x":
            return structs.replace(request, transform=structs.replace(request.transform, x=value))
        case "y":
            return structs.replace(request, transform=structs.replace(request.transform, y=value))
        case "rotate":
            turned = structs.replace(request.transform, rotate=value)
            return structs.replace(request, transform=turned)
        case "zoom":
            scaled = structs.replace(request.transform, scale=max(0.01, value))
            return structs.replace(request, transform=scaled)
        case "direction":
            return structs.replace(request, directions=_directions(request, knob, value))
        case "bend":
            return structs.replace(request, bends=_bends(request, knob, value))


def _is_direction(direction: Direction, knob: Knob) -> bool:
    assert knob.direction is not None
    return same_direction(direction) == same_direction(knob.direction)


def _directions(request: RenderRequest, knob: Knob, value: float) -> tuple[Direction, ...]:
    assert knob.direction is not None
    if not any(_is_direction(d, knob) for d in request.directions):
        return (*request.directions, structs.replace(knob.direction, amount=value))
    return tuple(
        structs.replace(d, amount=value) if _is_direction(d, knob) else d
        for d in request.directions
    )


def _bends(request: RenderRequest, knob: Knob, value: float) -> tuple[Bend, ...]:
    assert knob.bend is not None
    name = same_bend(knob.bend)
    if not any(same_bend(b) == name for b in request.bends):
        return (*request.bends, structs.replace(knob.bend, amount=value))
    return tuple(
        structs.replace(b, amount=value, enabled=True) if same_bend(b) == name else b
        for b in request.bends
    )
