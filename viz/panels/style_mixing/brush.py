"""One cell of the table of style mixing: a weight that is clicked, dragged and painted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from imgui_bundle import ImVec2, ImVec4, imgui
from msgspec import structs

from viz.session.changes import mixing
from viz.session.changes.mixing import Mix
from viz.ui import controlled, widgets
from viz.ui.mouse import item_held
from viz.ui.widgets import em

ROW_EM = 1.4
"""The height of a cell, in em."""


@dataclass(frozen=True)
class _Stroke:
    """A movement of the mouse with the button held, which began in one cell.

    row: the row of w in which it began.
    base: the weights of the column before it.
    start: where the mouse was pressed, in screen pixels.
    value: the weight that it paints, 0…1.
    way: whether it paints rows (`down`) or sets a share (`across`); None until it has moved enough.
    """

    row: int
    base: tuple[float, ...]
    start: tuple[float, float]
    value: float
    way: Literal["down", "across"] | None = None


class Brush:
    """Draws the cells and keeps the stroke under way, which may reach over several of them."""

    def __init__(self) -> None:
        self._stroke = _Stroke(0, (), (0.0, 0.0), 0.0)

    def draw_cell(self, mix: Mix, index: int, row: int, rows: int, share: float) -> Mix:
        """Draw one weight and return the mix with what the mouse did to it.

        A click toggles the weight, dragging across sets it, dragging down paints the column, and
        a right-click sets it to 0.

        index: the source, which is the column.
        row: the row of w.
        rows: how many rows of w the network has.
        share: what the source gets of this row after all sources have been added up, 0…1.
        """
        source = mix[index]
        value = mixing.weight(source, row)
        corner = imgui.get_cursor_screen_pos()
        width, height = imgui.get_content_region_avail().x, em(ROW_EM)
        imgui.invisible_button(f"##w{index},{row}", ImVec2(width, height))
        hovered = imgui.is_item_hovered()
        if imgui.is_item_activated():
            mouse = imgui.get_mouse_pos()
            painted = 0.0 if value > 0.5 else 1.0
            self._stroke = _Stroke(row, source.weights, (mouse.x, mouse.y), painted)
        if item_held():
            weights = self._painted(corner, width, height, rows)
            mix = mixing.replaced(mix, index, structs.replace(source, weights=weights))
            value = mixing.weight(mix[index], row)
        elif controlled.offer(f"mixing/{index + 1}/row/{row}", resets=True):
            pass
        elif hovered and imgui.is_mouse_clicked(imgui.MouseButton_.right):
            weights = mixing.with_weights(source.weights, [row], 0.0)
            mix = mixing.replaced(mix, index, structs.replace(source, weights=weights))
            value = 0.0
        if hovered and not imgui.is_any_item_active():
            effective = f" ({share:.0%} of the row)" if abs(share - value) > 0.005 else ""
            widgets.tooltip(
                f"{value:.0%}{effective}. Click: on or off. Drag across: how much. "
                "Drag down: paint. Right-click: 0."
            )
        alpha = 0.85 if source.enabled else 0.25
        text = "" if value in (0.0, 1.0) else f"{value:.0%}"
        paint_bar(corner, width, height, value, ImVec4(*mixing.color(index), alpha), text, hovered)
        return mix

    def _painted(self, corner: ImVec2, width: float, height: float, rows: int) -> tuple[float, ...]:
        """Return the weights of the column with the stroke so far.

        corner, width, height: the cell in which the stroke began, in screen pixels.
        """
        mouse, stroke = imgui.get_mouse_pos(), self._stroke
        dx, dy = mouse.x - stroke.start[0], mouse.y - stroke.start[1]
        way, value = stroke.way, stroke.value
        if way is None and max(abs(dx), abs(dy)) > em(0.3):
            way = "across" if abs(dx) > abs(dy) else "down"
        if way == "across":
            value = min(max((mouse.x - corner.x) / max(width, 1.0), 0.0), 1.0)
        self._stroke = replace(stroke, way=way, value=value)
        pitch = height + 2 * imgui.get_style().cell_padding.y
        passed = 0 if way is None else round((mouse.y - (corner.y + height / 2)) / pitch)
        return mixing.painted(stroke.base, stroke.row, stroke.row + passed, value, rows)


def paint_bar(
    corner: ImVec2,
    width: float,
    height: float,
    value: float,
    color: ImVec4,
    text: str,
    hovered: bool,
) -> None:
    """Paint a bar that is filled from the left.

    corner: its upper left corner on the screen.
    width, height: its size in pixels.
    value: how much of it is filled, 0…1.
    color: the filled part.
    text: written in its middle.
    hovered: the mouse is on it.
    """
    canvas = imgui.get_window_draw_list()
    far = ImVec2(corner.x + width, corner.y + height)
    ground = imgui.Col_.frame_bg_hovered if hovered else imgui.Col_.frame_bg
    canvas.add_rect_filled(corner, far, imgui.get_color_u32(ground), em(0.2))
    if value > 0:
        fill = ImVec2(corner.x + max(em(0.2), width * value), far.y)
        canvas.add_rect_filled(corner, fill, imgui.get_color_u32(color), em(0.2))
    if text:
        size = imgui.calc_text_size(text)
        at = ImVec2(corner.x + (width - size.x) / 2, corner.y + (height - size.y) / 2)
        canvas.add_text(at, imgui.get_color_u32(imgui.Col_.text), text)
