"""The lines of a run's plots: computed when something has changed, drawn in every frame."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from imgui_bundle import ImVec4, implot

from common.runs.facts import Metric
from common.runs.state import RunState
from common.runs.ticks import Floats
from viz.panels.training import curves
from viz.panels.training.axis import SharedAxis
from viz.panels.training.curves import Axis
from viz.panels.training.quantities import Curve, P, Plot
from viz.ui import plots, theme
from viz.ui.widgets import em

FEW = 60
"""How many marks can be beside each other without running together."""

Numbers: TypeAlias = Mapping[str, Floats] | Mapping[str, Metric]
"""What curves are read from: quantities of every tick, or metrics."""


_Look: TypeAlias = tuple[Axis, float, bool | None]


@dataclass(frozen=True)
class Line:
    """A curve ready to be drawn.

    x, raw: its values as they were recorded.
    smooth_x, smooth: its values as they were smoothed.
    low, high: its range.
    log: its range is for a logarithmic axis.
    dips: a tenth of all its values, seen or not, is negative.
    """

    x: Floats
    raw: Floats
    smooth_x: Floats
    smooth: Floats
    low: float
    high: float
    log: bool
    dips: bool


@dataclass(frozen=True)
class _Source:
    """A curve before it is thinned out.

    x: where its finite values lie on the axis, ascending.
    raw: these values as they were recorded.
    smooth: these values as they were smoothed.
    log: its range is for a logarithmic axis.
    dips: a tenth of its values is negative.
    """

    x: Floats
    raw: Floats
    smooth: Floats
    log: bool
    dips: bool


class Lines:
    """Keeps what was computed until the run, the range, its width or the smoothing changes."""

    def __init__(self) -> None:
        self._sources: dict[tuple[str, str], tuple[Numbers, _Look, _Source]] = {}
        self._lines: dict[tuple[str, str], tuple[_Source, tuple[float, float, int], Line]] = {}

    def of(
        self,
        state: RunState,
        plot: Plot,
        axis: SharedAxis,
        smoothing: float,
        columns: int,
        *,
        log: bool | None = None,
    ) -> list[Line]:
        """Return a line for each curve of a plot, computed anew only where something changed.

        smoothing: how much of an average is kept from tick to tick, 0…1.
        columns: how many pixels wide the axis is.
        log: the axis of the plot is logarithmic, None to find out whether it should be.
        """
        lines = []
        seen = axis.low, axis.high, columns
        for curve in plot.curves:
            source = self._source(state, plot, curve, axis, smoothing, log)
            name = plot.name, curve.label
            known = self._lines.get(name)
            if known is None or known[0] is not source or known[1] != seen:
                known = self._lines[name] = source, seen, _line(source, *seen)
            lines.append(known[2])
        return lines

    def value(
        self, state: RunState, plot: Plot, curve: Curve, axis: SharedAxis, smoothing: float
    ) -> float:
        """Return the value of the drawn line at the cursor, or else its newest; NaN: it has none.

        smoothing: how much of an average is kept from tick to tick, 0…1.
        """
        source = self._source(state, plot, curve, axis, smoothing, None)
        if not len(source.x):
            return math.nan
        at = len(source.x) - 1 if axis.cursor is None else curves.nearest(source.x, axis.cursor)
        return float(source.smooth[at])

    def _source(
        self,
        state: RunState,
        plot: Plot,
        curve: Curve,
        axis: SharedAxis,
        smoothing: float,
        log: bool | None,
    ) -> _Source:
        numbers: Numbers = state.metrics if plot.metric else state.series
        name, look = (plot.name, curve.label), (axis.kind, smoothing, log)
        known = self._sources.get(name)
        if known is None or known[0] is not numbers or known[1] != look:
            source = _read(state, plot, curve, axis.kind, smoothing, log)
            known = self._sources[name] = numbers, look, source
        return known[2]


def _read(
    state: RunState, plot: Plot, curve: Curve, kind: Axis, smoothing: float, log: bool | None
) -> _Source:
    if plot.metric:
        metric = state.metrics[curve.names[0]]
        x, values = curves.place(state, metric.kimg, kind), metric.value
        smoothing = 0.0
    else:
        x, values = curves.along(state, kind), state.values(*curve.names)
    if log is None:
        log = len(plot.curves) == 1 and curves.is_logarithmic(values)
    known = np.isfinite(values) & (values > 0) if log else np.isfinite(values)
    x, values = x[known], values[known]
    if plot.exact:
        smoothing = 0.0
    # Averages are taken of what is drawn: a spike must not hide what comes after it.
    smooth = curves.smooth(np.log(values) if log else values, smoothing)
    dips = len(values) > 0 and bool(np.quantile(values, 0.1) < 0)
    return _Source(x, values, np.exp(smooth) if log else smooth, log, dips)


def _line(source: _Source, low: float, high: float, columns: int) -> Line:
    x, raw = curves.thin_out(source.x, source.raw, low, high, columns)
    smooth_x, smooth = curves.thin_out(source.x, source.smooth, low, high, columns)
    span = curves.limits(smooth, raw, log=source.log)
    return Line(x, raw, smooth_x, smooth, *span, source.log, source.dips)


def span(plot: Plot, lines: Sequence[Line]) -> tuple[float, float]:
    """Return the range of a plot.

    That of p is 0…1, and the first ticks, where D knows nothing, may lie outside.
    """
    if plot.name == P.name:
        below = any(line.dips for line in lines)
        return (-1.03 if below else -0.03), 1.03
    return min(line.low for line in lines), max(line.high for line in lines)


def draw(
    label: str, line: Line, color: ImVec4, *, points: bool, smooth: bool, weight: float = 0.1
) -> None:
    """Draw a line inside a plot.

    points: every value is marked.
    smooth: the smoothed curve is drawn over the raw one, which is faint then.
    weight: of the line, in em.
    """
    size, weight = em(2 * weight), em(weight)
    if points and len(line.x) <= FEW:
        spec = implot.Spec(
            line_color=color,
            line_weight=weight,
            marker=implot.Marker_.circle,
            marker_size=size,
            marker_fill_color=color,
            marker_line_color=color,
        )
        implot.plot_line(label, line.x, line.raw, spec)
        return
    if smooth and not points:
        faint = ImVec4(color.x, color.y, color.z, 0.28)
        implot.plot_line(f"##raw {label}", line.x, line.raw, implot.Spec(line_color=faint))
    spec = implot.Spec(line_color=color, line_weight=weight)
    implot.plot_line(label, line.smooth_x, line.smooth, spec)


def draw_marks(at: Floats, shown: int | None, cursor: float | None, bottom: float) -> None:
    """Draw snapshots along the lower edge, and lines at the shown one and at the cursor.

    at: where the snapshots lie on the axis, [snapshots].
    shown: the index of the snapshot in the picture, None where it is none of them.
    cursor: where the cursor is on the axis, None where it is elsewhere.
    bottom: the lower end of the plot's range.
    """
    palette = theme.current()
    if len(at):
        spec = implot.Spec(
            marker=implot.Marker_.up,
            marker_size=em(0.33),
            marker_fill_color=theme.color(palette.muted, 1.0 if len(at) <= FEW else 0.35),
            marker_line_color=theme.color(palette.muted, 0.0),
        )
        implot.plot_scatter("##snapshots", at, np.full(len(at), bottom), spec)
    if shown is not None:
        spec = implot.Spec(line_color=theme.color(palette.text, 0.75), line_weight=em(0.1))
        implot.plot_inf_lines("##shown", at[shown : shown + 1], spec)
    if cursor is not None:
        spec = implot.Spec(line_color=theme.color(palette.muted, 0.45))
        implot.plot_inf_lines("##cursor", np.array([cursor]), spec)


def draw_target(state: RunState) -> None:
    """Draw a line where r_t, or r_v, should be."""
    if state.options.target is None:
        return
    color = plots.series_color(2 if state.options.heuristic == "rv" else 1)
    spec = implot.Spec(line_color=ImVec4(color.x, color.y, color.z, 0.5))
    spec.flags = implot.InfLinesFlags_.horizontal
    implot.plot_inf_lines("##target", np.array([state.options.target]), spec)
