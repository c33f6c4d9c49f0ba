"""What a right click on a picture offers: its channel, how it lies, keeping it."""

from __future__ import annotations

from imgui_bundle import imgui
from msgspec import structs

from renderer.messages.request import LayerView
from viz.desk.context import Context
from viz.gpu.pictures import Frame
from viz.picture.dragging.tool import usable
from viz.picture.gestures import RIGHT, PictureGestures, atlas_channel
from viz.picture.viewport import Viewport
from viz.session.changes.edits import scale_of, with_scale
from viz.session.session import Session
from viz.ui.mouse import dragged
from viz.ui.widgets import tooltip

SILENCED, HALVED, DOUBLED = 0.0, 0.5, 2.0
"""Factors by which the menu scales a channel."""


class PictureMenu:
    """The menu of one picture; keeps the channel that was clicked."""

    def __init__(self) -> None:
        self._channel: int | None = None

    def draw(
        self,
        session: Session,
        context: Context,
        gestures: PictureGestures,
        frame: Frame,
        pixel: tuple[int, int] | None,
        view: Viewport,
    ) -> Session:
        """Open the menu on a right click, and draw it while it is open. Call it in every frame.

        gestures: a right button that pans opens nothing.
        frame: the picture under the mouse, which is saved.
        pixel: the pixel (x, y) of `frame` under the mouse, None where the mouse is elsewhere.
        view: how the picture lies whose zoom is changed.
        """
        clicked = imgui.is_mouse_released(RIGHT) and not dragged(RIGHT)
        if clicked and gestures.mode not in ("pan", "turn") and pixel is not None:
            self._channel = atlas_channel(frame, pixel)
            imgui.open_popup("##menu")
        if not imgui.begin_popup("##menu"):
            return session
        shown = session.render.view
        if shown is not None and shown.mode == "channel":
            self._channel = shown.channel
        if shown is not None and self._channel is not None and shown.mode != "rgb":
            session = _channel(session, shown, self._channel)
            imgui.separator()
        if imgui.menu_item("Fit", "Double-click", session.view.fit)[0]:
            session = session.with_view(fit=True)
        if imgui.menu_item("1:1", "", not session.view.fit and view.zoom == 1)[0]:
            middle = view.area[0] / 2, view.area[1] / 2
            session = structs.replace(session, view=view.at_zoom(1.0, *middle))
        if imgui.menu_item("Smooth pixels", "", session.view.smooth)[0]:
            session = session.with_view(smooth=not session.view.smooth)
        imgui.separator()
        if usable(session) and imgui.menu_item("Drag points", "G", False)[0]:
            context.actions.dragging.choose("points")
        if imgui.menu_item("Save picture", "", False)[0]:
            context.actions.capture_picture(frame)
        tooltip(f"This picture alone, as a PNG with its session, in {context.settings.captures}.")
        if imgui.menu_item("Bookmark", "", False)[0]:
            context.actions.add_bookmark()
        imgui.end_popup()
        return session


def _channel(session: Session, shown: LayerView, channel: int) -> Session:
    """Draw items that scale one channel of the layer that is looked at."""
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
