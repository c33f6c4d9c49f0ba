"""Placing things in the window's own lines (menus, status bar, palette)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgui_bundle import ImVec2, imgui

if TYPE_CHECKING:
    from viz.shell.app import App


def align_right(width: float) -> None:
    """Move the cursor so that what comes next, `width` pixels wide, ends at the right edge."""
    room = imgui.get_content_region_avail().x
    imgui.set_cursor_pos_x(imgui.get_cursor_pos_x() + max(0.0, room - width))


def draw_picture_only(app: App) -> None:
    """The panel in the middle, over the whole window."""
    panel = next((p for p in app.panels if p.dock == "center"), None)
    if panel is None:
        return
    view = imgui.get_main_viewport()
    imgui.set_next_window_pos(view.pos)
    imgui.set_next_window_size(view.size)
    flags = (
        imgui.WindowFlags_.no_decoration
        | imgui.WindowFlags_.no_docking
        | imgui.WindowFlags_.no_saved_settings
    )
    imgui.push_style_var(imgui.StyleVar_.window_padding, ImVec2(0, 0))
    imgui.push_style_var(imgui.StyleVar_.window_rounding, 0)
    imgui.push_style_var(imgui.StyleVar_.window_border_size, 0)
    imgui.begin("Picture only", None, flags)
    app.draw_panel(panel)
    imgui.end()
    imgui.pop_style_var(3)
