"""Small pictures along directions, drawn when nobody waits for anything else.

What was drawn last at a place stays there until its successor comes.
"""

from __future__ import annotations

from typing import TypeAlias

from renderer.messages.directions import Component, StyleChannel
from renderer.messages.request import RenderRequest
from viz.desk.context import Context
from viz.gpu.texture import Texture
from viz.picture.small_pictures import SmallPictures
from viz.session.changes import directions
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
    """Small pictures by their places. `find` them in every frame in which they are seen."""

    def __init__(self) -> None:
        self._pictures = SmallPictures(SIDE, LIMIT)
        self._latest: dict[Place, RenderRequest] = {}
        self._asked: dict[RenderRequest, Place] = {}

    def begin(self, session: Session, context: Context) -> None:
        """Take in what was drawn since the last frame; called before `find`."""
        came = self._pictures.begin(session, context)
        if came is not None:
            self._latest[self._asked[came]] = came
            self._asked.clear()

    def find(
        self, session: Session, context: Context, component: Component, amount: float
    ) -> Texture | None:
        """Return the picture at an amount of a direction, or an earlier one until it is there."""
        wanted = at(session.render, component, amount)
        texture = self._pictures.find(session, context, wanted)
        place = component.vector, component.style, amount
        if self._pictures.asking == wanted:
            self._asked[wanted] = place
        if texture is not None:
            self._latest[place] = wanted
            return texture
        latest = self._latest.get(place)
        if latest is None or latest.snapshot != wanted.snapshot:
            return None
        return self._pictures.get(latest)


def at(request: RenderRequest, component: Component, amount: float) -> RenderRequest:
    """The picture of a request at another amount of one direction, whatever is looked at."""
    return plain(directions.with_amount(request, component, amount))
