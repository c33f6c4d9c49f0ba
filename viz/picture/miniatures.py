"""Small pictures of latents, drawn when nobody waits for anything else."""

from __future__ import annotations

from msgspec import structs

from renderer.messages.request import RenderRequest, Source
from renderer.messages.to_renderer import BACKGROUND
from viz.desk.context import Context
from viz.gpu.pictures import Frame
from viz.gpu.texture import Texture
from viz.picture.small_pictures import is_quiet, new_shelf, put
from viz.session.session import Session

SIDE = 96
"""How many pixels a small picture is wide and high at most."""
LIMIT = 16 << 20
"""Bytes of textures that are kept."""


class Miniatures:
    """Small pictures by what they show. `find` them in every frame in which they are seen.

    They share the stream on which the thumbnails of a run are drawn, which come first there.
    """

    def __init__(self) -> None:
        self._drawn = new_shelf(LIMIT)
        self._latest: dict[Source, RenderRequest] = {}
        self._seen: Frame | None = None

    def find(self, session: Session, context: Context, source: Source) -> Texture | None:
        """Return a picture of a latent at the session's settings, or at earlier ones until then.

        Where it is missing it is asked for, as soon as nobody is in the way. Of another network
        nothing is shown meanwhile, except between the snapshots of one run, which look alike.
        """
        wanted = structs.replace(
            session.render, source=source, mix=(), directions=(), view=None, augment=None
        )
        self._take(context, wanted)
        drawn = self._drawn.get(wanted)
        if drawn is not None and drawn.is_of(context.models.get(wanted.snapshot)):
            return drawn.texture
        if BACKGROUND not in context.asks.streams and is_quiet(session, context):
            context.ask(BACKGROUND, wanted)
        latest = self._latest.get(source)
        if latest is None or not _akin(latest.snapshot, wanted.snapshot, context):
            return None
        earlier = self._drawn.get(latest)
        return None if earlier is None else earlier.texture

    def _take(self, context: Context, wanted: RenderRequest) -> None:
        """Keep a small copy of what has just been drawn, where it is a latent of a network."""
        frame = context.frames.get(BACKGROUND)
        if frame is None or frame is self._seen:
            return
        self._seen, request = frame, frame.request
        looked_into = request.view is not None or request.augment is not None
        changed = request.mix or request.directions or request.styles != wanted.styles
        if request.snapshot != wanted.snapshot or changed or looked_into:
            return
        self._latest[request.source] = request
        put(self._drawn, frame, context, SIDE)


def _akin(one: str, other: str, context: Context) -> bool:
    """Whether two snapshots are the same or of the run that is shown."""
    return one == other or {one, other} <= {entry.path for entry in context.snapshots}
