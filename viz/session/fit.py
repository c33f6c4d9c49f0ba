"""Making a request fit another network: what it has no place for is dropped."""

from __future__ import annotations

from msgspec import structs

from renderer.messages.model import ModelInfo
from renderer.messages.request import RenderRequest
from viz.session import parameters


def fit(request: RenderRequest, model: ModelInfo) -> RenderRequest:
    """The request with its snapshot replaced by `model`, and nothing in it that would fail there.

    Latents, truncation, curves and mixing weights stay: rows that do not exist are ignored.
    """
    return _fitted(request, model)


def fit_unknown(request: RenderRequest) -> RenderRequest:
    """The request for its own network, of which nothing is known yet, without what could fail."""
    return _fitted(request, None)


def _fitted(request: RenderRequest, model: ModelInfo | None) -> RenderRequest:
    fitting = {p.field: p.fit(p.value(request), model) for p in parameters.PARAMETERS}
    return structs.replace(request, **fitting)
