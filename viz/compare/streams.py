"""The panes of the comparison as streams: what each is asked for while the picture moves.

All pictures are to show the same latent. Where the renderer keeps up, panes are asked for what the
session says in the same frame as the picture is. Where it does not, they follow what the picture
has come to: asked for the newest too, each would show another moment. Differences need both sides
of one moment: there all panes finish it before the next, and its picture is kept for them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from renderer.messages.request import RenderRequest
from viz.desk.context import Frame
from viz.session import comparing
from viz.session.session import Session

if TYPE_CHECKING:
    from viz.shell.app import App


class Companions:
    """kept: the picture of the moment that the panes are asked for, with pixels of its own."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._moment: RenderRequest | None = None
        self.kept: Frame | None = None

    def requests(self, session: Session) -> dict[str, RenderRequest]:
        """By stream. Once per GUI frame in which the comparison is seen."""
        streams = [comparing.stream(pane) for pane in session.compare.panes]
        together = session.compare.layout == "difference"
        if not together or self._moment is None or all(map(self._app.feed.idle, streams)):
            self._moment = self._newest(session)
        self._keep(together)
        models = self._app.feed.models
        asked = comparing.requests(session, models, self._moment)[1:]
        return dict(zip(streams, asked, strict=True))

    def _newest(self, session: Session) -> RenderRequest:
        """The moment that the picture shows, or will show next."""
        app, frame = self._app, self._app.context.frame
        late = not app.feed.idle("main") and "main" not in app.context.failures
        if late and frame is not None and frame.request.snapshot == session.render.snapshot:
            return frame.request
        return session.render

    def _keep(self, wanted: bool) -> None:
        frame, kept = self._app.context.frame, self.kept
        if not wanted or frame is None:
            self.kept = None
        elif frame.request == self._moment and (kept is None or kept.request != frame.request):
            fits = kept is not None and kept.pixels.shape == frame.pixels.shape
            # In the memory of the last one: fresh memory is ten times as slow to write to.
            into = kept.pixels if kept is not None and fits else np.empty_like(frame.pixels)
            np.copyto(into, frame.pixels)
            self.kept = replace(frame, pixels=into)
