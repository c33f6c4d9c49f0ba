"""What a mouse does on a picture: drag through the latent plane, pan, zoom, choose a channel.

With Ctrl+Shift it moves what is in the picture: `viz.picture.mover`.
"""

from __future__ import annotations

from typing import Literal

from imgui_bundle import imgui
from msgspec import structs

from renderer.messages.request import Plane
from viz.gpu.pictures import Frame
from viz.picture import mover
from viz.picture.viewport import Viewport
from viz.session import inspection
from viz.session.changes import motion
from viz.session.session import Session
from viz.ui.mouse import dragged, moved
from viz.ui.widgets import show_tooltip

LEFT, RIGHT, MIDDLE = (
    imgui.MouseButton_.left,
    imgui.MouseButton_.right,
    imgui.MouseButton_.middle,
)
BUTTONS = (
    imgui.ButtonFlags_.mouse_button_left
    | imgui.ButtonFlags_.mouse_button_right
    | imgui.ButtonFlags_.mouse_button_middle
)
"""The buttons that the item under a picture takes, as `imgui.invisible_button` wants them."""


class PictureGestures:
    """What the mouse is doing to one picture; keeps the drag that is under way.

    mode: what the drag does: `latent` moves through the plane of seeds, `pan` moves the picture,
        `shift` and `turn` what is in it; empty where nothing is dragged.
    spot: where a `latent` drag is on the plane, before snapping; None where the latent is not on
        the plane.
    """

    def __init__(self) -> None:
        self.mode: Literal["", "latent", "pan", "shift", "turn"] = ""
        self.spot: Plane | None = None
        self._unable = False

    def zoom(
        self,
        session: Session,
        view: Viewport,
        at: tuple[float, float],
        hovered: bool,
        movable: bool = False,
    ) -> Session:
        """Zoom by the wheel, about the point that it is turned over; scale with Ctrl+Shift.

        view: how the picture lies.
        at: the mouse, in pixels from the upper left corner of the picture's area.
        hovered: whether the mouse is over that area.
        movable: whether the network moves its pictures.
        """
        if mover.keys_are_held():
            return mover.scale(session) if hovered and movable else session
        wheel = imgui.get_io().mouse_wheel
        if not (hovered and wheel):
            return session
        return structs.replace(session, view=view.stepped(wheel, *at))

    def drag(
        self,
        session: Session,
        view: Viewport,
        held: bool,
        at: tuple[float, float] = (0.0, 0.0),
        movable: bool = False,
    ) -> Session:
        """Follow a drag: left moves through the plane; middle, right or Ctrl+left pans.

        With Ctrl+Shift, left shifts what is in the picture and right turns it.
        view: how the picture lies.
        held: whether a button went down on the picture, and is down still or was until this frame.
        at: the mouse, in pixels from the upper left corner of the picture's area.
        movable: whether the network moves its pictures.
        """
        if not held:
            self.mode = ""
            return session
        if not self.mode and mover.keys_are_held():
            if dragged(RIGHT, 0):
                self.mode = "turn"
            elif dragged(LEFT, 0):
                self.mode = "shift"
        if self.mode == "shift" or self.mode == "turn":
            self._unable = not movable
            if not movable:
                return session
            imgui.set_mouse_cursor(imgui.MouseCursor_.resize_all)
            if self.mode == "shift":
                return mover.shift(session, view)
            return mover.turn(session, view, at)
        panning = dragged(MIDDLE, 0) or dragged(RIGHT)
        panning = panning or (dragged(LEFT, 0) and imgui.get_io().key_ctrl)
        if self.mode == "pan" or (not self.mode and panning):
            first = self.mode != "pan" and dragged(RIGHT)
            self.mode = "pan"
            delta = imgui.get_io().mouse_delta
            x, y = moved(RIGHT) if first else (delta.x, delta.y)
            imgui.set_mouse_cursor(imgui.MouseCursor_.resize_all)
            if x or y:
                session = structs.replace(session, view=view.panned(x, y))
        elif self.mode == "latent" or dragged(LEFT):
            session = self._latent(session, view.fit_zoom * view.width)
        return session

    def click(
        self,
        session: Session,
        frame: Frame,
        view: Viewport,
        at: tuple[float, float],
        hovered: bool,
    ) -> Session:
        """Fit the picture on a double click, and show the channel of an atlas that is clicked.

        frame: the picture under the mouse.
        view: how `frame` lies.
        at: the mouse, in pixels from the upper left corner of the picture's area.
        hovered: whether the mouse is over that area.
        """
        if not hovered:
            return session
        if imgui.is_mouse_double_clicked(LEFT):
            return session.with_view(fit=True)
        if not imgui.is_mouse_released(LEFT) or dragged(LEFT) or imgui.get_io().key_ctrl:
            return session
        channel = atlas_channel(frame, view.pixel(*at))
        shown = frame.request.view
        if channel is None or shown is None or session.render.view is None:
            return session
        return session.with_render(view=structs.replace(shown, mode="channel", channel=channel))

    def explain(self) -> None:
        """Say in a tooltip why a drag moves nothing, where it moves nothing."""
        if self.mode in ("shift", "turn") and self._unable:
            show_tooltip(mover.UNABLE)
        if self.mode == "latent" and self.spot is None:
            show_tooltip(
                "This latent lies outside the plane of seeds. Choose Plane in Latent to drag."
            )

    def _latent(self, session: Session, width: float) -> Session:
        """Move through the plane by what the mouse has moved.

        width: the picture's width in screen pixels when it just fits its area.
        """
        delta = imgui.get_io().mouse_delta
        dx, dy = delta.x, delta.y
        if self.mode != "latent":
            self.mode = "latent"
            self.spot = motion.to_plane(session.render.source)
            dx, dy = moved(LEFT)
        if self.spot is None:
            return session
        per_pixel = session.motion.drag_speed / width
        if imgui.get_io().key_shift:
            per_pixel *= motion.SLOW
        x, y = self.spot.x + dx * per_pixel, self.spot.y + dy * per_pixel
        self.spot = structs.replace(self.spot, x=x, y=y)
        goal = motion.snapped(self.spot) if session.motion.snap else self.spot
        return session if goal == session.render.source else session.with_render(source=goal)


def atlas_channel(frame: Frame, pixel: tuple[int, int] | None) -> int | None:
    """Return the channel under a pixel (x, y) of an atlas, None where there is none."""
    shown, atlas = frame.request.view, frame.info.atlas
    if shown is None or shown.mode != "atlas" or atlas is None or pixel is None:
        return None
    return inspection.channel_at(atlas, *pixel)
