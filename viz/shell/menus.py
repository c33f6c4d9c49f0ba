"""The menu bar, out of the table of commands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from imgui_bundle import imgui
from msgspec import structs

from common.units import by
from viz.desk.commands import Command, Desk, shown
from viz.desk.panel import Panel
from viz.shell.sides.switches import draw_switches
from viz.ui import widgets

MENUS = ("File", "Edit", "View", "Picture", "Timeline", "Compare", "Help")
"""The menus of the bar, in their order."""


def draw(desk: Desk, panels: Sequence[Panel]) -> None:
    """Draw the menus and the switches of the sides, inside the menu bar.

    panels: those that the View menu lists.
    """
    for menu in MENUS:
        if imgui.begin_menu(menu):
            listed = [command for command in desk.commands if command.menu == menu]
            listed.sort(key=lambda command: command.name == "app.quit")  # it ends the menu
            for i, command in enumerate(listed):
                if command.new_group and i:
                    imgui.separator()
                _item(command, desk)
                if command.name == "file.open":
                    _recent(desk)
                elif command.name == "view.full_screen":
                    _output(desk)
            if menu == "View":
                imgui.separator()
                _panels(desk, panels)
            imgui.end_menu()
    draw_switches(desk)


def _item(command: Command, desk: Desk) -> None:
    checked = command.checked(desk) if command.checked else False
    key = next(iter(shown(command)), "")
    clicked, _ = imgui.menu_item(command.title, key, checked, command.enabled(desk))
    widgets.tooltip(command.explain(desk))
    if clicked:
        command.run(desk)


def _recent(desk: Desk) -> None:
    recent = desk.context.recent
    if imgui.begin_menu("Open recent", bool(recent)):
        for entry in recent:
            path = PurePath(entry.path)
            where = path.parent.name
            label = f"{path.name}  ({where})##{entry.path}"
            if imgui.menu_item(label, "", False, entry.exists)[0]:
                desk.actions.open_snapshot(entry.path)
        imgui.end_menu()


def _output(desk: Desk) -> None:
    """List where the picture can be shown alone, and how it is enlarged there."""
    output, settings = desk.context.output, desk.context.settings.output
    if not imgui.begin_menu("Output on display"):
        return
    for display in output.displays():
        here = " · this one" if display.ours else ""
        label = f"{display.name} · {by((display.height, display.width))}{here}###{display.name}"
        if imgui.menu_item(label, "", output.on and output.display == display.name)[0]:
            desk.actions.output.show(display.name)
    if imgui.menu_item("In a window", "", output.on and not output.display)[0]:
        desk.actions.output.show("")
    widgets.tooltip("A window with nothing but the picture, to be moved and captured by others.")
    if imgui.menu_item("Off", "", False, output.on)[0]:
        desk.actions.output.close()
    imgui.separator()
    if imgui.menu_item("Fill, smooth pixels", "", settings.smooth)[0]:
        desk.actions.change_settings(output=structs.replace(settings, smooth=True))
    if imgui.menu_item("Whole multiples, square pixels", "", not settings.smooth)[0]:
        desk.actions.change_settings(output=structs.replace(settings, smooth=False))
    imgui.end_menu()


def _panels(desk: Desk, panels: Sequence[Panel]) -> None:
    """List every panel, with a tick where it is open."""
    for panel in panels:
        visible = desk.actions.is_panel_visible(panel.title)
        clicked, _ = imgui.menu_item(f"{panel.icon}  {panel.title}", "", visible)
        if clicked:
            desk.actions.show_panel(panel.title, not visible)
