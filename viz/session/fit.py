"""Making a request fit another network: what it has no place for is dropped."""

from __future__ import annotations

from msgspec import structs

from renderer.messages.model import ModelInfo
from renderer.messages.request import Average, Plane, RenderRequest, SavedW, Source
from viz.session.changes import directions, dragging
from viz.session.parameters import table
from viz.session.session import Beginning, Drag, Session


def fit(request: RenderRequest, model: ModelInfo) -> RenderRequest:
    """Return the request for the network `model`, without anything that would fail in it.

    Latents, truncation, curves and mixing weights stay: rows that do not exist are ignored.
    """
    return _fitted(request, model)


def fit_unknown(request: RenderRequest) -> RenderRequest:
    """Return the request without what could fail in its network, of which nothing is known yet."""
    return _fitted(request, None)


def alike(model: ModelInfo, other: ModelInfo) -> bool:
    """Whether two networks are built alike, as the snapshots of a run are."""
    return (model.family, model.layers, model.rows) == (other.family, other.layers, other.rows)


def unburdened(session: Session) -> tuple[Session, str]:
    """Return the session without what was made for one network alone; and words for that.

    Layers, rows, directions and where a drag has led to are of its insides, points and region of
    its pictures.
    The words name what was left out, and are empty where there was nothing.
    """
    request, drag = session.render, session.drag
    dragged = carries_w(request.source)
    had = {
        "the dragged latent": dragged,
        "the layer view": request.view is not None,
        "the mixing": bool(request.mix),
        "the directions": directions.moves(request),
        "the changed channels": bool(request.edits),
        "the bending": bool(request.bends),
        "the points": bool(drag.points),
        "the region": bool(drag.mask),
    }
    plain = structs.replace(directions.left(request), view=None, mix=(), edits=(), bends=())
    *most, last = [name for name, there in had.items() if there] or [""]
    if dragged:
        plain = _before_drag(plain, dragging.beginning(session))
    words = f"{', '.join(most)} and {last}" if most else last
    return structs.replace(session, render=plain, drag=Drag()), words


def carries_w(source: Source) -> bool:
    """Whether a latent is, or is made of, one that the request carries: what a drag came to."""
    if isinstance(source, Average):
        return any(carries_w(share.source) for share in source.parts)
    return isinstance(source, SavedW) and source.data != b""


def _before_drag(request: RenderRequest, begun: Beginning | None) -> RenderRequest:
    """Return the request with the latent that its drag began with, or else on the plane."""
    if begun is None or carries_w(begun.render.source):
        return structs.replace(request, source=Plane())
    back = begun.render
    return structs.replace(request, source=back.source, truncation=back.truncation)


def _fitted(request: RenderRequest, model: ModelInfo | None) -> RenderRequest:
    fitting = {p.field: p.fit(p.value(request), model) for p in table.PARAMETERS}
    return structs.replace(request, **fitting)
