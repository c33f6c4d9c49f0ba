"""Pictures that are dragged from the contact sheet onto the ruler."""

from __future__ import annotations

from imgui_bundle import imgui
from msgspec import structs

from renderer.messages.request import RenderRequest
from renderer.pictures.journey import editing
from viz.desk.carried import Carried
from viz.desk.context import Context
from viz.session.session import Session

KIND = "ganscope picture"
"""What ImGui calls a picture that is being dragged."""
TIGHT = "There is no room for a key between these two. Zoom in, or make the journey longer."


def offer(carried: Carried, request: RenderRequest, label: str) -> None:
    """Let the last item be dragged as a picture. label: what is shown beside the mouse."""
    # Its panel may be behind another tab on the way, so the label is drawn by `draw_label`.
    if imgui.begin_drag_drop_source(imgui.DragDropFlags_.source_no_preview_tooltip):
        imgui.set_drag_drop_payload_py_id(KIND, 0)
        carried.request, carried.label = request, label
        imgui.end_drag_drop_source()


def draw_label(carried: Carried) -> None:
    """Draw the name of what is being dragged beside the mouse; called once in every frame."""
    payload = imgui.get_drag_drop_payload_py_id()
    if payload is not None and payload.type == KIND:
        imgui.set_tooltip(carried.label.replace("%", "%%"))


def take_picture(session: Session, context: Context, time: float) -> Session:
    """Return the session with a key for the picture that is dropped on the last item, if one is.

    time: where on the ruler the mouse is, in seconds.
    """
    if not imgui.begin_drag_drop_target():
        return session
    dropped = imgui.accept_drag_drop_payload_py_id(KIND) is not None
    imgui.end_drag_drop_target()
    request = context.carried.request
    if not dropped or request is None:
        return session
    journey, index = editing.inserted(session.journey, request, time)
    if index is None:
        context.actions.notify(TIGHT, error=True)
        return session
    return structs.replace(session, journey=journey)
