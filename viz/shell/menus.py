"""The menu bar, out of the table of commands."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from imgui_bundle import imgui

from viz.desk.commands import Command, shown
from viz.ui import widgets

if TYPE_CHECKING:
    from viz.shell.app import App

MENUS = ("File", "Edit", "View", "Picture", "Timeline", "Compare", "Help")


def draw(app: App) -> None:
    """Inside the menu bar."""
    for menu in MENUS:
        if imgui.begin_menu(menu):
            for i, command in enumerate(c for c in app.commands if c.menu == menu):
                if command.new_group and i:
                    imgui.separator()
                _item(command, app)
                if command.name == "file.open":
                    _recent(app)
            if menu == "View":
                imgui.separator()
                _panels(app)
            imgui.end_menu()


def _item(command: Command, app: App) -> None:
    checked = command.checked(app) if command.checked else False
    key = next(iter(shown(command)), "")
    clicked, _ = imgui.menu_item(command.title, key, checked, command.enabled(app))
    widgets.tooltip(command.about)
    if clicked:
        command.run(app)


def _recent(app: App) -> None:
    recent = app.context.recent
    if imgui.begin_menu("Open recent", bool(recent)):
        for entry in recent:
            path = PurePath(entry.path)
            where = path.parent.name
            label = f"{path.name}  ({where})##{entry.path}"
            if imgui.menu_item(label, "", False, entry.exists)[0]:
                app.actions.open_snapshot(entry.path)
        imgui.end_menu()


def _panels(app: App) -> None:
    """Every panel, ticked where it is open."""
    for panel in app.panels:
        visible = app.host.is_panel_visible(panel.title)
        clicked, _ = imgui.menu_item(f"{panel.icon}  {panel.title}", "", visible)
        if clicked:
            app.host.show_panel(panel.title, not visible)
