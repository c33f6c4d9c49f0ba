"""The distance as it falls, with the best step marked."""

from __future__ import annotations

import numpy as np
from imgui_bundle import ImVec2, implot

from common.projection import ProjectionSettings
from viz.desk.parts.projection import Projection
from viz.ui import plots
from viz.ui.widgets import em

HEIGHT = 7.0
"""The height of the plot, in em."""


def draw(item: Projection) -> None:
    """Draw the distance over the steps, on a logarithmic axis."""
    values = np.asarray(item.distances, np.float64)
    positive = values[np.isfinite(values) & (values > 0)]
    if not len(positive):
        return
    low, high = float(positive.min()), float(np.percentile(positive, 99))
    plots.push_style(ImVec2(em(0.4), em(0.35)))
    if implot.begin_plot("##distance", ImVec2(-1, em(HEIGHT)), plots.QUIET):
        axis = plots.FIXED
        implot.setup_axes("step", "", axis, axis)
        settings = item.spec.settings if item.spec is not None else ProjectionSettings()
        last = max(settings.steps + settings.tune - 1, len(values) - 1, 1)
        implot.setup_axis_limits(implot.ImAxis_.x1, 0, last, implot.Cond_.always)
        top = max(high, low * 1.05) * 1.1
        implot.setup_axis_limits(implot.ImAxis_.y1, low * 0.9, top, implot.Cond_.always)
        implot.setup_axis_scale(implot.ImAxis_.y1, implot.Scale_.log10)
        implot.setup_legend(implot.Location_.north_east)
        steps = np.arange(len(values), dtype=np.float64)
        line = implot.Spec(line_color=plots.series_color(0), line_weight=em(0.1))
        implot.plot_line("distance", steps, values, line)
        if item.best is not None and item.best < len(values):
            at, of = np.array([float(item.best)]), np.array([values[item.best]])
            mark = implot.Spec(
                marker=implot.Marker_.diamond,
                marker_size=em(0.35),
                marker_fill_color=plots.series_color(1),
                marker_line_color=plots.series_color(1),
            )
            implot.plot_scatter(f"best: {values[item.best]:.4g}", at, of, mark)
        implot.end_plot()
    plots.pop_style()
