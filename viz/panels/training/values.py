"""The values of curves at a place of the axis."""

from __future__ import annotations

from common.runs.state import RunState
from common.runs.status import last
from common.runs.ticks import Floats
from viz.panels.training import curves
from viz.panels.training.axis import SharedAxis
from viz.panels.training.quantities import Curve, Plot


def value_at(
    state: RunState,
    plot: Plot,
    curve: Curve,
    axis: SharedAxis,
    where: float | None,
    ticks: Floats | None = None,
) -> float:
    """Return the value of a curve at the tick (or evaluation) nearest to `where`.

    where: a place on the axis, None for the newest value.
    ticks: where the ticks of the run lie on it, None for those of the watched run, [ticks].
    """
    if plot.metric:
        metric = state.metrics[curve.names[0]]
        if where is None:
            return float(metric.value[-1])
        place = curves.place(state, metric.kimg, axis.kind)
        return float(metric.value[curves.nearest(place, where)])
    values = state.values(*curve.names)
    if where is None:
        return last(values)
    return float(values[curves.nearest(axis.ticks if ticks is None else ticks, where)])
