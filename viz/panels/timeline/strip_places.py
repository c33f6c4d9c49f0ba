"""Where snapshots lie along a strip, and which of them there is room to draw. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

CLOSEST = 0.25
"""The least distance between two neighbours, the usual one being 1."""
FARTHEST = 4.0
"""The greatest distance between two neighbours."""
NEAREST_ZOOM = 3.0
"""The shortest part of a strip that can be zoomed to."""


@dataclass(frozen=True)
class Span:
    """The part of a strip that is seen.

    low: the place at its left edge.
    high: the place at its right edge.
    """

    low: float
    high: float

    @property
    def length(self) -> float:
        """How long it is, the usual distance of two snapshots being 1."""
        return self.high - self.low

    def zoomed(self, factor: float, at: float, share: float, whole: Span) -> Span:
        """Return the span `factor` times as long, but not longer than `whole`.

        at: a place that comes to lie at a given share of it.
        share: that share, 0…1 from the left.
        """
        length = min(max(self.length * factor, min(NEAREST_ZOOM, whole.length)), whole.length)
        return Span(at - share * length, at + (1 - share) * length).inside(whole)

    def moved(self, by: float, whole: Span) -> Span:
        """Return this span moved, but not out of `whole`."""
        return Span(self.low + by, self.high + by).inside(whole)

    def inside(self, whole: Span) -> Span:
        """Return this span moved into `whole`; all of `whole` where it is longer."""
        if self.length >= whole.length:
            return whole
        low = min(max(self.low, whole.low), whole.high - self.length)
        return Span(low, low + self.length)

    def holding(self, place: float, whole: Span) -> Span:
        """Return this span moved as little as brings `place` into it, not quite to its edge."""
        margin = min(0.5, self.length / 2)
        over = max(0.0, place + margin - self.high) - max(0.0, self.low - place + margin)
        return self.moved(over, whole) if over else self


def places(kimgs: Sequence[float | None]) -> list[float]:
    """Return a place for each of some snapshots in order, the first at 0.

    They are as far apart as their kimg, in units of what is usual in this run; but two formats of
    one kimg are told apart, and a long pause leaves room for the rest. Where kimg is unknown, the
    distance is the usual one.
    """
    gaps = [None if a is None or b is None else b - a for a, b in pairwise(kimgs)]
    usual = median([gap for gap in gaps if gap is not None and gap > 0] or [1.0])
    found = [0.0] * bool(kimgs)
    for gap in gaps:
        apart = 1.0 if gap is None else min(max(gap / usual, CLOSEST), FARTHEST)
        found.append(found[-1] + apart)
    return found


def whole(where: Sequence[float]) -> Span:
    """Return the span of all places, with room for half a thumbnail at both ends."""
    return Span(-0.5, (where[-1] if where else 0.0) + 0.5)


def nearest(where: Sequence[float], place: float, among: Iterable[int]) -> int | None:
    """Return the index whose place is nearest; None where there is none to choose from."""
    return min(among, key=lambda i: abs(where[i] - place), default=None)


def thinned(indices: Sequence[int], most: int) -> list[int]:
    """Return at most `most` of some indices in a row, evenly: whole multiples of a step.

    So the choice stays the same while the strip is moved, or grows at its end.
    """
    if len(indices) <= most:
        return list(indices)
    step = math.ceil(len(indices) / max(most, 1))
    return [i for i in indices if i % step == 0]


def spread(centres: Sequence[float], low: float, high: float, pitch: float) -> list[float]:
    """Move ascending centres so that neighbours are `pitch` apart, between `low` and `high`.

    Where that is more than fits, they stand closer, evenly.
    """
    if len(centres) > 1 and (len(centres) - 1) * pitch > high - low:
        pitch = (high - low) / (len(centres) - 1)
    moved: list[float] = []
    for centre in centres:
        moved.append(max(centre, moved[-1] + pitch if moved else low))
    limit = high
    for i in range(len(moved) - 1, -1, -1):
        moved[i] = min(moved[i], limit)
        limit = moved[i] - pitch
    return moved


def even(count: int, low: float, high: float) -> list[float]:
    """Return `count` centres at equal distances, from `low` to `high`."""
    if count == 1:
        return [(low + high) / 2]
    return [low + (high - low) * k / (count - 1) for k in range(count)]


def coarse_to_fine(indices: Sequence[int], first: int | None = None) -> list[int]:
    """Order indices so that an overview comes early.

    `first` leads, then come the ends and ever finer subdivisions.
    """
    last = len(indices) - 1
    # The lowest bit of an index is the subdivision that it belongs to.
    inner = sorted(range(1, last), key=lambda k: (-(k & -k), k))
    order = [*dict.fromkeys((0, last)), *inner] if indices else []
    return sorted((indices[k] for k in order), key=lambda i: i != first)
