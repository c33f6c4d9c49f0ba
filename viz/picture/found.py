"""What was found of pictures of one's own, as thumbnails to choose a latent from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from imgui_bundle import ImVec2, imgui

from viz.desk.context import Context
from viz.desk.parts.projection import Projection
from viz.ui import theme
from viz.ui.widgets import em, tooltip

CELL = 4.0
"""The side of a thumbnail to choose, in em."""
COLUMNS = 6
"""How many of them are in a row."""
ROWS = 4
"""How many rows are seen without scrolling."""


def fitting(context: Context) -> Sequence[Projection]:
    """Return what was found, newest first, without what is known not to fit the network."""
    return [
        item
        for item in reversed(context.projection.items)
        if item.stage == "done" and item.w and _fits(item, context)
    ]


def _fits(item: Projection, context: Context) -> bool:
    here = context.model
    there = context.models.get(item.result)
    if here is None or there is None:
        return True
    return (here.num_ws, here.w_dim) == (there.num_ws, there.w_dim)


def draw_choice(context: Context, current: str = "") -> str:
    """Draw a thumbnail for each; return the file of the one that was clicked, or an empty text.

    current: the file that is chosen now.
    """
    items, gap, side = fitting(context), imgui.get_style().item_spacing.x, em(CELL)
    columns, rows = min(COLUMNS, len(items)), -(-len(items) // COLUMNS)
    bar = imgui.get_style().scrollbar_size if rows > ROWS else 0.0
    width = columns * (side + gap) - gap + bar
    line = side + imgui.get_style().item_spacing.y
    chosen = ""
    if imgui.begin_child("##found", ImVec2(width, min(rows, ROWS) * line)):
        for i, item in enumerate(items):
            if i % COLUMNS:
                imgui.same_line()
            low = imgui.get_cursor_screen_pos()
            name = Path(item.path).name
            if imgui.invisible_button(f"{name}##{item.id}", ImVec2(side, side)):
                chosen = item.w
            near = "" if item.psnr is None else f", {item.psnr:.1f} dB"
            tooltip(f"{name}{near}\nFound in {Path(item.result).name}.")
            draw_thumbnail(item, context, low, side, current=item.w == current)
    imgui.end_child()
    return chosen


def draw_thumbnail(
    item: Projection, context: Context, low: ImVec2, side: float, *, current: bool
) -> None:
    """Draw what was found, or the picture itself until then, in a frame around the last item.

    low: its corner on the screen.
    side: of the thumbnail, in pixels.
    """
    palette, draw_list = theme.current(), imgui.get_window_draw_list()
    high = ImVec2(low.x + side, low.y + side)
    if not imgui.is_rect_visible(low, high):
        return  # its file is not read before it is scrolled to
    hovered = imgui.is_item_hovered()
    draw_list.add_rect_filled(low, high, theme.ink(palette.back), em(0.2))
    if item.stage == "done" and item.picture:
        picture = context.file_image(item.picture, item.picture_version)
    else:
        picture = context.file_image(item.path, item.version)
    if picture is not None and not isinstance(picture, str):
        scale = side / max(picture.width, picture.height, 1)
        width, height = picture.width * scale, picture.height * scale
        a = ImVec2(low.x + (side - width) / 2, low.y + (side - height) / 2)
        b = ImVec2(a.x + width, a.y + height)
        context.draw_image(picture, a, b, smooth=True, key=f"projection {item.id}")
    if current or hovered:
        ink = theme.ink(palette.accent if current else palette.muted)
        draw_list.add_rect(low, high, ink, em(0.2), em(0.14))
