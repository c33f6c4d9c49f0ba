"""Small pictures that are drawn in the background while the window is quiet, and kept.

They are asked for one at a time on the stream of thumbnails, which several panels share.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from imgui_bundle import imgui
from PIL import Image

from common.lru import Lru
from renderer.messages.model import ModelInfo
from renderer.messages.request import RenderRequest
from renderer.messages.to_renderer import BACKGROUND
from viz.desk.context import Context
from viz.gpu.pictures import Frame
from viz.gpu.texture import Texture
from viz.session.changes import motion
from viz.session.inspection import plain
from viz.session.session import Session

SIDE = 128
"""How many pixels a small picture is wide and high at most, where nobody says another number."""
KEPT = 32 << 20
"""Bytes of textures that are kept then: about 500 pictures."""


class Drawn(NamedTuple):
    """A small picture.

    texture: shows it.
    model: what was known of its network then, None where nothing was.
    """

    texture: Texture
    model: ModelInfo | None

    def is_of(self, model: ModelInfo | None) -> bool:
        """Whether it is of that network; otherwise the file has been written anew since."""
        return self.model is model or None in (self.model, model) or self.model == model


class SmallPictures:
    """Small pictures by their requests. `find` them in every frame in which they are seen.

    side: how many pixels one is wide and high at most.
    limit: bytes of textures that are kept.

    asking: the request that was asked for last, None once a picture has come.
    """

    def __init__(self, side: int = SIDE, limit: int = KEPT) -> None:
        self._side = side
        self._drawn: Lru[RenderRequest, Drawn] = new_shelf(limit)
        self._asked: set[RenderRequest] = set()
        self._failed: set[RenderRequest] = set()
        self._main: RenderRequest | None = None
        self._seen: Frame | None = None
        self.asking: RenderRequest | None = None

    def begin(self, session: Session, context: Context) -> RenderRequest | None:
        """Take in what was drawn since the last frame; called before `find`.

        Return the request of the picture that has come, None where none has. One that failed keeps
        no other waiting: it is tried again when the session's picture is another one.
        """
        if session.render != self._main:
            self._main = session.render
            self._failed.clear()
        refused = context.refused.get(BACKGROUND)
        if refused in self._asked:
            self._asked.discard(refused)
            self._failed.add(refused)
        frame = context.frames.get(BACKGROUND)
        if frame is None or frame is self._seen:
            return None
        self._seen, request = frame, frame.request
        if request not in self._asked:
            return None
        self._asked.clear()  # of what else was asked for nothing will come any more
        self.asking = None
        put(self._drawn, frame, context, self._side)
        return request

    def get(self, request: RenderRequest) -> Texture | None:
        """Return the picture of a request if it is there."""
        drawn = self._drawn.get(request)
        return None if drawn is None else drawn.texture

    def find(self, session: Session, context: Context, request: RenderRequest) -> Texture | None:
        """Return the picture of a request, whatever is looked at; None until it is there."""
        wanted = plain(request)
        drawn = self._drawn.get(wanted)
        current = drawn is not None and drawn.is_of(context.models.get(wanted.snapshot))
        missing = not current and wanted not in self._failed
        if missing and BACKGROUND not in context.asks.streams and is_quiet(session, context):
            context.ask(BACKGROUND, wanted)
            self._asked.add(wanted)
            self.asking = wanted
        return None if drawn is None else drawn.texture


def new_shelf(limit: int) -> Lru[RenderRequest, Drawn]:
    """Return a table of small pictures; limit: bytes of textures that are kept."""
    return Lru(
        limit,
        size_of=lambda drawn: bytes_of(drawn.texture),
        on_drop=lambda _, drawn: drawn.texture.delete(),
    )


def put(shelf: Lru[RenderRequest, Drawn], frame: Frame, context: Context, side: int) -> None:
    """Keep a small copy of a picture, at most about `side` pixels wide and high."""
    before = shelf.pop(frame.request)
    texture = Texture() if before is None else before.texture
    texture.upload(reduced(frame, side))
    shelf.put(frame.request, Drawn(texture, context.models.get(frame.request.snapshot)))


def is_quiet(session: Session, context: Context) -> bool:
    """Whether the picture on the screen is drawn and nothing moves: others may be asked for."""
    held = any(imgui.is_mouse_down(button) for button in range(3))
    drawn = context.frame is not None and context.frame.request == session.render
    playing = context.timeline.playing or context.journey.playing
    return drawn and not held and not motion.moving(session) and not playing


def reduced(frame: Frame, side: int) -> np.ndarray:
    """[height, width, 4] uint8, at most about `side` pixels wide and high."""
    image = Image.fromarray(np.ascontiguousarray(frame.pixels[..., :3]))
    factor = max(1, max(image.size) // side)
    return np.array((image.reduce(factor) if factor > 1 else image).convert("RGBA"))


def bytes_of(texture: Texture) -> int:
    """What a texture takes of the GPU's memory."""
    return texture.width * texture.height * 4
