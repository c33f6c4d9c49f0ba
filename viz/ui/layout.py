"""Placing things in the window's own lines (menus, status bar, palette)."""

from __future__ import annotations

from imgui_bundle import imgui


def align_right(width: float) -> None:
    """Move the cursor so that what comes next, `width` pixels wide, ends at the right edge."""
    room = imgui.get_content_region_avail().x
    imgui.set_cursor_pos_x(imgui.get_cursor_pos_x() + max(0.0, room - width))


def flow(width: float, gap: float) -> None:
    """Go on beside the last item where there is room for the next one, else below it.

    width: of the next item. gap: between both. All in pixels.
    """
    imgui.same_line(0, gap)
    if imgui.get_content_region_avail().x < width:
        imgui.new_line()
