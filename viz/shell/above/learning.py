"""Having a knob move a control: the menu of a control, and the wait for the knob."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from viz.desk.commands import Desk
from viz.desk.parts.control import title_of
from viz.session.assignment import Assignment, without
from viz.session.controls import ROOT
from viz.ui import controlled, theme, widgets
from viz.ui.text import muted
from viz.ui.widgets import em

_MENU = "##control"


class Learning:
    """Draws both. It keeps which control the menu is of."""

    def __init__(self) -> None:
        self._address = ""

    def draw(self, desk: Desk) -> None:
        """Draw what is open, after all panels."""
        asked = controlled.take()
        if asked:
            self._address = asked
            imgui.open_popup(_MENU)
        if imgui.begin_popup(_MENU):
            self._draw_menu(desk)
            imgui.end_popup()
        if desk.context.control.learning:
            _draw_wait(desk)

    def _draw_menu(self, desk: Desk) -> None:
        address, actions = self._address, desk.actions
        imgui.dummy(ImVec2(em(15), 0))
        muted(title_of(desk.context.control, address))
        imgui.separator()
        if imgui.menu_item("Control by…###Control by", "", False)[0]:
            actions.control.learn(address)
        widgets.tooltip("Then move a knob, press a pad, or send an OSC message: it moves this.")
        assignments = desk.cell.now.assignments
        index = next((i for i, each in enumerate(assignments) if each.target == address), None)
        if index is not None:
            self._draw_assigned(desk, assignments, index)
        if imgui.menu_item("Copy its OSC address###Copy address", "", False)[0]:
            actions.copy_text(ROOT + address, "Copied the address.")
        widgets.tooltip(f"{ROOT}{address}, which takes its value as a number.")
        if imgui.menu_item("All mappings###All", "", False)[0]:
            actions.focus_panel("Control")

    def _draw_assigned(self, desk: Desk, assignments: tuple[Assignment, ...], index: int) -> None:
        source = assignments[index].source
        if imgui.menu_item(f"Free it from {source}###Free", "", False)[0]:
            kept = without(assignments, index)
            desk.cell.set(structs.replace(desk.cell.now, assignments=kept))


def _draw_wait(desk: Desk) -> None:
    """Say over the window what is waited for, until it comes or is given up."""
    control, view = desk.context.control, imgui.get_main_viewport()
    imgui.set_next_window_pos(
        ImVec2(view.pos.x + view.size.x / 2, view.pos.y + em(4)),
        imgui.Cond_.always,
        ImVec2(0.5, 0.0),
    )
    flags = (
        imgui.WindowFlags_.no_decoration
        | imgui.WindowFlags_.no_docking
        | imgui.WindowFlags_.no_saved_settings
        | imgui.WindowFlags_.always_auto_resize
        | imgui.WindowFlags_.no_focus_on_appearing
    )
    imgui.push_style_color(imgui.Col_.border, theme.color(theme.current().accent))
    imgui.push_style_var(imgui.StyleVar_.window_border_size, max(em(0.1), 1.0))
    imgui.begin("Learning", None, flags)
    imgui.pop_style_var()
    imgui.pop_style_color()
    imgui.align_text_to_frame_padding()
    title = title_of(control, control.learning)
    imgui.text_unformatted(
        f"{fa.ICON_FA_SLIDERS}  Move a knob or send a message to control {title}"
    )
    imgui.same_line(0, em(1.5))
    if widgets.button("Cancel", tip="Wait for nothing (Escape)."):
        desk.actions.control.learn("")
    heard = [*([f"OSC at {control.osc}"] if control.osc else []), *control.midi]
    muted(f"Listening to {', '.join(heard)}." if heard else "Nothing is listened to.")
    for problem in control.problems:
        muted(problem)
    imgui.end()
