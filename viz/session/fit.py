"""Making a request fit another network: what it has no place for is dropped."""

from __future__ import annotations

from msgspec import structs

from renderer.messages.model import ModelInfo
from renderer.messages.request import RenderRequest
from viz.session import parameters


def fit(request: RenderRequest, model: ModelInfo) -> RenderRequest:
    """Return the request for the network `model`, without anything that would fail in it.

    Latents, truncation, curves and mixing weights stay: rows that do not exist are ignored.
    """
    return _fitted(request, model)


def fit_unknown(request: RenderRequest) -> RenderRequest:
    """Return the request without what could fail in its network, of which nothing is known yet."""
    return _fitted(request, None)


def _fitted(request: RenderRequest, model: ModelInfo | None) -> RenderRequest:
    fitting = {p.field: p.fit(p.value(request), model) for p in parameters.PARAMETERS}
    return structs.replace(request, **fitting)
