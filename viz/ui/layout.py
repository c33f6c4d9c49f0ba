"""Lengths, and placing things in a line."""

from __future__ import annotations

from imgui_bundle import imgui


def em(n: float = 1.0) -> float:
    """Return n times the font size, in pixels.

    Every length that should follow the display's density and the user's scale is given in em.
    """
    return n * imgui.get_font_size()


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
