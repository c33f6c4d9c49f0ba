"""The plots of a run: stacked over one axis, with a cursor through all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from imgui_bundle import ImVec2, imgui, implot

from common.runs.diagnosis import is_lower_better
from common.runs.state import RunState, SnapshotFile
from common.runs.ticks import Floats
from common.units import kimg_number, rough_duration
from viz.desk.parts.marks import Marks
from viz.panels.training import curves
from viz.panels.training import lines as run_lines
from viz.panels.training.axis import SharedAxis
from viz.panels.training.curves import Axis
from viz.panels.training.legend import OVERLAY_COLORS
from viz.panels.training.overlay_lines import OverlayLines
from viz.panels.training.quantities import P, Plot
from viz.panels.training.values import value_at
from viz.ui import plots, stars, theme, widgets
from viz.ui.widgets import em

FLAGS = (
    implot.Flags_.no_menus
    | implot.Flags_.no_box_select
    | implot.Flags_.no_mouse_text
    | implot.Flags_.no_legend
    | implot.Flags_.no_title
)
"""Flags of the plots, whose names and values are drawn above them."""
LOWEST, HIGHEST = 3.6, 11.0
"""The smallest and the largest height of a plot, in em."""
SMOOTHED_TIP = "Smoothed, as the line is; over the plot the values as they were recorded are told."
"""What the tooltip of a caption says where its number is an average."""
COLUMN = 26
"""The width in em from which on there is another column of plots."""


@dataclass(frozen=True)
class Look:
    """How the plots are drawn.

    axis: what runs along x.
    smoothing: how much of an average is kept from tick to tick, 0…1.
    shown: the path of the snapshot in the picture.
    marks: what is said of the snapshots.
    overlay: a run whose curves are drawn over those, None for none.
    """

    axis: Axis
    smoothing: float
    shown: str
    marks: Marks
    overlay: RunState | None = None


class RunPlots:
    """Keeps the part of the axis that is seen, and the lines that were computed.

    judge: the metric that was chosen in this frame to tell the best snapshot, None for none.
    """

    def __init__(self) -> None:
        self._axis = SharedAxis()
        self._lines = run_lines.Lines()
        self._overlay = OverlayLines()
        self.judge: str | None = None

    def draw(
        self, state: RunState, chosen: Sequence[Plot], look: Look, height: float
    ) -> SnapshotFile | None:
        """Draw the plots in columns; return the snapshot that was clicked, None where none was.

        chosen: the plots.
        look: how they are drawn.
        height: of all of them, in pixels.
        """
        self.judge = None
        marks = [s for s in state.snapshots if s.complete and s.kimg is not None]
        at = curves.place(state, [s.kimg for s in marks if s.kimg is not None], look.axis)
        shown = next((i for i, s in enumerate(marks) if s.path == look.shown), None)
        self._overlay.begin(look.overlay, look.axis)
        self._axis.begin(state, look.axis, np.concatenate([at, self._overlay.ends]))
        columns = min(max(int(imgui.get_content_region_avail().x / em(COLUMN)), 1), len(chosen))
        rows = math.ceil(len(chosen) / columns)
        plots.push_style(ImVec2(em(0.4), em(0.25)))
        implot.push_style_var(implot.StyleVar_.plot_min_size, ImVec2(em(4), em(2)))
        if imgui.begin_table("##plots", columns):
            for column in range(columns):
                imgui.table_next_column()
                part = chosen[column * rows : (column + 1) * rows]
                self._column(state, part, look, (at, shown), height / rows)
            imgui.end_table()
        implot.pop_style_var()
        plots.pop_style()
        self._axis.end()
        if self._axis.cursor is not None and len(self._axis.ticks):
            self._tooltip(state, chosen, self._axis.cursor, marks, at)
        return self._axis.clicked(marks, at)

    def _column(
        self,
        state: RunState,
        chosen: Sequence[Plot],
        look: Look,
        marks: tuple[Floats, int | None],
        room: float,
    ) -> None:
        """Draw plots below each other, with the numbers of the axis below the last.

        marks: where the snapshots lie on the axis, and the index of the shown one.
        room: height for each plot, in pixels.
        """
        line = imgui.get_text_line_height()
        ruler = line + em(0.5)
        room -= line + 2 * imgui.get_style().item_spacing.y + ruler / max(len(chosen), 1)
        room = min(max(room, em(LOWEST)), em(HIGHEST))
        if implot.begin_aligned_plots("run"):
            for i, plot in enumerate(chosen):
                self._caption(state, plot, look)
                lowest = i == len(chosen) - 1
                size = ImVec2(-1, room + (ruler if lowest else 0.0))
                self._plot(state, plot, look, marks, size, lowest=lowest)
            implot.end_aligned_plots()

    def _plot(
        self,
        state: RunState,
        plot: Plot,
        look: Look,
        marks: tuple[Floats, int | None],
        size: ImVec2,
        *,
        lowest: bool,
    ) -> None:
        if not imgui.is_rect_visible(size if size.x > 0 else ImVec2(em(), size.y)):
            imgui.dummy(ImVec2(1, size.y))
            return
        columns = max(int(imgui.get_content_region_avail().x), 16)
        lines = self._lines.of(state, plot, self._axis, look.smoothing, columns)
        others = self._overlay.of(plot, self._axis, look.smoothing, columns, log=lines[0].log)
        low, high = run_lines.span(plot, [*lines, *(line for _, line in others)])
        if not implot.begin_plot(f"##{plot.name}", size, FLAGS):
            return
        flags = plots.FIXED | implot.AxisFlags_.no_menus
        bare = flags | implot.AxisFlags_.no_tick_labels | implot.AxisFlags_.no_tick_marks
        implot.setup_axes("", "", flags if lowest else bare, flags)
        self._axis.setup()
        implot.setup_axis_limits(implot.ImAxis_.y1, low, high, implot.Cond_.always)
        self._steps(size.y, columns, (low, high), log=lines[0].log)
        if lines[0].log:
            implot.setup_axis_scale(implot.ImAxis_.y1, implot.Scale_.log10)
        run_lines.draw_marks(*marks, self._axis.cursor, low)
        if plot.name == P.name:
            run_lines.draw_target(state)
        smooth = look.smoothing > 0 and not plot.exact
        self._overlay.draw(plot, others, smooth=smooth)
        for i, (curve, line) in enumerate(zip(plot.curves, lines, strict=True)):
            color = plots.series_color(i)
            run_lines.draw(curve.label, line, color, points=plot.metric, smooth=smooth)
        if plot.metric and plot.name == look.marks.metric and look.marks.best_kimg is not None:
            self._draw_star(state, look.marks)
        if implot.is_plot_hovered():
            self._axis.point()
        implot.end_plot()

    def _draw_star(self, state: RunState, marks: Marks) -> None:
        """Draw a star at the best snapshot, over everything in the plot."""
        at = curves.place(state, [marks.best_kimg or 0.0], self._axis.kind)
        middle = implot.plot_to_pixels(float(at[0]), marks.best_value)
        implot.push_plot_clip_rect(em(0.6))
        stars.star(implot.get_plot_draw_list(), ImVec2(middle.x, middle.y), best=True)
        implot.pop_plot_clip_rect()

    def _steps(self, height: float, width: float, y: tuple[float, float], *, log: bool) -> None:
        """Set up the marks on both axes: as many as there is room for, the same in all plots."""
        axis, line = self._axis, imgui.get_text_line_height()
        across = curves.round_steps(axis.low, axis.high, max(3, int(width / em(4.5))), log=False)
        # A label in the corner would be cut off.
        edge = axis.high - em(1.5) / width * (axis.high - axis.low)
        across = [step for step in across if step < edge] or across
        names = [_kimg(s) if axis.kind == "kimg" else f"{s:g} h" for s in across]
        implot.setup_axis_ticks(implot.ImAxis_.x1, across, names)
        up = curves.round_steps(*y, max(3, int(height / (1.6 * line))), log=log)
        implot.setup_axis_ticks(implot.ImAxis_.y1, up, [_step(step) for step in up])

    def _caption(self, state: RunState, plot: Plot, look: Look) -> None:
        """Draw the plot's name, and its values at the cursor, or the newest ones.

        They are those of the lines in these colours, which are smoothed where `look` says so.
        """
        muted = theme.color(theme.current().muted)
        named = len(plot.curves) == 1  # then the curve's name says it
        if not named:
            imgui.text_colored(muted, plot.name)
            widgets.tooltip(plot.tip)
        for i, curve in enumerate(plot.curves):
            if i or not named:
                imgui.same_line(0, em(0.7))
            raw = value_at(state, plot, curve, self._axis, self._axis.cursor)
            value = raw
            if math.isfinite(raw):  # what went wrong at last must not be averaged away
                value = self._lines.value(state, plot, curve, self._axis, look.smoothing)
            imgui.text_colored(plots.series_color(i), f"{curve.label} {_number(value)}")
            averaged = look.smoothing > 0 and not plot.metric and not plot.exact
            smoothed = f"\n\n{SMOOTHED_TIP}" if averaged else ""
            widgets.tooltip(f"{plot.tip}{smoothed}".strip())
        extra = _extra(state, plot, look.marks)
        if plot.metric:
            self._draw_judge(plot.name, extra, chosen=plot.name == look.marks.metric)
        elif extra:
            imgui.same_line(0, em(0.7))
            imgui.text_colored(muted, extra)

    def _draw_judge(self, name: str, extra: str, *, chosen: bool) -> None:
        """Draw a star that makes this metric the one that tells the best snapshot."""
        palette = theme.current()
        imgui.same_line(0, em(0.7))
        imgui.text_colored(theme.color(palette.muted, 0.0 if chosen else 0.5), stars.STAR)
        if chosen:
            a, b = imgui.get_item_rect_min(), imgui.get_item_rect_max()
            middle = ImVec2((a.x + b.x) / 2, (a.y + b.y) / 2)
            stars.star(imgui.get_window_draw_list(), middle, best=True, size=0.9)
        imgui.same_line(0, em(0.35))
        imgui.text_colored(theme.color(palette.muted), extra)
        low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
        low.x -= em(1.4)
        imgui.set_cursor_screen_pos(low)
        if imgui.invisible_button(f"Best by {name}", ImVec2(high.x - low.x, high.y - low.y)):
            self.judge = name
        told = "tells the best snapshot, here and in the Timeline."
        tip = f"{name} {told}" if chosen else f"Click: {name} {told}"
        widgets.tooltip(tip)

    def _tooltip(
        self,
        state: RunState,
        chosen: Sequence[Plot],
        cursor: float,
        marks: Sequence[SnapshotFile],
        at: Floats,
    ) -> None:
        """Show all values at the tick nearest to the mouse in a tooltip."""
        tick = curves.nearest(self._axis.ticks, cursor)
        imgui.begin_tooltip()
        passed = float(state.times[tick] - state.times[0])
        after = f" after {rough_duration(passed)}" if math.isfinite(passed) else ""
        imgui.text_unformatted(f"{kimg_number(float(state.kimg[tick]))} kimg{after}")
        both = self._overlay.state is not None
        if imgui.begin_table("##values", 2 + both, imgui.TableFlags_.sizing_fixed_fit):
            for plot in chosen:
                for i, curve in enumerate(plot.curves):
                    imgui.table_next_column()
                    imgui.text_colored(plots.series_color(i), curve.label)
                    imgui.table_next_column()
                    value = value_at(state, plot, curve, self._axis, cursor)
                    imgui.text_unformatted(_number(value))
                    if both:
                        imgui.table_next_column()
                        other = self._overlay.value(plot, curve, self._axis, cursor)
                        color = plots.series_color(OVERLAY_COLORS + i)
                        imgui.text_colored(color, _number(other))
            imgui.end_table()
        if marks:
            kimg = marks[int(np.argmin(np.abs(at - cursor)))].kimg
            muted = theme.color(theme.current().muted)
            imgui.text_colored(muted, f"Click: the snapshot at {kimg:g} kimg")
        imgui.end_tooltip()


def _extra(state: RunState, plot: Plot, marks: Marks) -> str:
    if plot.name == P.name and state.options.target is not None:
        return f"target {state.options.target:g}"
    if plot.metric:
        if plot.name == marks.metric and marks.best_kimg is not None:
            return f"best {_number(marks.best_value)} at {kimg_number(marks.best_kimg)}"
        metric = state.metrics[plot.name]
        best = int((np.argmin if is_lower_better(plot.name) else np.argmax)(metric.value))
        at = kimg_number(float(metric.kimg[best]))
        return f"best {_number(float(metric.value[best]))} at {at}"
    return ""


def _kimg(value: float) -> str:
    return _step(value) if abs(value) < 10_000 else f"{_step(value / 1000)}k"


def _step(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def _number(value: float) -> str:
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "not finite"
    return f"{value:.3g}".replace("-", "−")
