"""Points of a picture and the part of it that may move, as the mouse changes them."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import structs

from common.dragging import DragPoint, DragStep
from renderer.messages.drag_job import MASK_SIDE, led_to, packed, unpacked
from renderer.messages.request import SavedW
from viz.session.session import Beginning, Drag, Session

Place: TypeAlias = tuple[float, float]
"""x and y in pixels of the network's picture."""
Mask: TypeAlias = npt.NDArray[np.bool_]

_IDS: Final = 2**31 - 1
_SAME: Final = 0.01
"""Pixels by which two distances to the targets differ at most that are of the same points."""


def beginning(session: Session) -> Beginning | None:
    """Return what the drag began with that has led to the latent; None where none has.

    What was changed beside the latent since (a truncation, a bend) does not count.
    """
    begun, source = session.drag.begun, session.render.source
    if begun is None or not isinstance(source, SavedW):
        return None
    same = begun.w == source if begun.w is not None else is_plain(begun, session)
    return begun if same else None


def is_plain(begun: Beginning, session: Session) -> bool:
    """Return whether the picture is just what a drag that began so has come to."""
    render = session.render
    if not isinstance(render.source, SavedW):
        return False
    began = structs.replace(begun.render, snapshot=render.snapshot)  # or another of its run
    return led_to(began, render.source) == render


def come_to(
    session: Session, begun: Beginning, w: SavedW, step: DragStep, handles: Mapping[int, Place]
) -> Session:
    """Return the session with what a drag of its picture has come to.

    begun: the picture and the points that it began with. w: the latent.
    step: what its last step has come to. handles: where they are now, by the ids of points.
    """
    points = tuple(
        structs.replace(point, handle=handles.get(point.id, point.handle))
        for point in session.drag.points
    )
    session = session.with_drag(points=points, begun=structs.replace(begun, w=w, step=step))
    return structs.replace(session, render=led_to(session.render, w))


def with_changes(reached: Session, before: Session, now: Session) -> Session:
    """Return what a drag has come to with a change on top that was made to its first picture.

    reached: `now` as the drag would have left it. before, now: the session before and after the
    change. A truncation, and what is mixed or added, was part of the latent: only what is new of
    these comes on top.
    """
    was, render = before.render, now.render
    truncation = render.truncation if render.truncation != was.truncation else None
    return reached.with_render(
        truncation=truncation or reached.render.truncation,
        mix=tuple(each for each in render.mix if each not in was.mix),
        directions=tuple(each for each in render.directions if each not in was.directions),
    )


def outcome(session: Session) -> DragStep | None:
    """Return what the drag has come to that has led to the picture; None where none has.

    The distance is that of the points as they are now, and where it is another the drag has not
    ended with them.
    """
    begun, points = beginning(session), session.drag.points
    if begun is None or begun.step is None or not points or not is_plain(begun, session):
        return None
    ways = [math.dist(point.handle, point.target) for point in points]
    distance = sum(ways) / len(ways)
    same = abs(distance - begun.step.distance) < _SAME
    ending = begun.step.ending if same else ""
    return structs.replace(begun.step, distance=distance, ending=ending)


def placed(handle: Place, target: Place) -> DragPoint:
    """Return a point that nobody has seen before."""
    return DragPoint(secrets.randbelow(_IDS), handle, target)


def with_point(drag: Drag, point: DragPoint) -> Drag:
    """Return the drag with a point added, or in the place of the one with its id."""
    ids = [each.id for each in drag.points]
    if point.id not in ids:
        return structs.replace(drag, points=(*drag.points, point))
    points = tuple(point if each.id == point.id else each for each in drag.points)
    return structs.replace(drag, points=points)


def without_point(drag: Drag, id: int) -> Drag:
    """Return the drag without one of its points."""
    return structs.replace(drag, points=tuple(each for each in drag.points if each.id != id))


def fits(drag: Drag, shape: tuple[int, int]) -> bool:
    """Return whether all points lie in pictures of a height and a width in pixels.

    The early snapshots of a network that grows have smaller pictures than the one of the points.
    """
    high, wide = shape
    places = (place for point in drag.points for place in (point.handle, point.target))
    return all(x <= wide and y <= high for x, y in places)


@lru_cache(maxsize=4)
def mask_of(data: bytes) -> Mask:
    """Return the part that may move, [MASK_SIDE, MASK_SIDE]; all of it where it cannot be read."""
    try:
        mask = unpacked(data)
    except ValueError:
        mask = unpacked(b"")
    mask.flags.writeable = False
    return mask


def painted(
    drag: Drag, before: Place, now: Place, radius: float, size: tuple[int, int], *, erase: bool
) -> Drag:
    """Return the drag after a stroke of a round brush.

    The first stroke that paints begins with nothing: as long as there is no mask all may move.
    before, now: the ends of the stroke, in pixels. radius: of the brush, in pixels.
    size: width and height of the picture, in pixels.
    """
    mask = mask_of(drag.mask).copy() if drag.mask or erase else np.zeros_like(mask_of(b""))
    cells = np.arange(MASK_SIDE) + 0.5
    wide, high = size[0] / MASK_SIDE, size[1] / MASK_SIDE
    x, y = cells[None] * wide, cells[:, None] * high
    dx, dy = now[0] - before[0], now[1] - before[1]
    length = dx * dx + dy * dy
    along = ((x - before[0]) * dx + (y - before[1]) * dy) / length if length else 0 * (x + y)
    along = np.clip(along, 0, 1)
    far = np.hypot(x - before[0] - along * dx, y - before[1] - along * dy)
    # A brush smaller than a cell still paints the one that it is on.
    mask[far <= max(radius, 0.71 * max(wide, high))] = not erase
    return structs.replace(drag, mask=packed(mask) if mask.any() else b"")


def inverted(drag: Drag) -> Drag:
    """Return the drag with the other part of the picture that may move."""
    mask = ~mask_of(drag.mask)
    return structs.replace(drag, mask=packed(mask) if mask.any() else b"")


def nearest(
    drag: Drag, handles: dict[int, Place], at: Place, reach: float
) -> tuple[DragPoint, bool] | None:
    """Return the point whose target or handle is nearest to a place, and whether it is the target.

    handles: where the handles are now, by id. reach: how far away it may be, in pixels.
    """
    found: list[tuple[float, int, DragPoint, bool]] = []
    for number, point in enumerate(drag.points):
        for is_target, place in ((True, point.target), (False, handles[point.id])):
            far = math.dist(place, at)
            if far <= reach:
                found.append((far, -number, point, is_target))
    if not found:
        return None
    _, _, point, is_target = min(found, key=lambda each: each[:2])
    return point, is_target
