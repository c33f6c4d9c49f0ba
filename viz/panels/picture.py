"""Picture: what the request looks like. Drag to move through the latent plane, wheel to zoom."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from renderer.request import LayerView
from viz import compare_view, picture_overlay
from viz.context import Context, Frame
from viz.edits import scale_of, with_scale
from viz.hand import BUTTONS, RIGHT, Hand, atlas_channel
from viz.panel import Panel
from viz.session import Session
from viz.viewport import Viewport
from viz.widgets import em

SILENCED, HALVED, DOUBLED = 0.0, 0.5, 2.0


_hand = Hand()
_menu_channel: int | None = None


def draw(session: Session, context: Context) -> Session:
    if session.compare.on:
        return compare_view.draw(session, context)
    frame = context.frame
    corner, area = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail()
    area = ImVec2(max(area.x, em(1)), max(area.y, em(1)))
    canvas = imgui.get_window_draw_list()
    far = ImVec2(corner.x + area.x, corner.y + area.y)
    canvas.add_rect_filled(corner, far, imgui.get_color_u32(imgui.Col_.docking_empty_bg))
    if frame is None:
        picture_overlay.draw_message(session, context, corner, area)
        return session
    imgui.set_next_item_allow_overlap()
    imgui.invisible_button("##picture", area, BUTTONS)
    imgui.set_item_key_owner(imgui.Key.mouse_wheel_y)
    view = Viewport(session.view, frame.width, frame.height, (area.x, area.y), em(0.5))
    hovered, held = imgui.is_item_hovered(), imgui.is_item_active()
    mouse = imgui.get_mouse_pos()
    at = (mouse.x - corner.x, mouse.y - corner.y)
    session = _hand.zoom(session, view, at, hovered)
    session = _hand.drag(session, view, held)
    session = _hand.click(session, frame, view, at, hovered)
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
    _hand.explain()
    return picture_overlay.draw(session, context, frame, view, pixel, corner, area)


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
