"""Small pictures of the window in the menu bar: a click on one collapses a side, or opens it."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui

from viz.desk.commands import Desk, shown
from viz.ui import theme
from viz.ui.layout import align_right
from viz.ui.widgets import em, tooltip

COMMANDS = ("view.left", "view.bottom", "view.right")
"""The commands that have a switch."""


def draw_switches(desk: Desk) -> None:
    """Draw the switches at the end of the menu bar, where there is room for them."""
    width, height = em(1.9), imgui.get_frame_height()
    if imgui.get_content_region_avail().x < len(COMMANDS) * width:
        return
    align_right(len(COMMANDS) * width)
    imgui.push_style_var(imgui.StyleVar_.item_spacing, ImVec2(0, 0))
    for name in COMMANDS:
        command = next(c for c in desk.commands if c.name == name)
        if imgui.invisible_button(f"###{name}", ImVec2(width, height)):
            command.run(desk)
        lit = imgui.is_item_hovered()
        _draw(
            name.removeprefix("view."), command.checked is not None and command.checked(desk), lit
        )
        tooltip(f"{command.title} ({shown(command)[0]})")
    imgui.pop_style_var()


def _draw(side: str, opened: bool, lit: bool) -> None:
    """Draw a frame around the last item's middle, with a part that is filled where it is open."""
    low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
    middle = ImVec2((low.x + high.x) / 2, (low.y + high.y) / 2)
    across, down = round(em(0.5)), round(em(0.42))
    a = ImVec2(round(middle.x) - across, round(middle.y) - down)
    b = ImVec2(round(middle.x) + across, round(middle.y) + down)
    palette = theme.current()
    color = theme.ink(palette.text if lit else palette.muted)
    canvas, weight = imgui.get_window_draw_list(), max(1.0, round(em(0.08)))
    part_low, part_high = ImVec2(a.x, a.y), ImVec2(b.x, b.y)
    if side == "left":
        part_high.x = a.x + round(across * 0.75)
    elif side == "right":
        part_low.x = b.x - round(across * 0.75)
    else:
        part_low.y = b.y - round(down * 0.8)
    canvas.add_rect(a, b, color, em(0.12), weight)
    if opened:
        canvas.add_rect_filled(part_low, part_high, color, em(0.12))
    else:
        canvas.add_rect(part_low, part_high, color, em(0.12), weight)
