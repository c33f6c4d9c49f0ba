"""Small pictures along directions, drawn when nobody waits for anything else.

They are asked for one at a time on the stream of thumbnails, and only while the picture is there
and nothing is held. What was drawn last at a place stays there until its successor comes.
"""

from __future__ import annotations

from typing import TypeAlias

from common.lru import Lru
from renderer.messages.directions import Component, StyleChannel
from renderer.messages.protocol import BACKGROUND
from renderer.messages.request import RenderRequest
from viz.desk.context import Context
from viz.gpu.pictures import Frame
from viz.gpu.texture import Texture
from viz.picture.small_pictures import bytes_of, is_quiet, reduced
from viz.session import directions
from viz.session.inspection import plain
from viz.session.session import Session

PLACES = tuple(place / 3 for place in range(-3, 4))
"""Where the pictures of a strip lie along its direction, −1 … 1 of how far controls go."""
SIDE = 96
"""How many pixels a small picture is wide and high at most."""
LIMIT = 32 << 20
"""Bytes of textures that are kept: about 900 pictures."""

Place: TypeAlias = tuple[bytes, StyleChannel | None, float]
"""A place on a strip: the vector of its direction, or its style channel, and the amount."""


class StripPictures:
    """Small pictures by their requests. `find` them in every frame in which they are seen."""

    def __init__(self) -> None:
        self._textures: Lru[RenderRequest, Texture] = Lru(
            LIMIT, size_of=bytes_of, on_drop=lambda _, texture: texture.delete()
        )
        self._latest: dict[Place, RenderRequest] = {}
        self._asked: dict[RenderRequest, Place] = {}
        self._seen: Frame | None = None

    def begin(self, context: Context) -> None:
        """Take in what was drawn since the last frame; called before `find`."""
        frame = context.frames.get(BACKGROUND)
        if frame is None or frame is self._seen:
            return
        self._seen = frame
        place = self._asked.pop(frame.request, None)
        if place is None:
            return
        self._asked.clear()  # of what else was asked for nothing will come any more
        texture = self._textures.peek(frame.request) or Texture()
        texture.upload(reduced(frame, SIDE))
        self._textures.put(frame.request, texture)
        self._latest[place] = frame.request

    def find(
        self, session: Session, context: Context, component: Component, amount: float
    ) -> Texture | None:
        """Return the picture at an amount of a direction, or an earlier one until it is there."""
        wanted = at(session.render, component, amount)
        texture = self._textures.get(wanted)
        place = component.vector, component.style, amount
        if texture is not None:
            self._latest[place] = wanted
            return texture
        if BACKGROUND not in context.asks.streams and is_quiet(session, context):
            context.ask(BACKGROUND, wanted)
            self._asked[wanted] = place
        latest = self._latest.get(place)
        if latest is None or latest.snapshot != wanted.snapshot:
            return None
        return self._textures.get(latest)


def at(request: RenderRequest, component: Component, amount: float) -> RenderRequest:
    """The picture of a request at another amount of one direction, whatever is looked at."""
    return plain(directions.with_amount(request, component, amount))
