"""What is to be said of a run: its state, following, and remarks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import PurePath

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from common import units
from common.runs.diagnosis import Remark
from common.runs.state import RunState
from common.runs.status import is_running
from viz.desk import far_away
from viz.desk.context import Context
from viz.ui import theme, widgets
from viz.ui.layout import align_right
from viz.ui.text import muted, shorten
from viz.ui.widgets import em

FOLLOW_TIP = (
    "Show every new snapshot as soon as it is written, at the same latent (Ctrl+Shift+F). It waits "
    "while you look at another snapshot, and makes no step of undo."
)
"""Shown over the switch that follows the run."""
ICONS = {
    "error": fa.ICON_FA_CIRCLE_EXCLAMATION,
    "warning": fa.ICON_FA_TRIANGLE_EXCLAMATION,
    "note": fa.ICON_FA_CIRCLE_INFO,
}
"""The icon of a remark, by how grave it is."""


def draw_title(context: Context) -> None:
    """Draw the run's name with a light, the follow switch and a menu."""
    watch, run = context.watch, context.run
    menu, gap = imgui.get_frame_height(), em(0.3)
    text = f"{fa.ICON_FA_TOWER_BROADCAST}  Follow"
    follow = imgui.calc_text_size(text).x + 2 * imgui.get_style().frame_padding.x
    _light(context)
    imgui.same_line(0, em(0.45))
    room = imgui.get_content_region_avail().x - menu - follow - 3 * gap
    imgui.align_text_to_frame_padding()
    imgui.text_unformatted(shorten(PurePath(watch.path).name, max(room, em(3))))
    widgets.tooltip(_about(watch.path, run))
    imgui.same_line()
    align_right(menu + follow + gap)
    on = context.settings.monitor.follow
    if widgets.button(f"{text}###Follow", tip=FOLLOW_TIP, on=on):
        context.actions.follow_run(not on)
    imgui.same_line(0, gap)
    if widgets.button(f"{fa.ICON_FA_ELLIPSIS_VERTICAL}###Run", tip="More.", width=menu):
        imgui.open_popup("run")
    if imgui.begin_popup("run"):
        draw_menu(context)
        imgui.end_popup()


def draw_menu(context: Context) -> None:
    """Draw the items of the menu of a run: which run is watched, and where it lies."""
    actions, watch = context.actions, context.watch
    if imgui.menu_item("Watch another run…", "", False)[0]:
        actions.browse("run")
    if imgui.menu_item("Compare with run…", "", False, context.run is not None)[0]:
        actions.browse("overlay")
    widgets.tooltip("The curves of a second run over those of this one, on the same axis.")
    if imgui.menu_item("Watch the open snapshot's run", "", False, watch.chosen)[0]:
        actions.watch_run(None)
    imgui.separator()
    near = not context.elsewhere
    if imgui.menu_item("Show in file manager", "", False, near and bool(watch.path))[0]:
        actions.reveal(watch.path)
    widgets.tooltip(far_away.no_files(context))
    if imgui.menu_item("Copy path", "", False, bool(watch.path))[0]:
        actions.copy_text(watch.path, f"Copied: {watch.path}")


def _light(context: Context) -> None:
    """Draw a light: green while ticks come, amber where the disk is silent, grey otherwise."""
    palette, run = theme.current(), context.run
    color = palette.muted
    if context.watch.silent:
        color = palette.warning
    elif run is not None and is_running(run, time.time()):
        color = palette.good
    size, height = em(0.55), imgui.get_frame_height()
    at = imgui.get_cursor_screen_pos()
    packed = imgui.get_color_u32(theme.color(color))
    middle = ImVec2(at.x + size / 2, at.y + height / 2)
    imgui.get_window_draw_list().add_circle_filled(middle, size / 2, packed)
    imgui.dummy(ImVec2(size, height))


def _about(path: str, run: RunState | None) -> str:
    if run is None:
        return path
    options = run.options
    facts = [path]
    facts += [f"Data: {options.data}"] if options.data else []
    facts += [f"Configuration: {options.cfg}"] if options.cfg else []
    facts += [f"Started from {options.resume}"] if options.resume else []
    facts.append(f"{len(run.kimg)} ticks, {len(run.snapshots)} snapshots")
    if run.total:
        facts.append(f"{units.file_size(run.free)} of {units.file_size(run.total)} are free")
    return "\n".join(facts)


def draw_status(run: RunState, phrases: Sequence[str]) -> None:
    """Draw how far the run is, as a bar and in words."""
    total, kimg = run.options.total_kimg, run.kimg
    if total and len(kimg):
        fraction = min(max(float(kimg[-1]) / total, 0.0), 1.0)
        imgui.progress_bar(fraction, ImVec2(-1, em(0.3)), "")
    _flow(phrases)


def _flow(phrases: Sequence[str]) -> None:
    """Draw phrases on as few lines as possible, none of them broken."""
    right = imgui.get_cursor_screen_pos().x + imgui.get_content_region_avail().x
    for i, phrase in enumerate(phrases):
        gap, width = em(0.9), imgui.calc_text_size(phrase).x
        if i and imgui.get_item_rect_max().x + gap + width <= right:
            imgui.same_line(0, gap)
        (muted if i else imgui.text_unformatted)(phrase)


def draw_following(context: Context) -> None:
    """Say why the newest snapshot is not in the picture."""
    watch, monitor = context.watch, context.settings.monitor
    if not monitor.follow or not watch.paused:
        return
    shown = context.model.kimg if context.model is not None else None
    model = context.model
    outside = model is None or PurePath(model.path).parent != PurePath(watch.path)
    what = "another snapshot" if shown is None or outside else f"{units.kimg(shown)}"
    imgui.align_text_to_frame_padding()
    muted(f"{fa.ICON_FA_PAUSE}  Following paused: you chose {what}.")
    imgui.same_line(0, em(0.6))
    if imgui.small_button("Resume"):
        context.actions.follow_run(True)
    widgets.tooltip("Show the newest snapshot, and every one that comes.")


def draw_remarks(remarks: Sequence[Remark], silent: float) -> None:
    """Draw remarks, the gravest first; hovering tells why and what to do."""
    palette = theme.current()
    colors = {"error": palette.error, "warning": palette.warning, "note": palette.muted}
    if silent:
        remarks = (
            Remark(
                "silent",
                "warning",
                f"The folder has not answered for {silent:.0f} s.",
                "The disk or the network is slow or gone. What is on the screen is what was read "
                "before; it goes on by itself when the folder answers.",
            ),
            *remarks,
        )
    for remark in remarks:
        imgui.begin_group()
        imgui.text_colored(theme.color(colors[remark.severity]), ICONS[remark.severity])
        imgui.same_line(em(1.7))
        imgui.push_text_wrap_pos(0.0)
        imgui.text_unformatted(remark.text)
        imgui.pop_text_wrap_pos()
        imgui.end_group()
        widgets.tooltip(remark.remedy)
