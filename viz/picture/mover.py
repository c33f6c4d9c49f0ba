"""Ctrl+Shift and the mouse on a picture: shift it, turn it and scale it, where its network does."""

from __future__ import annotations

from imgui_bundle import imgui

from renderer.messages.request import Transform
from viz.picture.viewport import Viewport
from viz.session.changes import moving
from viz.session.session import Session

UNABLE = (
    "This network does not move its pictures. StyleGAN3 and StyleGAN-XL do: what moves into the "
    "picture at its edges is drawn as well."
)
"""Why nothing moves, for a tooltip."""


def keys_are_held() -> bool:
    """Whether the keys are held with which the mouse moves what is in the picture."""
    io = imgui.get_io()
    return bool(io.key_ctrl and io.key_shift)


def shift(session: Session, view: Viewport) -> Session:
    """Shift by what the mouse has moved, so that what is under it stays there.

    view: how the picture lies.
    """
    delta = imgui.get_io().mouse_delta
    width, height = view.width * view.zoom, view.height * view.zoom
    transform = session.render.transform
    return _with(session, moving.shifted(transform, delta.x / width, delta.y / height))


def turn(session: Session, view: Viewport, at: tuple[float, float]) -> Session:
    """Turn about the picture's middle, wherever that has been shifted to, as the mouse goes.

    view: how the picture lies.
    at: the mouse, in pixels from the upper left corner of the picture's area.
    """
    delta, transform = imgui.get_io().mouse_delta, session.render.transform
    middle = view.to_panel(view.width * (0.5 + transform.x), view.height * (0.5 + transform.y))
    before = at[0] - delta.x, at[1] - delta.y
    return _with(session, moving.turned(transform, moving.angle_between(middle, before, at)))


def scale(session: Session) -> Session:
    """Scale by the wheel, which Shift may have laid on its side."""
    io = imgui.get_io()
    notches = io.mouse_wheel or io.mouse_wheel_h
    return _with(session, moving.enlarged(session.render.transform, notches))


def _with(session: Session, transform: Transform) -> Session:
    unchanged = transform == session.render.transform
    return session if unchanged else session.with_render(transform=transform)
