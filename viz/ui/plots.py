"""Plots that several panels draw, in the colours of the theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from imgui_bundle import ImVec2, ImVec4, imgui, implot

from renderer.messages.frame import Histogram
from viz.ui import theme
from viz.ui.widgets import em

QUIET = (
    implot.Flags_.no_menus
    | implot.Flags_.no_box_select
    | implot.Flags_.no_mouse_text
    | implot.Flags_.no_inputs
)
"""Flags of a plot that only shows: it does not answer the mouse."""
FIXED = implot.AxisFlags_.no_highlight | implot.AxisFlags_.no_side_switch
"""Flags of an axis that stays as it was set up."""


def series_color(index: int) -> ImVec4:
    """Return the colour of a line by its place in the plot; legible in both themes, it repeats."""
    palette = theme.current()
    muted = (0x9B7BD4, 0x3FA7A0, 0xC7758D, 0x8A8F3C)
    colors = (palette.accent, palette.warning, palette.good, palette.error, *muted)
    return theme.color(colors[index % len(colors)])


def push_style(padding: ImVec2) -> None:
    """Leave little room in plots and between their labels, until `pop_style`.

    padding: the room around a plot, in pixels.
    """
    implot.push_style_var(implot.StyleVar_.plot_padding, padding)
    implot.push_style_var(implot.StyleVar_.label_padding, ImVec2(em(0.2), em(0.2)))
    # The border of input fields, which ImPlot draws around the axes' labels too.
    imgui.push_style_var(imgui.StyleVar_.frame_border_size, 0.0)


def pop_style() -> None:
    """Undo what `push_style` did."""
    imgui.pop_style_var()
    implot.pop_style_var(2)


def histograms(
    name: str, items: Sequence[tuple[str, Histogram]], *, log: bool, height: float
) -> None:
    """Draw several histograms over each other; their bins may differ in place and width.

    Each is scaled to its own fullest bin, because one channel holds far fewer values than all.
    name: of the plot, unique in its window.
    items: the histograms with their labels.
    log: counts lie on a logarithmic axis.
    height: of the plot, in pixels.
    """
    items = [(label, h) for label, h in items if h.counts and h.high > h.low]
    if not items:
        return
    low = min(h.low for _, h in items)
    high = max(h.high for _, h in items)
    floor = 1e-4 if log else 0.0
    padding = ImVec2(em(0.5), em(0.35))
    push_style(padding)
    if implot.begin_plot(f"##{name}", ImVec2(-1, height), QUIET):
        implot.setup_axes("", "", FIXED, FIXED | implot.AxisFlags_.no_tick_labels)
        implot.setup_axis_limits(implot.ImAxis_.x1, low, high, implot.Cond_.always)
        implot.setup_axis_limits(implot.ImAxis_.y1, floor, 1.08, implot.Cond_.always)
        if log:
            implot.setup_axis_scale(implot.ImAxis_.y1, implot.Scale_.log10)
        implot.setup_legend(implot.Location_.north_east, implot.LegendFlags_.horizontal)
        for i, (label, histogram) in enumerate(items):
            _histogram(label, histogram, floor, series_color(i))
        implot.end_plot()
    pop_style()


def _histogram(label: str, histogram: Histogram, floor: float, color: ImVec4) -> None:
    counts = np.asarray(histogram.counts, np.float64)
    shares = np.maximum(counts / max(counts.max(), 1.0), floor)
    edges = np.linspace(histogram.low, histogram.high, len(counts) + 1)
    # Two points per bin draw its flat top.
    xs, ys = np.repeat(edges, 2)[1:-1], np.repeat(shares, 2)
    shade = implot.Spec(fill_color=color, fill_alpha=0.28, line_color=color)
    implot.plot_shaded(label, xs, ys, floor, shade)
    implot.plot_line(label, xs, ys, implot.Spec(line_color=color, line_weight=em(0.09)))


def times(
    name: str,
    series: Mapping[str, Sequence[float]],
    *,
    size: ImVec2,
    stacked: bool = False,
    unit: str = "ms",
) -> None:
    """Draw values of the last moments from left (old) to right (now), as lines or stacked areas.

    The colour of the series at place i is `series_color(i)`; the caller names them.
    name: of the plot, unique in its window.
    series: the values by label, oldest first; all end now.
    size: width and height in pixels, -1 for all of the room.
    stacked: areas on top of each other are drawn instead of lines.
    unit: of the values.
    """
    arrays = {k: np.asarray(v, np.float64) for k, v in series.items() if len(v)}
    length = max((len(v) for v in arrays.values()), default=0)
    # Series that began later stay empty on the left.
    aligned = [np.concatenate([np.full(length - len(v), np.nan), v]) for v in arrays.values()]
    top = round_up(_peak(aligned, stacked))
    push_style(ImVec2(em(0.4), em(0.35)))
    if implot.begin_plot(f"##{name}", size, QUIET | implot.Flags_.no_legend):
        bare = FIXED | implot.AxisFlags_.no_tick_labels | implot.AxisFlags_.no_tick_marks
        implot.setup_axes("", "", bare | implot.AxisFlags_.no_grid_lines, FIXED)
        implot.setup_axis_limits(implot.ImAxis_.x1, 0, max(length - 1, 1), implot.Cond_.always)
        implot.setup_axis_limits(implot.ImAxis_.y1, 0, top, implot.Cond_.always)
        ticks = [0.0, top / 2, top]
        implot.setup_axis_ticks(implot.ImAxis_.y1, ticks, [f"{t:g} {unit}" for t in ticks])
        _draw_times(list(arrays), aligned, stacked)
        implot.end_plot()
    pop_style()


def _draw_times(labels: list[str], values: list[np.ndarray], stacked: bool) -> None:
    below = np.zeros(len(values[0]) if values else 0)
    xs = np.arange(len(below), dtype=np.float64)
    for i, (label, value) in enumerate(zip(labels, values, strict=True)):
        color = series_color(i)
        if stacked:
            above = below + np.nan_to_num(value)
            shade = implot.Spec(fill_color=color, fill_alpha=0.75, line_color=color)
            implot.plot_shaded(label, xs, below, above, shade)
            below = above
        else:
            spec = implot.Spec(line_color=color, line_weight=em(0.09))
            implot.plot_line(label, xs, value, spec)


def _peak(values: list[np.ndarray], stacked: bool) -> float:
    if not values:
        return 1.0
    known = np.nan_to_num(values)
    total = np.sum(known, axis=0) if stacked else np.max(known, axis=0)
    # One slow frame in a hundred must not flatten the rest.
    return float(max(np.percentile(total, 99) * 1.35, 1.0))


def round_up(value: float) -> float:
    """Return the next of … 0.5, 1, 2, 5, 10 …: so an axis stands still while values jitter.

    value: above 0.
    """
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= value))


def color_bar(colors: np.ndarray, low: ImVec2, high: ImVec2) -> None:
    """Draw a colour table, [256, 3] uint8, from left to right between two screen positions."""
    draw_list = imgui.get_window_draw_list()
    stops = 32
    picked = colors[np.linspace(0, len(colors) - 1, stops + 1).astype(int)] / 255.0
    packed = [imgui.get_color_u32(ImVec4(r, g, b, 1.0)) for r, g, b in picked.tolist()]
    width = (high.x - low.x) / stops
    for i in range(stops):
        a, b = ImVec2(low.x + i * width, low.y), ImVec2(low.x + (i + 1) * width, high.y)
        draw_list.add_rect_filled_multi_color(
            a, b, packed[i], packed[i + 1], packed[i + 1], packed[i]
        )
