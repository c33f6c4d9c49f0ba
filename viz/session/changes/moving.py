"""Moving, turning and scaling the picture where its network does so (`Transform`)."""

from __future__ import annotations

import math

from msgspec import structs

from renderer.messages.request import Transform
from viz.session.ranges import SCALE, SHIFT

NOTCH = 2 ** (1 / 8)
"""The factor of one notch of the wheel."""


def shifted(transform: Transform, dx: float, dy: float) -> Transform:
    """Return the transform after a shift by dx and dy, in pictures."""
    x, y = SHIFT.nearest(transform.x + dx), SHIFT.nearest(transform.y + dy)
    return structs.replace(transform, x=x, y=y)


def turned(transform: Transform, degrees: float) -> Transform:
    """Return the transform turned by so much more, against the clock; within half a turn of 0."""
    angle = (transform.rotate + degrees + 180) % 360 - 180
    return structs.replace(transform, rotate=angle)


def enlarged(transform: Transform, notches: float) -> Transform:
    """Return the transform after so many notches of the wheel."""
    return structs.replace(transform, scale=SCALE.nearest(transform.scale * NOTCH**notches))


def angle_between(
    pivot: tuple[float, float], before: tuple[float, float], after: tuple[float, float]
) -> float:
    """Return the degrees, against the clock, from one point to another as seen from the pivot.

    All are in pixels, y down. Next to the pivot, where a pixel is a quarter of a turn, it is 0.
    """
    (ax, ay), (bx, by) = ((x - pivot[0], pivot[1] - y) for x, y in (before, after))
    if min(math.hypot(ax, ay), math.hypot(bx, by)) < 4:
        return 0.0
    return math.degrees(math.atan2(ax * by - ay * bx, ax * bx + ay * by))
