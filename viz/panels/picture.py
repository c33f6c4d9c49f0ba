"""Picture: what the request looks like. Drag to move through the latent plane, wheel to zoom."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from viz.compare.view import CompareView
from viz.desk.context import Context
from viz.desk.panel import Panel
from viz.picture.badges import draw_badges
from viz.picture.busy import draw_busy, draw_stale
from viz.picture.dragging.commands import COMMANDS
from viz.picture.dragging.strip import draw_strip
from viz.picture.dragging.tool import DragTool, usable
from viz.picture.gestures import BUTTONS, PictureGestures
from viz.picture.menu import PictureMenu
from viz.picture.messages import draw_failure, draw_instead
from viz.picture.outlines import draw_atlas, draw_pixel_grid
from viz.picture.readout import draw_readout
from viz.picture.region import RegionTool
from viz.picture.toolbar import Toolbar, toolbar_width
from viz.picture.viewport import Viewport
from viz.session.session import Session
from viz.ui.widgets import em


class PicturePanel:
    """Keeps the drag under way, the menu, how long the mouse has rested, and the comparison."""

    def __init__(self) -> None:
        self._gestures = PictureGestures()
        self._menu = PictureMenu()
        self._toolbar = Toolbar()
        self._comparison = CompareView()
        self._points = DragTool()
        self._region = RegionTool()

    def draw(self, session: Session, context: Context) -> Session:
        """Draw the picture or the comparison in all of the panel; return the edited session."""
        if session.compare.on:
            return self._comparison.draw(session, context)
        frame = context.seen
        dragging = context.dragging.tool != "" and usable(session)
        marking = context.directions.marking and usable(session) and not dragging
        corner, area = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail()
        area = ImVec2(max(area.x, em(1)), max(area.y, em(1)))
        canvas = imgui.get_window_draw_list()
        far = ImVec2(corner.x + area.x, corner.y + area.y)
        canvas.add_rect_filled(corner, far, imgui.get_color_u32(imgui.Col_.docking_empty_bg))
        if frame is None:
            return draw_instead(session, context, corner, area)
        imgui.set_next_item_allow_overlap()
        imgui.invisible_button("##picture", area, BUTTONS)
        context.tell_place((area.x, area.y))
        imgui.set_item_key_owner(imgui.Key.mouse_wheel_y)
        view = Viewport(session.view, frame.width, frame.height, (area.x, area.y), em(0.5))
        hovered, held = imgui.is_item_hovered(), imgui.is_item_active()
        released = imgui.is_item_deactivated()
        mouse = imgui.get_mouse_pos()
        at = (mouse.x - corner.x, mouse.y - corner.y)
        movable = context.model is not None and context.model.transforms
        session = self._gestures.zoom(session, view, at, hovered, movable)
        if dragging:
            session = self._points.handle(session, context, view, at, held, hovered)
        taken = marking and self._region.handle(context, view, at, held)
        if not taken and not self._points.holds_mouse(session, context):
            session = self._gestures.drag(session, view, held or released, at, movable)
            session = self._gestures.click(session, frame, view, at, hovered)
        view = Viewport(session.view, frame.width, frame.height, (area.x, area.y), em(0.5))
        low = ImVec2(corner.x + view.origin[0], corner.y + view.origin[1])
        high = ImVec2(low.x + frame.width * view.zoom, low.y + frame.height * view.zoom)
        canvas.push_clip_rect(corner, far, True)
        context.draw_image(frame, low, high, smooth=session.view.smooth, key="picture")
        if frame.request.snapshot != session.render.snapshot:
            draw_stale(low, high)
        draw_pixel_grid(view, corner)
        pixel = view.pixel(*at) if hovered and self._gestures.mode != "pan" else None
        draw_atlas(frame, view, corner, pixel)
        if dragging:
            self._points.draw(session, context, view, at, corner, hovered)
        if marking:
            self._region.draw(context, view, corner)
        canvas.pop_clip_rect()
        if not dragging:
            session = self._menu.draw(session, context, self._gestures, frame, pixel, view)
        self._gestures.explain()
        session = draw_badges(session, context, corner)
        draw_busy(context.waits.get("main"), corner, far)
        session = draw_failure(session, context, corner, area)
        session = self._toolbar.draw(session, context, frame, view, corner, area)
        if dragging:
            session = draw_strip(session, context, corner, area)
        elif marking:
            self._region.draw_strip(session, context, corner, area)
        alpha = self._toolbar.rest.opacity
        if pixel is not None and alpha:
            beside = 0.0 if context.picture_only else toolbar_width()
            draw_readout(frame, pixel, corner, area, alpha, beside)
        return session


PANEL = Panel(
    "Picture",
    fa.ICON_FA_IMAGE,
    "center",
    0,
    make=lambda: PicturePanel().draw,
    wants_padding=False,
    commands=COMMANDS,
)
