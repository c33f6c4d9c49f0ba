"""Comparisons as sheets, to be written as pictures and videos."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from msgspec import structs

from renderer.messages.jobs import Sheet
from viz.session import comparing
from viz.session.changes import motion
from viz.session.session import Compare, Session

SWEEP_SECONDS = 4.0
"""Seconds that the edge of a wipe takes from the left to the right and back."""


def still(
    session: Session, models: comparing.Models, labels: Sequence[str], columns: int | None = None
) -> tuple[Sheet, ...]:
    """Return the sheets that are on the screen.

    Flicker has one per picture, differences one per picture that is not the reference.
    models: facts on the networks, by path.
    labels: of the pictures, the main one first.
    columns: of the grid, None for as many as make it nearly a square.
    """
    requests = comparing.requests(session, models)
    compare, smooth = session.compare, session.view.smooth
    first, second = comparing.pair(compare) if compare.panes else (0, 0)

    def pair(other: int, layout: Literal["wipe", "difference"]) -> Sheet:
        return Sheet(
            (requests[first], requests[other]),
            layout,
            split=compare.split,
            upright=compare.upright,
            gain=comparing.gain(compare),
            labels=(labels[first], labels[other]),
            smooth=smooth,
        )

    match compare.layout if compare.panes else "grid":
        case "wipe":
            return (pair(second, "wipe"),)
        case "difference":
            return tuple(pair(i, "difference") for i in range(len(requests)) if i != first)
        case "flicker":
            every = zip(requests, labels, strict=True)
            return tuple(
                Sheet((request,), labels=(label,), smooth=smooth) for request, label in every
            )
        case _:
            return (Sheet(requests, columns=columns, labels=tuple(labels), smooth=smooth),)


def sweep(
    session: Session, models: comparing.Models, labels: Sequence[str], fps: float
) -> tuple[Sheet, ...]:
    """Return the sheets of a wipe whose edge goes to the right and back, slower at the ends."""
    (sheet,) = still(session.with_compare(layout="wipe"), models, labels)
    count = max(2, round(SWEEP_SECONDS * fps))
    splits = ((1 - math.cos(2 * math.pi * i / count)) / 2 for i in range(count))
    return tuple(structs.replace(sheet, split=split) for split in splits)


def travel(
    session: Session,
    models: comparing.Models,
    labels: Sequence[str],
    fps: float,
    seconds: float,
    columns: int | None = None,
) -> tuple[Sheet, ...]:
    """Return the sheets of a journey through the plane, as the animation goes.

    All linked pictures move together. There is one sheet for each moment: flickering goes on, and
    of the differences there is that of the pair. There are none where the latent is no point of
    the plane.
    """
    start = motion.to_plane(session.render.source)
    if start is None:
        return ()
    vx, vy = motion.velocity(session.motion)
    made = []
    for i in range(max(1, round(seconds * fps))):
        t = i / fps
        at = structs.replace(start, x=start.x + vx * t, y=start.y + vy * t)
        there = session.with_render(source=motion.fold(at))
        sheets = still(there, models, labels, columns)
        made.append(sheets[_at(session.compare, t) if len(sheets) > 1 else 0])
    return tuple(made)


def _at(compare: Compare, seconds: float) -> int:
    """Return which of several sheets is seen after so long."""
    if compare.layout == "flicker":
        return comparing.blinked(compare, seconds)
    reference, other = comparing.pair(compare)
    return other - (other > reference)
