"""Which run is which, where the curves of two are drawn over each other."""

from __future__ import annotations

from pathlib import PurePath

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from viz.desk.context import Context
from viz.desk.facts import Overlay
from viz.ui import plots, theme, widgets
from viz.ui.text import shorten
from viz.ui.widgets import em

OVERLAY_COLORS = 4
"""The colour of a curve of the other run, counted from that of the first."""
LINE = 1.6
"""How long the line before a name is, in em."""
OVERLAY_WEIGHT = 0.065
"""How wide lines of the other run are, in em; those of the first are 0.1."""


def draw_legend(context: Context) -> None:
    """Draw a line for each run with its name, and a button that takes the other one away."""
    overlay = context.overlay
    if overlay is None:
        return
    button, gap = imgui.get_frame_height(), em(1.2)
    room = imgui.get_content_region_avail().x
    first, other = PurePath(context.watch.path).name, PurePath(overlay.path).name
    beside = _width(first) + gap + _width(other) + em(0.6) + button <= room
    _entry(first, 0, 0.1, room)
    if beside:
        imgui.same_line(0, gap)
    _entry(other, OVERLAY_COLORS, OVERLAY_WEIGHT, imgui.get_content_region_avail().x - button)
    problem = _problem(overlay)
    widgets.tooltip("\n".join(filter(None, (overlay.path, problem))))
    imgui.same_line()
    tip = "Draw the curves of the watched run alone."
    if widgets.button(f"{fa.ICON_FA_XMARK}###Compare no longer", tip=tip, width=button):
        context.actions.overlay_run(None)
    if problem:
        imgui.text_colored(theme.color(theme.current().warning), problem)


def _width(name: str) -> float:
    return em(LINE) + em(0.5) + float(imgui.calc_text_size(name).x)


def _entry(name: str, color: int, weight: float, room: float) -> None:
    """Draw a line in the colour of a run's first curve, and its name, within `room` pixels."""
    at, length = imgui.get_cursor_screen_pos(), em(LINE)
    y = at.y + imgui.get_frame_height() / 2
    ink = imgui.get_color_u32(plots.series_color(color))
    imgui.get_window_draw_list().add_line(
        ImVec2(at.x, y), ImVec2(at.x + length, y), ink, em(weight)
    )
    imgui.dummy(ImVec2(length, imgui.get_frame_height()))
    imgui.same_line(0, em(0.5))
    imgui.align_text_to_frame_padding()
    imgui.text_unformatted(shorten(name, max(room - length - em(1.1), em(3))))


def _problem(overlay: Overlay) -> str:
    """Why there are no curves of the other run, empty where there are."""
    run = overlay.run
    if overlay.silent:
        return f"Its folder has not answered for {overlay.silent:.0f} s."
    if run is None:
        return "Reading …"
    if run.problem or not run.exists:
        return f"It cannot be read: {run.problem or 'the folder is not there'}."
    return "" if len(run.kimg) else "It has no statistics."
