"""The statistics of a run as arrays: a column per tick, a row per quantity."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from common.runs.stats import KIMG, TIME

Floats: TypeAlias = npt.NDArray[np.float64]


class Ticks:
    """Grows by a tick at a time; arrays that were given out never change.

    kimg never decreases along the ticks. A line at an earlier kimg than its predecessor comes from
    a run that went on from an earlier snapshot: it and those after it replace what was recorded
    from that kimg on. A line at the very beginning again comes from a run started anew in the same
    folder: what was before moves left and ends at 0, so the newest part keeps its own kimg, which
    is the one that its snapshots are named by.
    """

    def __init__(self) -> None:
        self._rows: dict[str, int] = {KIMG: 0, TIME: 1}
        self._data = np.full((48, 256), np.nan)
        self._count = 0
        self._starts: list[int] = [0]

    def append(self, values: Mapping[str, float]) -> None:
        """Add a tick. values: quantities by name, a finite `Progress/kimg` among them."""
        kimg = values[KIMG]
        if self._count and kimg <= self._data[0, self._count - 1]:
            self._go_back(kimg)
        for name in values:
            self._rows.setdefault(name, len(self._rows))
        self._make_room()
        column = self._data[:, self._count]
        for name, value in values.items():
            column[self._rows[name]] = value
        self._count += 1

    def _go_back(self, kimg: float) -> None:
        """Make room for a tick at a kimg that the run has passed already."""
        start, end = self._starts[-1], self._count
        self._data = self._data.copy()
        if kimg <= self._data[0, start] and end - start > 1:
            self._data[0, :end] -= self._data[0, end - 1]
            self._starts.append(end)
            return
        kept = start + int(np.searchsorted(self._data[0, start:end], kimg))
        self._data[:, kept:end] = np.nan
        self._count = kept

    def _make_room(self) -> None:
        """Have a row for every quantity and a column for the next tick."""
        rows, columns = self._data.shape
        if len(self._rows) <= rows and self._count < columns:
            return
        larger = np.full(
            (max(rows, 2 * len(self._rows)), 2 * columns if self._count == columns else columns),
            np.nan,
        )
        larger[:rows, :columns] = self._data
        self._data = larger

    def __len__(self) -> int:
        return self._count

    @property
    def starts(self) -> tuple[int, ...]:
        """The indices of the ticks at which the run begins, and begins again."""
        return tuple(self._starts)

    def series(self) -> Mapping[str, Floats]:
        """Every quantity by name: float64 [ticks], NaN where it was not measured."""
        views = {}
        for name, row in self._rows.items():
            views[name] = self._data[row, : self._count]
            views[name].flags.writeable = False
        return MappingProxyType(views)
