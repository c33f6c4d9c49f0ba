"""Marking a part of the picture: what changes it is looked for among the styles of the network."""

from __future__ import annotations

import math

from imgui_bundle import ImVec2, ImVec4, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from renderer.messages.directions import Region, StylesOfRegion
from viz.desk.context import Context
from viz.picture.gestures import LEFT
from viz.picture.pill import draw_pill, ink, on_pill
from viz.picture.viewport import Viewport
from viz.session.changes.dragging import Place
from viz.session.session import Session
from viz.ui.keys import take_key
from viz.ui.text import shorten
from viz.ui.widgets import button, em

WIDE = 25.0
"""The width of the strip over the picture, in em."""
VEIL = ImVec4(0.03, 0.03, 0.05, 0.45)
"""What lies over the rest of the picture, R, G, B and opacity."""
DARK, LIGHT = ImVec4(0.05, 0.05, 0.06, 0.9), ImVec4(1, 1, 1, 0.95)
"""The two lines around the region, of which one is seen on every picture."""


class RegionTool:
    """Keeps where the mouse went down, in pixels of the picture; None where it has not."""

    def __init__(self) -> None:
        self._start: Place | None = None

    def handle(self, context: Context, view: Viewport, at: tuple[float, float], held: bool) -> bool:
        """Follow the mouse and the keys; return whether a left drag belongs to the tool.

        view: how the picture lies. at: the mouse, in pixels from the corner of the picture's area.
        held: a button went down on the picture and is down still.
        """
        flags = imgui.PopupFlags_.any_popup_id | imgui.PopupFlags_.any_popup_level
        typing = imgui.get_io().want_text_input or imgui.is_popup_open("", flags)
        if not typing and take_key(imgui.Key.escape, repeat=False):
            context.actions.directions.hold_region_tool(False)
        if imgui.get_io().key_ctrl and self._start is None:
            return False  # Ctrl+left pans
        place = view.to_picture(*at)
        ends = imgui.is_mouse_released(LEFT)
        if not (ends or (held and imgui.is_mouse_down(LEFT))):
            self._start = None
            return False
        if imgui.is_mouse_clicked(LEFT):
            self._start = place
        elif self._start is not None and place != self._start:
            region = _between(self._start, place, view)
            if region is not None:
                context.actions.directions.mark_region(region)
        if ends:
            self._start = None
        return True

    def draw(self, context: Context, view: Viewport, corner: ImVec2) -> None:
        """Draw the region, with the rest of the picture darkened.

        corner: the upper left corner of the picture's area, on the screen.
        """
        region = context.directions.region
        if region is None:
            return
        canvas, veil = imgui.get_window_draw_list(), imgui.get_color_u32(VEIL)
        left, top = _on_screen(view, corner, 0, 0)
        right, bottom = _on_screen(view, corner, view.width, view.height)
        x0, y0 = _on_screen(view, corner, min(region.x, view.width), min(region.y, view.height))
        x1, y1 = _on_screen(
            view,
            corner,
            min(region.x + region.width, view.width),
            min(region.y + region.height, view.height),
        )
        for low, high in (
            ((left, top), (right, y0)),
            ((left, y1), (right, bottom)),
            ((left, y0), (x0, y1)),
            ((x1, y0), (right, y1)),
        ):
            canvas.add_rect_filled(ImVec2(*low), ImVec2(*high), veil)
        for color, thick in ((DARK, em(0.2)), (LIGHT, em(0.09))):
            line = imgui.get_color_u32(color)
            canvas.add_rect(ImVec2(x0, y0), ImVec2(x1, y1), line, thickness=thick)

    def draw_strip(self, session: Session, context: Context, corner: ImVec2, area: ImVec2) -> None:
        """Draw what is to be done, the button that looks, and the one that puts the tool away.

        corner: the upper left corner of the picture's area, as a screen position.
        area: its width and height in pixels.
        """
        side, gap, pad = imgui.get_frame_height(), em(0.3), em(0.4)
        width, tall = min(em(WIDE), max(area.x - em(1.2), em(8))), side + 2 * pad
        top = corner.y + max(area.y - tall - side - em(2.0), 0)
        low = ImVec2(corner.x + (area.x - width) / 2, top)
        draw_pill(low, ImVec2(low.x + width, low.y + tall))
        # Beside its buttons a press is not one on the picture.
        imgui.set_cursor_screen_pos(low)
        imgui.set_next_item_allow_overlap()
        imgui.invisible_button("##region strip", ImVec2(width, tall))
        region, find = context.directions.region, em(5)
        room = width - 2 * pad - find - side - 2 * gap
        text = shorten(words(region), room - em(0.3), at="end")
        place = ImVec2(low.x + pad + em(0.3), low.y + (tall - imgui.get_font_size()) / 2)
        imgui.get_window_draw_list().add_text(place, ink(), text)
        imgui.set_cursor_screen_pos(ImVec2(low.x + pad + room + gap, low.y + pad))
        with on_pill():
            icon = fa.ICON_FA_MAGNIFYING_GLASS
            tip = "Look for the styles that change this part and little else, in the background."
            can = region is not None and not context.directions.job
            if button(f"{icon}  Find###FindRegion", tip=tip, width=find, enabled=can) and region:
                context.actions.directions.find(StylesOfRegion(session.render, region))
                context.actions.directions.hold_region_tool(False)
            imgui.same_line(0, gap)
            tip = "Put the tool away (Escape)."
            if button(f"{fa.ICON_FA_XMARK}###LeaveRegion", tip=tip, width=side):
                context.actions.directions.hold_region_tool(False)


def words(region: Region | None) -> str:
    """Say what is marked, or how to mark something."""
    if region is None:
        return "Draw a rectangle around what shall change."
    return f"{region.width} × {region.height} pixels at {region.x}, {region.y}"


def _between(start: Place, end: Place, view: Viewport) -> Region | None:
    """The pixels of the picture between two places; None where there is none."""
    (x0, x1), (y0, y1) = (
        (
            min(max(math.floor(min(a, b)), 0), side),
            min(max(math.ceil(max(a, b)), 0), side),
        )
        for a, b, side in zip(start, end, (view.width, view.height), strict=True)
    )
    return Region(x0, y0, x1 - x0, y1 - y0) if x0 < x1 and y0 < y1 else None


def _on_screen(view: Viewport, corner: ImVec2, x: float, y: float) -> tuple[float, float]:
    px, py = view.to_panel(x, y)
    return round(corner.x + px), round(corner.y + py)
