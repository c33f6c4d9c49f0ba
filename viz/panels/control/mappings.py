"""The list of mappings: which knob or message moves which control, and how."""

from __future__ import annotations

from typing import TypeAlias

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from viz.desk.context import Context
from viz.desk.parts.control import title_of
from viz.session import assignment
from viz.session.assignment import Assignment, Curve
from viz.session.controls import ROOT
from viz.session.ranges import FACTOR
from viz.ui import theme, widgets
from viz.ui.text import muted, shorten
from viz.ui.widgets import em

Assignments: TypeAlias = tuple[Assignment, ...]

CURVES: tuple[tuple[Curve, str, str], ...] = (
    ("linear", "Linear", "Evenly."),
    ("exponential", "Exp", "Fine at the low end, coarse at the high end."),
    ("logarithmic", "Log", "Coarse at the low end, fine at the high end."),
)
"""The curves, with the texts of their buttons and their tooltips."""
NONE = (
    "No knob moves anything yet. Right-click the name of a slider, choose Control by…, and move a "
    "knob or send a message."
)
"""What the panel says while there is no mapping."""
SMOOTHING_TIP = (
    "Seconds in which the control comes most of the way (63 %) to where the knob has gone."
)
"""Shown over the smoothing of a mapping."""
LIVE_EM = 2.8
"""The width of the column with the newest values, in em."""
MENU_EM = 22
"""The width of the menu of a mapping, in em."""


class Mappings:
    """Draws the list, and keeps what is looked for in the list of controls."""

    def __init__(self) -> None:
        self._sought = ""

    def draw(self, assignments: Assignments, context: Context) -> Assignments:
        """Draw the list; return it as it was edited."""
        if not assignments:
            widgets.hint(NONE)
        flags = imgui.TableFlags_.row_bg | imgui.TableFlags_.no_saved_settings
        after = assignments
        if assignments and imgui.begin_table("##mappings", 5, flags):
            fixed, rest = imgui.TableColumnFlags_.width_fixed, imgui.TableColumnFlags_.width_stretch
            imgui.table_setup_column("on", fixed, imgui.get_frame_height())
            imgui.table_setup_column("source", rest, 1.0)
            imgui.table_setup_column("live", fixed, em(LIVE_EM))
            imgui.table_setup_column("target", rest, 1.0)
            imgui.table_setup_column("buttons", fixed, 3 * imgui.get_frame_height() + em(0.5))
            for index, each in enumerate(assignments):
                imgui.table_next_row()
                imgui.push_id(index)
                changed = _draw_row(each, context)
                imgui.pop_id()
                if changed is None:
                    after = assignment.without(assignments, index)
                elif changed != each:
                    after = assignment.replaced(assignments, index, changed)
            imgui.end_table()
        self._draw_add(context)
        return after

    def _draw_add(self, context: Context) -> None:
        """Draw the button that lists every control and command, to have one of them learnt."""
        if widgets.button(
            f"{fa.ICON_FA_PLUS}  Add…###Add", tip="Choose what to control, then move a knob."
        ):
            self._sought = ""
            imgui.open_popup("add")
        if not imgui.begin_popup("add"):
            return
        imgui.set_next_item_width(em(MENU_EM))
        if imgui.is_window_appearing():
            imgui.set_keyboard_focus_here()
        _, self._sought = imgui.input_text_with_hint("##sought", "Search", self._sought)
        if imgui.begin_child("controls", ImVec2(em(MENU_EM), em(18))):
            listed = {each.address: each.title for each in context.control.controls()}
            for address, title in (listed | dict(context.control.commands)).items():
                if self._sought.lower() not in f"{title} {address}".lower():
                    continue
                if imgui.selectable(f"{title}##{address}", False)[0]:
                    context.actions.control.learn(address)
                    imgui.close_current_popup()
                widgets.tooltip(ROOT + address)
        imgui.end_child()
        imgui.end_popup()


def _draw_row(each: Assignment, context: Context) -> Assignment | None:
    """Draw one mapping; return it as it was edited, None where it was deleted."""
    side, gap = imgui.get_frame_height(), em(0.15)
    imgui.table_next_column()
    enabled = widgets.checkbox("##enabled", each.enabled, tip="Let it move the control.")
    imgui.table_next_column()
    _told(each.source, each.source)
    imgui.table_next_column()
    _draw_live(each, context)
    imgui.table_next_column()
    _told(title_of(context.control, each.target), ROOT + each.target)
    imgui.table_next_column()
    if imgui.button(f"{fa.ICON_FA_GEAR}###Edit", ImVec2(side, 0)):
        imgui.open_popup("edit")
    widgets.tooltip("Its range, curve and smoothing.")
    imgui.same_line(0, gap)
    if imgui.button(f"{fa.ICON_FA_ROTATE}###Learn", ImVec2(side, 0)):
        context.actions.control.learn(each.target)
    widgets.tooltip("Move it by another knob or message.")
    imgui.same_line(0, gap)
    deleted = imgui.button(f"{fa.ICON_FA_XMARK}###Delete", ImVec2(side, 0))
    widgets.tooltip("Take the mapping away.")
    each = structs.replace(each, enabled=enabled)
    if imgui.begin_popup("edit"):
        imgui.dummy(ImVec2(em(MENU_EM), 0))
        each = _draw_edit(each, context)
        imgui.end_popup()
    return None if deleted else each


def _told(text: str, tip: str) -> None:
    imgui.align_text_to_frame_padding()
    imgui.text_unformatted(shorten(text, imgui.get_content_region_avail().x))
    widgets.tooltip(tip)


def _draw_live(each: Assignment, context: Context) -> None:
    """Draw the newest value of the source as a bar."""
    value = context.control.value(each.source)
    if value is None:
        imgui.align_text_to_frame_padding()
        muted("–")
        widgets.tooltip("It has sent nothing yet.")
        return
    imgui.align_text_to_frame_padding()
    imgui.text_unformatted(f"{value:.2f}")
    widgets.tooltip("What it sent last.")
    low, side = imgui.get_item_rect_min(), imgui.get_frame_height()
    ink = theme.ink(theme.current().accent)
    top, width = low.y + 0.78 * side, em(LIVE_EM - 0.4)
    canvas = imgui.get_window_draw_list()
    ground = imgui.get_color_u32(imgui.Col_.frame_bg)
    canvas.add_rect_filled(ImVec2(low.x, top), ImVec2(low.x + width, top + em(0.2)), ground)
    width *= min(max(value, 0.0), 1.0)
    canvas.add_rect_filled(ImVec2(low.x, top), ImVec2(low.x + width, top + em(0.2)), ink)


def _draw_edit(each: Assignment, context: Context) -> Assignment:
    """Draw how the value of the source becomes that of the control; return it as it was edited."""
    control = context.control.control(each.target)
    switch = control is not None and control.kind == "switch"
    if each.target in context.control.commands:
        widgets.hint("Each press runs the command.")
        return each
    if switch:
        tip = "Each press switches it over. Off: it is on for as long as the button is held."
        return structs.replace(each, toggle=widgets.checkbox("Toggle", each.toggle, tip=tip))
    low, high = (0.0, 1.0) if control is None else (control.low, control.high)
    speed = abs(high - low) / 200 or 0.01
    lowest = widgets.drag(
        "From", each.low, speed=speed, default=low, tip="Its value with the knob all the way down."
    )
    highest = widgets.drag(
        "To", each.high, speed=speed, default=high, tip="Its value with the knob all the way up."
    )
    curve = widgets.segmented("Curve", each.curve, CURVES, default="linear")
    smoothing = widgets.slider(
        "Smoothing", each.smoothing, 0.0, 5.0, default=0.0, fmt="%.2f s", tip=SMOOTHING_TIP
    )
    invert = widgets.checkbox("Invert", each.invert, default=False, tip="Down is up.")
    return structs.replace(
        each,
        low=FACTOR.nearest(lowest),
        high=FACTOR.nearest(highest),
        curve=curve,
        smoothing=min(max(smoothing, 0.0), 60.0),
        invert=invert,
    )
