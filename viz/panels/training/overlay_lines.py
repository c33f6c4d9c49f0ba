"""The curves of the other run in the plots of the watched one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from common.runs.state import RunState
from common.runs.ticks import Floats
from viz.panels.training import curves
from viz.panels.training import lines as run_lines
from viz.panels.training.axis import SharedAxis
from viz.panels.training.curves import Axis
from viz.panels.training.legend import OVERLAY_COLORS, OVERLAY_WEIGHT
from viz.panels.training.lines import Line
from viz.panels.training.quantities import Curve, Plot
from viz.panels.training.values import value_at
from viz.ui import plots

_NONE = np.zeros(0)


class OverlayLines:
    """Keeps the lines of the other run, as long as there is one.

    state: what is known of that run, None where there is none.
    ticks: where its ticks lie on the axis, [ticks].
    """

    def __init__(self) -> None:
        self.state: RunState | None = None
        self.ticks: Floats = _NONE
        self._kind: Axis = "kimg"
        self._lines = run_lines.Lines()

    def begin(self, state: RunState | None, kind: Axis) -> None:
        """Take in how the run is now; called before the plots of a frame."""
        if state is not self.state or kind != self._kind:
            self.state, self._kind = state, kind
            self.ticks = _NONE if state is None else curves.along(state, kind)

    @property
    def ends(self) -> Floats:
        """The first and the last of its ticks, which should be seen, too."""
        return self.ticks[[0, -1]] if len(self.ticks) else _NONE

    def of(
        self, plot: Plot, axis: SharedAxis, smoothing: float, columns: int, *, log: bool
    ) -> list[tuple[int, Line]]:
        """Return the lines of a plot, each with the place of its curve in the plot.

        log: the plot's axis is logarithmic; the other arguments are those of `Lines.of`.
        """
        state = self.state
        if state is None:
            return []
        known = [i for i, curve in enumerate(plot.curves) if _has(state, plot, curve)]
        part = replace(plot, curves=tuple(plot.curves[i] for i in known))
        found = self._lines.of(state, part, axis, smoothing, columns, log=log)
        return [(i, line) for i, line in zip(known, found, strict=True) if len(line.x)]

    def draw(self, plot: Plot, lines: Sequence[tuple[int, Line]], *, smooth: bool) -> None:
        """Draw lines inside a plot, thinner than those of the first run and in other colours."""
        for i, line in lines:
            color = plots.series_color(OVERLAY_COLORS + i)
            label = f"{plot.curves[i].label}##other"
            run_lines.draw(
                label, line, color, points=plot.metric, smooth=smooth, weight=OVERLAY_WEIGHT
            )

    def value(self, plot: Plot, curve: Curve, axis: SharedAxis, where: float) -> float:
        """The value nearest to `where`; NaN where the run has none, or has not come so far."""
        state = self.state
        if state is None or not len(self.ticks) or not _has(state, plot, curve):
            return math.nan
        if where > self.ticks[-1]:
            return math.nan
        return value_at(state, plot, curve, axis, where, ticks=self.ticks)


def _has(state: RunState, plot: Plot, curve: Curve) -> bool:
    if plot.metric:
        return curve.names[0] in state.metrics
    return any(name in state.series for name in curve.names)
