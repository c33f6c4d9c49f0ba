"""Watch a run: is it getting better, is p running away, which snapshot is good."""

from __future__ import annotations

import time
from dataclasses import dataclass

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from common.runs.diagnosis import Remark, diagnose
from common.runs.state import RunState
from common.runs.status import status
from viz.desk.context import Context
from viz.desk.panel import Panel
from viz.desk.settings import Monitor
from viz.panels.training import header, quantities
from viz.panels.training.commands import COMMANDS, EXAMPLE_TIP, open_example
from viz.panels.training.curves import Axis
from viz.panels.training.legend import draw_legend
from viz.panels.training.pictures import RunPictures
from viz.panels.training.plots import Look, RunPlots
from viz.panels.training.quantities import Plot
from viz.session.session import Session
from viz.ui import sliders, widgets
from viz.ui.widgets import em

NO_RUN = (
    "No training run. Open a run directory (drop it on the window, or `visualizer.py RUN_DIR`), or "
    "a snapshot that lies in one: its p, losses, metrics and pictures are followed here, also "
    "while training goes on."
)
WIDE = 56
"""The width in em from which on words and plots lie beside each other."""
NO_TICK = "No statistics yet: plots appear with the first tick."
NO_SNAPSHOT = "No snapshot yet: the picture is of another network until the first one is written."
SMOOTHING_TIP = (
    "How much of an average is kept from tick to tick; 0 shows the values alone. Long runs are "
    "smoothed over more ticks, so that they look the same."
)
"""Shown over the slider of the smoothing."""
AXES: tuple[tuple[Axis, str, str], ...] = (
    ("kimg", "kimg", "Over thousands of real pictures shown."),
    ("hours", "hours", "Over the time since training began."),
)
"""What curves can be drawn over: each with its name and what it means."""


@dataclass(frozen=True)
class _Judged:
    """What is worked out once for every state of the run, and every second.

    run: the state that it was worked out from.
    second: when, in whole seconds.
    plots: those that the run has something for.
    phrases: how far the run is, in words.
    remarks: what is wrong or remarkable.
    """

    run: RunState
    second: int
    plots: tuple[Plot, ...]
    phrases: tuple[str, ...]
    remarks: tuple[Remark, ...]


class TrainingPanel:
    """Holds the part of the axis that is seen, and a smoothing that is being dragged."""

    def __init__(self) -> None:
        self._plots = RunPlots()
        self._pictures = RunPictures()
        self._smoothing: float | None = None
        self._judged: _Judged | None = None

    def draw(self, session: Session, context: Context) -> Session:
        """Draw the panel; return the session as it was edited there."""
        run = context.run
        if run is None and not context.watch.silent:
            self._empty(context)
            return session
        if run is None:
            header.draw_title(context)
            header.draw_remarks((), context.watch.silent)
            return session
        judged = self._judge(run)
        if imgui.get_content_region_avail().x >= em(WIDE):
            self._draw_beside(run, judged, session, context)
        else:
            header.draw_title(context)
            self._draw_words(run, judged, context)
            height = imgui.get_content_region_avail().y - self._pictures.height(run)
            self._draw_plots(run, judged.plots, session, context, max(height, em(9)))
            self._pictures.draw(run, context)
        return session

    def _draw_beside(
        self, run: RunState, judged: _Judged, session: Session, context: Context
    ) -> None:
        """Draw words and pictures on the left and plots on the right, in a low and wide place."""
        height = max(imgui.get_content_region_avail().y, em(9))
        if imgui.begin_child("words", ImVec2(em(24), height)):
            header.draw_title(context)
            self._draw_words(run, judged, context)
            self._pictures.draw(run, context)
        imgui.end_child()
        imgui.same_line(0, em(0.8))
        self._draw_plots(run, judged.plots, session, context, height)

    def _draw_words(self, run: RunState, judged: _Judged, context: Context) -> None:
        header.draw_status(run, judged.phrases)
        header.draw_following(context)
        header.draw_remarks(judged.remarks, context.watch.silent)
        if len(run.kimg):
            self._controls(judged.plots, context)
            draw_legend(context)
        else:
            widgets.hint(NO_TICK)
        if not context.snapshots:
            widgets.hint(NO_SNAPSHOT)

    def _judge(self, run: RunState) -> _Judged:
        now, before = time.time(), self._judged
        if before is not None and before.run is run and before.second == int(now):
            return before
        if before is not None and _same_numbers(before.run, run):
            plots = before.plots
        else:
            plots = quantities.plots(run)
        self._judged = _Judged(run, int(now), plots, status(run, now), diagnose(run, now))
        return self._judged

    def _empty(self, context: Context) -> None:
        widgets.hint(NO_RUN)
        imgui.spacing()
        if widgets.button(f"{fa.ICON_FA_FOLDER_OPEN}  Watch a run…###Watch a run"):
            context.actions.browse("run")
        if not context.elsewhere:
            imgui.same_line()
            if widgets.button("Open the example run", tip=EXAMPLE_TIP):
                open_example(context.actions)

    def _draw_plots(
        self,
        run: RunState,
        known: tuple[Plot, ...],
        session: Session,
        context: Context,
        height: float,
    ) -> None:
        if not len(run.kimg):
            return
        monitor = context.settings.monitor
        chosen = [p for p in known if quantities.is_shown(p, monitor.plots)]
        smoothing = monitor.smoothing if self._smoothing is None else self._smoothing
        overlay = context.overlay.run if context.overlay is not None else None
        look = Look(monitor.axis, smoothing, session.render.snapshot, context.marks, overlay)
        if imgui.begin_child("plots", ImVec2(0, height), 0, imgui.WindowFlags_.no_background):
            if chosen:
                clicked = self._plots.draw(run, chosen, look, imgui.get_content_region_avail().y)
                if clicked is not None and clicked.path != session.render.snapshot:
                    context.actions.show_snapshot(clicked.path)
                if self._plots.judge is not None:
                    judged = structs.replace(monitor, judge=self._plots.judge)
                    context.actions.change_settings(monitor=judged)
            else:
                widgets.hint("All plots are hidden. Choose some with Plots.")
        imgui.end_child()

    def _controls(self, known: tuple[Plot, ...], context: Context) -> None:
        monitor = context.settings.monitor
        axis = widgets.segmented("Axis", monitor.axis, AXES, labelled=False, width=0.0)
        imgui.same_line(0, em(0.6))
        button = imgui.calc_text_size("Plots").x + 2 * imgui.get_style().frame_padding.x
        imgui.set_next_item_width(max(imgui.get_content_region_avail().x - button - em(0.6), em(4)))
        shown = monitor.smoothing if self._smoothing is None else self._smoothing
        shown = sliders.slider_float("##Smoothing", shown, 0.0, 0.99, "smoothing %.2f")
        widgets.tooltip(SMOOTHING_TIP)
        # Settings are written to the disk: once, at the end of a drag.
        self._smoothing = shown if imgui.is_item_active() else None
        smoothing = monitor.smoothing if imgui.is_item_active() else shown
        if imgui.is_item_clicked(imgui.MouseButton_.right):
            smoothing = Monitor().smoothing
        imgui.same_line(0, em(0.6))
        if widgets.button("Plots", tip="Which plots are shown."):
            imgui.open_popup("plots")
        plots = _choose(known, monitor.plots)
        wanted = structs.replace(monitor, axis=axis, smoothing=smoothing, plots=plots)
        if wanted != monitor:
            context.actions.change_settings(monitor=wanted)


def _same_numbers(one: RunState, other: RunState) -> bool:
    return one.series is other.series and one.metrics is other.metrics


def _choose(known: tuple[Plot, ...], choices: dict[str, bool]) -> dict[str, bool]:
    """Draw a list of the plots to tick; what differs from the default is remembered."""
    imgui.set_next_window_size_constraints(ImVec2(em(14), 0), ImVec2(em(24), em(30)))
    if not imgui.begin_popup("plots"):
        return choices
    first_hidden = True
    for plot in known:
        if not plot.shown and first_hidden:
            imgui.separator()
            first_hidden = False
        shown = quantities.is_shown(plot, choices)
        changed, shown = imgui.checkbox(plot.name, shown)
        widgets.tooltip(plot.tip)
        if changed:
            rest = {name: value for name, value in choices.items() if name != plot.name}
            choices = rest if shown == plot.shown else {**rest, plot.name: shown}
    imgui.end_popup()
    return choices


PANEL = Panel(
    "Training",
    fa.ICON_FA_CHART_LINE,
    "right",
    1,
    make=lambda: TrainingPanel().draw,
    commands=COMMANDS,
)
