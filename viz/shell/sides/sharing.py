"""How the picture and what stands around it share the window. Lengths are in em, so text fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

STRIP = 2.4
"""The width of a strip, which a collapsed side leaves at its edge."""
LEAST_STACKED = 13.5
"""The height that each of several panels above one another needs; with less they become tabs."""


@dataclass(frozen=True)
class Limits:
    """What one direction of the window demands.

    side: the least size of an open side: its controls and their names fit.
    picture: the size of the picture below which sides shrink.
    least_picture: the size of the picture below which sides collapse.
    """

    side: float
    picture: float
    least_picture: float


ACROSS = Limits(side=21.0, picture=36.0, least_picture=28.0)
"""Of the columns at the left and at the right.

In a wide window both stand open: a square picture is limited by the height there, and would gain
nothing but black bars from the room of a column that nobody looks at.
"""
DOWN = Limits(side=11.0, picture=34.0, least_picture=30.0)
"""Of the panels below the picture."""


@dataclass(frozen=True)
class Wish:
    """What a side would like to have.

    size: in em.
    open: it is not collapsed by the user.
    forced: the user opened it although there was no room; what was opened last goes first.
    strip: it has a strip also while it is open.
    """

    size: float
    open: bool = True
    forced: bool = False
    strip: bool = False


def fit(room: float, wishes: Sequence[Wish], limits: Limits) -> tuple[float, ...]:
    """Return the size of each side in em, 0 where it is collapsed.

    The picture comes first: sides shrink, then collapse, the last of `wishes` before the others.
    One that is forced stays and leaves the picture half of the room at least.

    room: what the sides and the picture have together, in em.
    """
    strips = sum(STRIP for wish in wishes if wish.strip or not wish.open)
    shown: list[int] = []
    for i in sorted(range(len(wishes)), key=lambda i: not wishes[i].forced):
        wish = wishes[i]
        if not wish.open:
            continue
        left = room - strips - limits.side * (len(shown) + 1)
        if wish.forced or left >= limits.least_picture:
            shown.append(i)
        elif not wish.strip:
            strips += STRIP
    sizes = [0.0] * len(wishes)
    spare = room - strips - limits.picture
    total = sum(max(wishes[i].size, limits.side) for i in shown)
    for i in shown:
        wanted = max(wishes[i].size, limits.side)
        fair = wanted * max(spare, 0.0) / total if total > spare else wanted
        sizes[i] = min(max(fair, limits.side), (room - strips) / 2)
    return tuple(sizes)
