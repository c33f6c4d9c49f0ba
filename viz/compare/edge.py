"""The edge of a wipe: where it is, how it is taken, how it looks."""

from __future__ import annotations

from imgui_bundle import ImVec2, ImVec4, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from viz.compare.cells import Cell
from viz.session.session import Session
from viz.ui.mouse import dragged, item_held
from viz.ui.widgets import em


def drag_edge(session: Session, cell: Cell) -> tuple[Session, float]:
    """Move the edge of the wipe by the mouse; return the session and where the edge is.

    That is its x on the screen where it is upright, and else its y.
    """
    upright, split = session.compare.upright, session.compare.split
    view = cell.viewport(session)
    low, high = cell.rect(view)
    first, last = (low.x, high.x) if upright else (low.y, high.y)
    start, end = (cell.corner.x, cell.far.x) if upright else (cell.corner.y, cell.far.y)

    def place(share: float) -> float:
        # Zoomed in, the edge may lie outside: it waits at the border, where it can be taken.
        return min(max(first + share * (last - first), start), end)

    grip = em(1.1)
    edge = place(split)
    if upright:
        imgui.set_cursor_screen_pos(ImVec2(edge - grip / 2, cell.corner.y))
        imgui.invisible_button("##edge", ImVec2(grip, cell.area.y))
    else:
        imgui.set_cursor_screen_pos(ImVec2(cell.corner.x, edge - grip / 2))
        imgui.invisible_button("##edge", ImVec2(cell.area.x, grip))
    if imgui.is_item_hovered() or imgui.is_item_active():
        cursor = imgui.MouseCursor_.resize_ew if upright else imgui.MouseCursor_.resize_ns
        imgui.set_mouse_cursor(cursor)
    if imgui.is_item_hovered() and imgui.is_mouse_double_clicked(imgui.MouseButton_.left):
        split = 0.5
    elif item_held() and dragged(imgui.MouseButton_.left, 0):
        mouse = imgui.get_mouse_pos()
        at = min(max(mouse.x if upright else mouse.y, start), end)
        split = min(max((at - first) / (last - first), 0.0), 1.0)
    return session.with_compare(split=split), place(split)


def draw_edge(cell: Cell, edge: float, *, upright: bool) -> None:
    """Draw the edge at `edge`, its x on the screen where it is upright and else its y."""
    canvas = imgui.get_window_draw_list()
    a = ImVec2(edge, cell.corner.y) if upright else ImVec2(cell.corner.x, edge)
    b = ImVec2(edge, cell.far.y) if upright else ImVec2(cell.far.x, edge)
    dark, light = ImVec4(0, 0, 0, 0.55), ImVec4(1, 1, 1, 0.95)
    canvas.add_line(a, b, imgui.get_color_u32(dark), em(0.24))
    canvas.add_line(a, b, imgui.get_color_u32(light), em(0.12))
    middle = ImVec2((a.x + b.x) / 2, (a.y + b.y) / 2)
    canvas.add_circle_filled(middle, em(0.95), imgui.get_color_u32(dark))
    canvas.add_circle_filled(middle, em(0.85), imgui.get_color_u32(light))
    icon = fa.ICON_FA_LEFT_RIGHT if upright else fa.ICON_FA_UP_DOWN
    size = imgui.calc_text_size(icon)
    at = ImVec2(middle.x - size.x / 2, middle.y - size.y / 2)
    canvas.add_text(at, imgui.get_color_u32(ImVec4(0.1, 0.1, 0.12, 1)), icon)
