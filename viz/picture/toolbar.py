"""The toolbar over a picture: fit, 1:1, zoom, how enlarged pixels are drawn, and dragging."""

from __future__ import annotations

from imgui_bundle import ImVec2, ImVec4, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from viz.desk.context import Context
from viz.gpu.pictures import Frame
from viz.picture.dragging.tool import usable
from viz.picture.pill import draw_pill, on_pill
from viz.picture.rest import Rest
from viz.picture.viewport import Viewport
from viz.session.session import Session, View
from viz.ui.widgets import button, em

GAP_EM = 0.2
"""The distance between two buttons, in em."""
WIDTHS_EM = (2.2, 2.2, 1.7, 3.6, 1.7, 2.0, 2.0)
"""The widths of the buttons, in em."""
EDGE_EM, MARGIN_EM = 0.3, 0.6
"""How far the buttons are from the edge of their plate, and that from the picture's area, in em."""


def toolbar_width() -> float:
    """Return how much of the width of an area the toolbar takes, in pixels."""
    gaps = GAP_EM * (len(WIDTHS_EM) - 1)
    return em(sum(WIDTHS_EM) + gaps + 2 * EDGE_EM + MARGIN_EM)


class Toolbar:
    """There while the mouse moves over the picture; it leaves when it rests.

    rest: how long it has rested.
    """

    def __init__(self) -> None:
        self.rest = Rest()

    def draw(
        self,
        session: Session,
        context: Context,
        frame: Frame,
        view: Viewport,
        corner: ImVec2,
        area: ImVec2,
    ) -> Session:
        """Draw the toolbar in the lower right corner of an area, unless only the picture is shown.

        frame: the picture whose size is told.
        view: how it lies, and so the zoom that is told and changed.
        corner: the upper left corner of the area, as a screen position.
        area: its width and height in pixels.
        """
        if context.picture_only:
            self.rest = Rest()
            return session
        delta = imgui.get_io().mouse_delta
        moving = imgui.is_window_hovered() and bool(delta.x or delta.y)
        height = imgui.get_frame_height()
        zoom_text = f"{view.zoom * 100:.0f} %" if view.zoom < 10 else f"{view.zoom:.0f} ×"
        low = ImVec2(corner.x + area.x - toolbar_width(), corner.y + area.y - height - em(1.2))
        high = ImVec2(corner.x + area.x - em(MARGIN_EM), low.y + height + 2 * em(EDGE_EM))
        inside = imgui.is_window_hovered() and imgui.is_mouse_hovering_rect(low, high)
        self.rest.pass_time(context.dt, awake=moving or inside)
        draw_pill(low, high, self.rest.opacity)
        imgui.set_cursor_screen_pos(ImVec2(low.x + em(EDGE_EM), low.y + em(EDGE_EM)))
        with on_pill(self.rest.opacity):
            result = _tools(session.view, frame, view, zoom_text)
            _drag_tool(session, context)
        return structs.replace(session, view=result) if result != session.view else session


def _tools(shown: View, frame: Frame, view: Viewport, zoom_text: str) -> View:
    """Draw the buttons; return the view as they leave it."""
    gap = em(GAP_EM)
    middle = (view.area[0] / 2, view.area[1] / 2)
    result = shown

    def tool(text: str, index: int, tip: str, active: bool = False) -> bool:
        if index:
            imgui.same_line(0, gap)
        return button(text, tip=tip, width=em(WIDTHS_EM[index]), on=active)

    if tool("Fit###fit", 0, "The whole picture (double-click on it).", shown.fit):
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
    icon = fa.ICON_FA_DROPLET if shown.smooth else fa.ICON_FA_TABLE_CELLS
    if tool(
        f"{icon}###smooth",
        5,
        "Enlarged pixels: smooth now; click for sharp edges."
        if shown.smooth
        else "Enlarged pixels: sharp edges now; click for smooth.",
    ):
        result = structs.replace(result, smooth=not result.smooth)
    return result


def _drag_tool(session: Session, context: Context) -> None:
    """The button that takes the tool for dragging points into the hand, or puts it away."""
    imgui.same_line(0, em(GAP_EM))
    held, can = context.dragging.tool != "", usable(session)
    if not can:
        tip = "Points can be dragged where the plain picture is shown, alone."
    elif held:
        tip = "Put the tool away that drags points (G)."
    else:
        tip = "Drag points: place them on the picture and where they shall go (G)."
    icon = f"{fa.ICON_FA_LOCATION_CROSSHAIRS}###drag"
    if button(icon, tip=tip, width=em(WIDTHS_EM[-1]), on=held and can, enabled=can):
        context.actions.dragging.choose("" if held else "points")
