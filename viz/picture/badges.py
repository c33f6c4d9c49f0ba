"""Badges over a picture: what is looked at instead, and what the latent alone does not say."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from common.units import counted
from renderer.messages.bending import heard
from renderer.messages.request import RenderRequest, StyleShift
from viz.desk.context import Context
from viz.picture.pill import draw_pill, ink, on_pill
from viz.session import inspection
from viz.session.changes import directions
from viz.session.changes.edits import scale_of
from viz.session.session import Session
from viz.ui.widgets import em, tooltip


def draw_badges(session: Session, context: Context, corner: ImVec2) -> Session:
    """Say what is looked at where it is not the plain picture, each with a button that ends it.

    corner: the upper left corner of the picture's area, as a screen position.
    """
    view, edits = session.render.view, session.render.edits
    top = corner.y + em(0.6)
    if view is not None:
        text = inspection.view_title(view, context.model)
        if view.mode == "channel":
            scale = scale_of(edits, view.layer, view.channel)
            text += f" · × {scale:g}" if scale != 1 else ""
        if _badge("back", text, "Back to the picture", ImVec2(corner.x + em(0.6), top)):
            session = session.with_render(view=None)
        top += imgui.get_frame_height() + em(0.5)
    if edits:
        count = len(edits)
        text = f"{count} channel{'s' if count > 1 else ''} changed"
        if _badge("unedit", text, "Undo all channel changes", ImVec2(corner.x + em(0.6), top)):
            session = session.with_render(edits=())
        top += imgui.get_frame_height() + em(0.5)
    if bends := heard(session.render.bends):
        text = f"bent in {counted(len({bend.layer for bend in bends}), 'layer')}"
        if _badge("unbend", text, "Take all bends away", ImVec2(corner.x + em(0.6), top)):
            session = session.with_render(bends=())
        top += imgui.get_frame_height() + em(0.5)
    if text := _moved(session.render):
        tip = "Leave all directions and styles"
        if _badge("unmove", text, tip, ImVec2(corner.x + em(0.6), top)):
            session = structs.replace(session, render=directions.left(session.render))
    return session


def badge_count(request: RenderRequest) -> int:
    """How many badges there are over the picture of a request."""
    changes = bool(request.edits), bool(heard(request.bends)), bool(_moved(request))
    return (request.view is not None) + sum(changes)


def _moved(request: RenderRequest) -> str:
    """What a request is moved along, in words; empty where that is nothing."""
    moving = directions.moving(request)
    styles = sum(isinstance(each, StyleShift) for each in moving)
    along = f"moved along {counted(len(moving) - styles, 'direction')}"
    changed = f"{counted(styles, 'style')} changed"
    return " · ".join((*([along] if len(moving) > styles else []), *([changed] if styles else [])))


def _badge(name: str, text: str, tip: str, at: ImVec2) -> bool:
    """Draw a text on a pill with a cross, explained by `tip`. True where the cross is pressed."""
    size = imgui.calc_text_size(text)
    height = imgui.get_frame_height()
    draw_pill(at, ImVec2(at.x + size.x + em(1.0) + height, at.y + height))
    place = ImVec2(at.x + em(0.5), at.y + (height - size.y) / 2)
    imgui.get_window_draw_list().add_text(place, ink(), text)
    imgui.set_cursor_screen_pos(ImVec2(at.x + size.x + em(0.9), at.y))
    with on_pill():
        pressed: bool = imgui.button(f"{fa.ICON_FA_XMARK}###{name}", ImVec2(height, height))
    tooltip(tip)
    return pressed
