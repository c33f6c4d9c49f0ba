"""Small pictures of the keys of a journey, drawn when nobody waits for anything else.

They are asked for one at a time on the stream of thumbnails, and kept by what they show.
"""

from __future__ import annotations

from common.lru import Lru
from renderer.messages.protocol import BACKGROUND
from renderer.messages.request import RenderRequest
from viz.desk.context import Context
from viz.gpu.pictures import Frame
from viz.gpu.texture import Texture
from viz.picture.small_pictures import bytes_of, is_quiet, reduced
from viz.session.inspection import plain
from viz.session.session import Session

SIDE = 128
"""How many pixels a small picture is wide and high at most."""
LIMIT = 32 << 20
"""Bytes of textures that are kept: about 500 pictures."""


class KeyPictures:
    """Small pictures by their requests. `find` them in every frame in which they are seen."""

    def __init__(self) -> None:
        self._textures: Lru[RenderRequest, Texture] = Lru(
            LIMIT, size_of=bytes_of, on_drop=lambda _, texture: texture.delete()
        )
        self._asked: RenderRequest | None = None
        self._seen: Frame | None = None

    def begin(self, context: Context) -> None:
        """Take in what was drawn since the last frame; called before `find`."""
        frame = context.frames.get(BACKGROUND)
        if frame is None or frame is self._seen:
            return
        self._seen = frame
        if frame.request == self._asked:
            texture = self._textures.peek(frame.request) or Texture()
            texture.upload(reduced(frame, SIDE))
            self._textures.put(frame.request, texture)

    def find(self, session: Session, context: Context, request: RenderRequest) -> Texture | None:
        """Return the picture of a request, whatever is looked at; None until it is there."""
        wanted = plain(request)
        texture = self._textures.get(wanted)
        if texture is None and BACKGROUND not in context.asks.streams:
            playing = context.journey.playing
            if not playing and is_quiet(session, context):
                context.ask(BACKGROUND, wanted)
                self._asked = wanted
        return texture
