"""The panes of the comparison as streams: what each is asked for while the picture moves.

All pictures are to show the same latent. Where the renderer keeps up, panes are asked for what the
session says in the same frame as the picture is. Where it does not, they follow what the picture
has come to: asked for the newest too, each would show another moment. Differences need both sides
of one moment: there all panes finish it before the next, and its picture is kept for them.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from renderer.messages.failure import Failure
from renderer.messages.model import ModelInfo
from renderer.messages.request import RenderRequest
from viz.gpu.pictures import Frame
from viz.session import comparing
from viz.session.session import Session


class PaneStreams:
    """Decides what the renderer is asked for in the panes of the comparison.

    frames, failures: of each stream, as the window has them.
    idle: whether everything that a stream was asked for has been answered.
    models: facts on the networks, by path.
    kept: the picture of the moment that the panes are asked for, with pixels of its own.
    """

    def __init__(
        self,
        frames: Mapping[str, Frame],
        failures: Mapping[str, Failure],
        idle: Callable[[str], bool],
        models: Mapping[str, ModelInfo],
    ) -> None:
        self._frames = frames
        self._failures = failures
        self._idle = idle
        self._models = models
        self._moment: RenderRequest | None = None
        self._kept_of: Callable[[], Frame | None] = lambda: None  # the exact one follows a draft
        self.kept: Frame | None = None

    def requests(self, session: Session) -> dict[str, RenderRequest]:
        """Return the requests by stream; called in every frame in which the comparison is seen."""
        streams = [comparing.stream(pane) for pane in session.compare.panes]
        together = session.compare.layout == "difference"
        if not together or self._moment is None or all(map(self._idle, streams)):
            self._moment = self._newest(session)
        self._keep(together)
        asked = comparing.requests(session, self._models, self._moment)[1:]
        return dict(zip(streams, asked, strict=True))

    def _newest(self, session: Session) -> RenderRequest:
        """Return the request of the moment that the picture shows, or will show next."""
        frame = self._frames.get("main")
        late = not self._idle("main") and "main" not in self._failures
        if late and frame is not None and frame.request.snapshot == session.render.snapshot:
            return frame.request
        return session.render

    def _keep(self, wanted: bool) -> None:
        frame, kept = self._frames.get("main"), self.kept
        if not wanted or frame is None:
            self.kept = None
        elif frame.request == self._moment and (kept is None or self._kept_of() is not frame):
            fits = kept is not None and kept.pixels.shape == frame.pixels.shape
            # In the memory of the last one: fresh memory is ten times as slow to write to.
            into = kept.pixels if kept is not None and fits else np.empty_like(frame.pixels)
            np.copyto(into, frame.pixels)
            self.kept = replace(frame, pixels=into)
            self._kept_of = weakref.ref(frame)
