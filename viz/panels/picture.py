"""Picture: what the request looks like. Drag to move through the latent plane, wheel to zoom."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from renderer.request import LayerView, Plane
from viz import inspection, motion, picture_overlay
from viz.context import Context, Frame
from viz.edits import scale_of, with_scale
from viz.panel import Panel
from viz.session import Session
from viz.viewport import Viewport
from viz.widgets import em

LEFT, RIGHT, MIDDLE = (
    imgui.MouseButton_.left,
    imgui.MouseButton_.right,
    imgui.MouseButton_.middle,
)
SILENCED, HALVED, DOUBLED = 0.0, 0.5, 2.0


class Hand:
    """The drag under way: `latent`, `pan`, or none. spot: where it is on the plane, unsnapped."""

    def __init__(self) -> None:
        self.mode = ""
        self.spot: Plane | None = None

    def latent(self, session: Session, width: float) -> Session:
        """Move through the plane by what the mouse has moved. width: of the picture on screen."""
        delta = imgui.get_io().mouse_delta
        if self.mode != "latent":
            self.mode = "latent"
            self.spot = motion.to_plane(session.render.source)
            delta = imgui.get_mouse_drag_delta(LEFT)
        if self.spot is None:
            return session
        per_pixel = session.motion.drag_speed / width
        if imgui.get_io().key_shift:
            per_pixel *= motion.SLOW
        x, y = self.spot.x + delta.x * per_pixel, self.spot.y + delta.y * per_pixel
        self.spot = structs.replace(self.spot, x=x, y=y)
        goal = motion.snapped(self.spot) if session.motion.snap else self.spot
        return session if goal == session.render.source else session.with_render(source=goal)


_hand = Hand()
_menu_channel: int | None = None


def draw(session: Session, context: Context) -> Session:
    frame = context.frame
    corner, area = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail()
    area = ImVec2(max(area.x, em(1)), max(area.y, em(1)))
    canvas = imgui.get_window_draw_list()
    far = ImVec2(corner.x + area.x, corner.y + area.y)
    canvas.add_rect_filled(corner, far, imgui.get_color_u32(imgui.Col_.docking_empty_bg))
    if frame is None:
        picture_overlay.draw_message(session, context, corner, area)
        return session
    buttons = (
        imgui.ButtonFlags_.mouse_button_left
        | imgui.ButtonFlags_.mouse_button_right
        | imgui.ButtonFlags_.mouse_button_middle
    )
    imgui.set_next_item_allow_overlap()
    imgui.invisible_button("##picture", area, buttons)
    imgui.set_item_key_owner(imgui.Key.mouse_wheel_y)
    view = Viewport(session.view, frame.width, frame.height, (area.x, area.y), em(0.5))
    hovered, held = imgui.is_item_hovered(), imgui.is_item_active()
    mouse = imgui.get_mouse_pos()
    at = (mouse.x - corner.x, mouse.y - corner.y)
    session = _zoom(session, view, at, hovered)
    session = _drag(session, frame, view, held)
    session = _click(session, frame, view, at, hovered)
    view = Viewport(session.view, frame.width, frame.height, (area.x, area.y), em(0.5))
    low = ImVec2(corner.x + view.origin[0], corner.y + view.origin[1])
    high = ImVec2(low.x + frame.width * view.zoom, low.y + frame.height * view.zoom)
    canvas.push_clip_rect(corner, far, True)
    context.draw_image(frame, low, high, smooth=session.view.smooth, key="picture")
    picture_overlay.draw_pixel_grid(view, corner)
    pixel = view.pixel(*at) if hovered and _hand.mode != "pan" else None
    picture_overlay.draw_atlas(frame, view, corner, pixel)
    canvas.pop_clip_rect()
    session = _menu(session, frame, view, pixel, context)
    if _hand.mode == "latent" and _hand.spot is None:
        imgui.set_tooltip(
            "A saved w lies outside the plane of seeds.\nChoose Plane in Latent to drag."
        )
    return picture_overlay.draw(session, context, frame, view, pixel, corner, area)


def _zoom(session: Session, view: Viewport, at: tuple[float, float], hovered: bool) -> Session:
    wheel = imgui.get_io().mouse_wheel
    if not (hovered and wheel):
        return session
    return structs.replace(session, view=view.stepped(wheel, *at))


def _drag(session: Session, frame: Frame, view: Viewport, held: bool) -> Session:
    if not held:
        _hand.mode = ""
        return session
    panning = imgui.is_mouse_dragging(MIDDLE, 0) or imgui.is_mouse_dragging(RIGHT)
    panning = panning or (imgui.is_mouse_dragging(LEFT, 0) and imgui.get_io().key_ctrl)
    if _hand.mode == "pan" or (not _hand.mode and panning):
        first = _hand.mode != "pan" and imgui.is_mouse_down(RIGHT)
        _hand.mode = "pan"
        delta = imgui.get_mouse_drag_delta(RIGHT) if first else imgui.get_io().mouse_delta
        imgui.set_mouse_cursor(imgui.MouseCursor_.resize_all)
        if delta.x or delta.y:
            session = structs.replace(session, view=view.panned(delta.x, delta.y))
    elif _hand.mode == "latent" or imgui.is_mouse_dragging(LEFT):
        session = _hand.latent(session, view.fit_zoom * frame.width)
    return session


def _click(
    session: Session, frame: Frame, view: Viewport, at: tuple[float, float], hovered: bool
) -> Session:
    if not hovered:
        return session
    if imgui.is_mouse_double_clicked(LEFT):
        return session.with_view(fit=True)
    moved = imgui.get_mouse_drag_delta(LEFT)
    if not imgui.is_mouse_released(LEFT) or moved.x or moved.y or imgui.get_io().key_ctrl:
        return session
    channel = atlas_channel(frame, view.pixel(*at))
    shown = frame.request.view
    if channel is None or shown is None or session.render.view is None:
        return session
    return session.with_render(view=structs.replace(shown, mode="channel", channel=channel))


def atlas_channel(frame: Frame, pixel: tuple[int, int] | None) -> int | None:
    """The channel under a pixel where the frame shows an atlas."""
    shown, atlas = frame.request.view, frame.info.atlas
    if shown is None or shown.mode != "atlas" or atlas is None or pixel is None:
        return None
    return inspection.channel_at(atlas, *pixel)


def _menu(
    session: Session,
    frame: Frame,
    view: Viewport,
    pixel: tuple[int, int] | None,
    context: Context,
) -> Session:
    global _menu_channel
    clicked = imgui.is_mouse_released(RIGHT) and not imgui.is_mouse_dragging(RIGHT)
    if clicked and _hand.mode != "pan" and pixel is not None:
        _menu_channel = atlas_channel(frame, pixel)
        imgui.open_popup("##menu")
    if not imgui.begin_popup("##menu"):
        return session
    shown = session.render.view
    if shown is not None and shown.mode == "channel":
        _menu_channel = shown.channel
    if shown is not None and _menu_channel is not None and shown.mode != "rgb":
        session = _channel_menu(session, shown, _menu_channel)
        imgui.separator()
    if imgui.menu_item("Fit", "Double-click", session.view.fit)[0]:
        session = session.with_view(fit=True)
    if imgui.menu_item("1:1", "", not session.view.fit and view.zoom == 1)[0]:
        session = structs.replace(
            session, view=view.at_zoom(1.0, view.area[0] / 2, view.area[1] / 2)
        )
    if imgui.menu_item("Smooth pixels", "", session.view.smooth)[0]:
        session = session.with_view(smooth=not session.view.smooth)
    imgui.separator()
    if imgui.menu_item("Save picture", "", False)[0]:
        context.actions.capture_picture()
    if imgui.menu_item("Bookmark", "", False)[0]:
        context.actions.add_bookmark()
    imgui.end_popup()
    return session


def _channel_menu(session: Session, shown: LayerView, channel: int) -> Session:
    edits = session.render.edits
    scale = scale_of(edits, shown.layer, channel)
    imgui.text_disabled(f"{shown.layer} · channel {channel}")
    for title, value in (
        ("Silence (× 0)", SILENCED),
        ("Halve (× 0.5)", HALVED),
        ("Double (× 2)", DOUBLED),
        ("As it is (× 1)", 1.0),
    ):
        if imgui.menu_item(title, "", scale == value)[0]:
            edits = with_scale(edits, shown.layer, channel, value)
    return session.with_render(edits=edits) if edits != session.render.edits else session


PANEL = Panel("Picture", fa.ICON_FA_IMAGE, "center", 0, draw, wants_padding=False)
