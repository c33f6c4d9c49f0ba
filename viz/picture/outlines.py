"""Outlines over a picture: of single pixels, and of the channels of an atlas."""

from __future__ import annotations

import math

from imgui_bundle import ImVec2, ImVec4, imgui

from viz.gpu.pictures import Frame
from viz.picture.viewport import Viewport
from viz.session import inspection
from viz.session.changes.edits import scale_of
from viz.ui.widgets import em, show_tooltip

GRID_FROM = 16.0
"""The zoom from which on single pixels are outlined, at a font of 15 pixels."""


def draw_pixel_grid(view: Viewport, corner: ImVec2) -> None:
    """Outline single pixels where they are large enough to be looked at one by one.

    view: how the picture lies.
    corner: the upper left corner of its area, as a screen position.
    """
    if view.view.fit or view.zoom < GRID_FROM * em() / 15:
        return
    canvas = imgui.get_window_draw_list()
    ink = imgui.get_color_u32(ImVec4(0.5, 0.5, 0.5, 0.35))
    (x0, y0), (x1, y1) = view.to_picture(0, 0), view.to_picture(*view.area)
    x0, y0 = max(0, math.floor(x0)), max(0, math.floor(y0))
    x1, y1 = min(view.width, math.ceil(x1)), min(view.height, math.ceil(y1))
    (left, top), (right, bottom) = view.to_panel(x0, y0), view.to_panel(x1, y1)
    for x in range(x0, x1 + 1):
        at = round(corner.x + view.to_panel(x, 0)[0])
        canvas.add_line(ImVec2(at, corner.y + top), ImVec2(at, corner.y + bottom), ink)
    for y in range(y0, y1 + 1):
        at = round(corner.y + view.to_panel(0, y)[1])
        canvas.add_line(ImVec2(corner.x + left, at), ImVec2(corner.x + right, at), ink)


def draw_atlas(frame: Frame, view: Viewport, corner: ImVec2, pixel: tuple[int, int] | None) -> None:
    """Outline the changed channels of an atlas, and explain the one under the mouse.

    Draws nothing where the frame shows no atlas.
    view: how the picture lies.
    corner: the upper left corner of its area, as a screen position.
    pixel: the picture's pixel under the mouse, None where the mouse is elsewhere.
    """
    atlas, shown = frame.info.atlas, frame.request.view
    if atlas is None or shown is None or shown.mode != "atlas":
        return
    canvas = imgui.get_window_draw_list()

    def outline(channel: int, color: ImVec4, thickness: float) -> None:
        x, y = inspection.cell_of(atlas, channel)
        low, high = view.to_panel(x, y), view.to_panel(x + atlas.cell, y + atlas.cell)
        canvas.add_rect(
            ImVec2(corner.x + low[0], corner.y + low[1]),
            ImVec2(corner.x + high[0], corner.y + high[1]),
            imgui.get_color_u32(color),
            0.0,
            thickness,
        )

    for edit in frame.request.edits:
        if edit.layer == shown.layer and edit.channel < atlas.channels:
            silent = ImVec4(0.92, 0.34, 0.34, 1)
            outline(
                edit.channel, silent if edit.scale == 0 else ImVec4(0.95, 0.7, 0.25, 1), em(0.12)
            )
    channel = inspection.channel_at(atlas, *pixel) if pixel else None
    if channel is None:
        return
    outline(channel, imgui.get_style_color_vec4(imgui.Col_.check_mark), em(0.16))
    scale = scale_of(frame.request.edits, shown.layer, channel)
    changed = f" · × {scale:g}" if scale != 1 else ""
    if not imgui.is_any_item_active():
        show_tooltip(f"Channel {channel}{changed}. Click: look at it. Right-click: change it.")
