"""Seeds that are dragged onto the ruler."""

from __future__ import annotations

from imgui_bundle import imgui
from msgspec import structs

from renderer.messages.request import Seed
from renderer.pictures.journey import editing
from viz.session.inspection import plain
from viz.session.session import Session

SEED = "ganscope seed"
"""What ImGui calls a seed that is being dragged."""


def take_seed(session: Session, time: float) -> Session:
    """Return the session with a key for the seed that is dropped on the last item, if one is.

    time: where on the ruler the mouse is, in seconds.
    """
    if not imgui.begin_drag_drop_target():
        return session
    payload = imgui.accept_drag_drop_payload_py_id(SEED)
    if payload is not None:
        seed = Seed(payload.data_id % 2**32)
        request = structs.replace(plain(session.render), source=seed, mix=())
        journey, _ = editing.added(session.journey, request, time)
        session = structs.replace(session, journey=journey)
    imgui.end_drag_drop_target()
    return session
