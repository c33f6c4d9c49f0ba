"""The pictures that are projected, as a row of thumbnails."""

from __future__ import annotations

from pathlib import Path

from imgui_bundle import ImVec2, imgui

from viz.desk.context import Context
from viz.desk.parts.projection import Projection
from viz.picture.found import draw_thumbnail
from viz.ui import theme
from viz.ui.widgets import em, tooltip

CELL = 3.2
"""The side of a thumbnail, in em."""
WORDS = {
    "chosen": "not begun",
    "queued": "waits",
    "running": "under way",
    "stopped": "stopped",
    "done": "found",
}
"""What tooltips say of how far a projection is."""


def draw_list(selected: Projection, context: Context) -> None:
    """Draw a thumbnail for each picture; a click shows that one."""
    gap = imgui.get_style().item_spacing.x
    columns = max(int((imgui.get_content_region_avail().x + gap) // (em(CELL) + gap)), 1)
    for i, item in enumerate(context.projection.items):
        if i % columns:
            imgui.same_line()
        _draw_cell(item, context, current=item.id == selected.id)


def _draw_cell(item: Projection, context: Context, *, current: bool) -> None:
    palette, side = theme.current(), em(CELL)
    low = imgui.get_cursor_screen_pos()
    high = ImVec2(low.x + side, low.y + side)
    name = Path(item.path).name
    if imgui.invisible_button(f"{name}##{item.id}", ImVec2(side, side)):
        context.actions.projection.select(item.id)
    tooltip(f"{name}: {WORDS[item.stage]}")
    draw_thumbnail(item, context, low, side, current=current)
    draw_list = imgui.get_window_draw_list()
    if item.stage == "done":
        draw_list.add_circle_filled(
            ImVec2(high.x - em(0.5), high.y - em(0.5)), em(0.25), theme.ink(palette.good)
        )
    if item.stage == "running" and item.total:
        done = ImVec2(low.x + side * item.done / item.total, high.y)
        top = ImVec2(low.x, high.y - em(0.2))
        draw_list.add_rect_filled(top, done, theme.ink(palette.accent))
