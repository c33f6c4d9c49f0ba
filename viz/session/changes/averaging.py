"""The average of several pictures' latents, as one request."""

from __future__ import annotations

from collections.abc import Sequence

from renderer.messages.request import Average, RenderRequest, Share, Truncation
from viz.session.session import Session


def averaged(session: Session, requests: Sequence[RenderRequest]) -> Session:
    """Return the session with the mean of what the requests are drawn from as its latent.

    Mixing, truncation and directions of each are part of what is averaged, so the session keeps
    none of its own.
    """
    parts = tuple(
        Share(
            request.source,
            label=request.label,
            truncation=request.truncation,
            mix=request.mix,
            directions=request.directions,
        )
        for request in requests
    )
    return session.with_render(
        source=Average(parts), truncation=Truncation(), mix=(), directions=()
    )
