"""The toolbar over a picture: fit, 1:1, zoom, and how enlarged pixels are drawn."""

from __future__ import annotations

import math

from imgui_bundle import ImVec2, ImVec4, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from viz.desk.context import Context
from viz.gpu.pictures import Frame
from viz.picture.pill import draw_pill
from viz.picture.viewport import Viewport
from viz.session.session import Session
from viz.ui.widgets import em, tooltip

FADE_AFTER = 1.5
"""How many seconds of rest pass before the toolbar begins to fade."""
FADE_SECONDS = 0.4
"""How many seconds the fading takes."""
FAINT = 0.35
"""The opacity of a faded toolbar, 0…1."""


class Toolbar:
    """Opaque while the mouse moves over the picture, faint while it rests."""

    def __init__(self) -> None:
        self._idle = math.inf
        """Seconds since the mouse moved over the picture."""

    def draw(
        self,
        session: Session,
        context: Context,
        frame: Frame,
        view: Viewport,
        corner: ImVec2,
        area: ImVec2,
    ) -> Session:
        """Draw the toolbar in the lower right corner of an area.

        frame: the picture whose size is told.
        view: how it lies, and so the zoom that is told and changed.
        corner: the upper left corner of the area, as a screen position.
        area: its width and height in pixels.
        """
        delta = imgui.get_io().mouse_delta
        moving = imgui.is_window_hovered() and bool(delta.x or delta.y)
        height, gap = imgui.get_frame_height(), em(0.2)
        zoom_text = f"{view.zoom * 100:.0f} %" if view.zoom < 10 else f"{view.zoom:.0f} ×"
        widths = [em(2.2), em(2.2), em(1.7), em(3.6), em(1.7), em(2.0)]
        total = sum(widths) + gap * (len(widths) - 1) + 2 * em(0.3)
        low = ImVec2(corner.x + area.x - total - em(0.6), corner.y + area.y - height - em(1.2))
        high = ImVec2(low.x + total, low.y + height + em(0.6))
        inside = imgui.is_mouse_hovering_rect(low, high)
        alpha = self._fade(moving or inside, context.dt)
        draw_pill(low, high, alpha)
        middle = (view.area[0] / 2, view.area[1] / 2)
        imgui.push_style_var(imgui.StyleVar_.alpha, imgui.get_style().alpha * alpha)
        imgui.push_style_color(imgui.Col_.button, ImVec4(0, 0, 0, 0))
        imgui.set_cursor_screen_pos(ImVec2(low.x + em(0.3), low.y + em(0.3)))
        result = session.view

        def tool(text: str, index: int, tip: str, active: bool = False) -> bool:
            if index:
                imgui.same_line(0, gap)
            if active:
                color = imgui.get_style_color_vec4(imgui.Col_.button_active)
                imgui.push_style_color(imgui.Col_.button, color)
            pressed: bool = imgui.button(text, ImVec2(widths[index], height))
            if active:
                imgui.pop_style_color()
            tooltip(tip)
            return pressed

        if tool("Fit###fit", 0, "The whole picture (double-click on it).", session.view.fit):
            result = structs.replace(result, fit=True)
        if tool("1:1###one", 1, "One picture pixel per screen pixel."):
            result = view.at_zoom(1.0, *middle)
        if tool("−###out", 2, "Smaller (wheel: at the cursor)."):
            result = view.stepped(-2, *middle)
        imgui.push_style_color(imgui.Col_.button_hovered, ImVec4(0, 0, 0, 0))
        tool(
            f"{zoom_text}###zoom",
            3,
            f"{frame.width} × {frame.height} pixels, drawn at {view.zoom:.2f} ×.",
        )
        imgui.pop_style_color()
        if tool("+###in", 4, "Larger (wheel: at the cursor)."):
            result = view.stepped(2, *middle)
        icon = fa.ICON_FA_DROPLET if session.view.smooth else fa.ICON_FA_TABLE_CELLS
        if tool(
            f"{icon}###smooth",
            5,
            "Enlarged pixels: smooth now; click for sharp edges."
            if session.view.smooth
            else "Enlarged pixels: sharp edges now; click for smooth.",
        ):
            result = structs.replace(result, smooth=not result.smooth)
        imgui.pop_style_color()
        imgui.pop_style_var()
        return structs.replace(session, view=result) if result != session.view else session

    def _fade(self, awake: bool, dt: float) -> float:
        """Return the opacity now, FAINT…1.

        awake: the mouse moves, or is on the toolbar.
        dt: seconds since this was called last.
        """
        self._idle = 0.0 if awake else self._idle + dt
        share = min(max((self._idle - FADE_AFTER) / FADE_SECONDS, 0.0), 1.0)
        return 1.0 - (1.0 - FAINT) * share
