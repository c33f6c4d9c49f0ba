"""Which of the compared pictures are the same, pixel for pixel."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from viz.compare.labels import BETWEEN, Label
from viz.compare.shown import Shown, coherent
from viz.gpu.pictures import Frame

IDENTICAL = "identical"
"""What is said of two pictures that are the same."""
EVERY = 29
"""Of how many rows one is compared first: pictures that differ mostly do so there already."""


@dataclass(frozen=True)
class _Found:
    """What was found of two frames.

    of: the frames, which are not kept alive.
    same: whether they are the same.
    """

    of: tuple[weakref.ref[Frame], weakref.ref[Frame]]
    same: bool


class Alike:
    """Compares pictures when they are new, and remembers what was found.

    While they move and are not of one moment, what was found last goes on to be said.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], _Found] = {}

    def refresh(self, all_shown: Sequence[Shown]) -> None:
        """Look at every two pictures of which one is new."""
        pairs = itertools.combinations(all_shown, 2)
        found = {(a.number, b.number): self._look(a, b) for a, b in pairs}
        self._found = {key: one for key, one in found.items() if one is not None}

    def same(self, first: Shown, second: Shown) -> bool:
        """Whether two pictures are the same."""
        low, high = sorted((first.number, second.number))
        found = self._found.get((low, high))
        return found is not None and found.same

    def words(self, shown: Shown, among: Sequence[Shown]) -> str:
        """Say which other of some pictures is the same as one of them; empty where none is.

        Where there are several others it is `= NAME`, which also narrow headings have room for.
        """
        others = (other for other in among if other is not shown)
        twin = next((other for other in others if self.same(shown, other)), None)
        if twin is None:
            return ""
        return IDENTICAL if len(among) == 2 else f"= {twin.label.title}"

    def named(self, all_shown: Sequence[Shown]) -> list[Shown]:
        """Return the pictures with labels whose detail says first which other is the same."""
        return [
            replace(shown, label=Label(shown.label.title, _joined(words, shown.label.detail)))
            if (words := self.words(shown, all_shown))
            else shown
            for shown in all_shown
        ]

    def title(self, shown: Shown, among: Sequence[Shown]) -> str:
        """Return the title of one of some pictures, and after it which other is the same."""
        return _joined(shown.label.title, self.words(shown, among))

    def _look(self, a: Shown, b: Shown) -> _Found | None:
        """Return what there is to say of two pictures, None where one is missing."""
        one, two = a.frame, b.frame
        if one is None or two is None or a.failure or b.failure:
            return None
        shown = one.request.snapshot, two.request.snapshot
        if shown != (a.request.snapshot, b.request.snapshot):
            return None
        before = self._found.get((a.number, b.number))
        if not coherent(a, b):
            return before
        if before is not None and before.of[0]() is one and before.of[1]() is two:
            return before
        return _Found((weakref.ref(one), weakref.ref(two)), _same_pixels(one, two))


def _joined(*parts: str) -> str:
    return BETWEEN.join(part for part in parts if part)


def _same_pixels(one: Frame, two: Frame) -> bool:
    if one.pixels.shape != two.pixels.shape:
        return False
    few = np.array_equal(one.pixels[::EVERY], two.pixels[::EVERY])
    return few and np.array_equal(one.pixels, two.pixels)
