"""Small pictures that are drawn in the background while the window is quiet, and kept.

They are asked for one at a time on the stream of thumbnails, which several panels share.
"""

from __future__ import annotations

import numpy as np
from imgui_bundle import imgui
from PIL import Image

from common.lru import Lru
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


class SmallPictures:
    """Small pictures by their requests. `find` them in every frame in which they are seen.

    side: how many pixels one is wide and high at most.
    limit: bytes of textures that are kept.

    asking: the request that was asked for last, None once a picture has come.
    """

    def __init__(self, side: int = SIDE, limit: int = KEPT) -> None:
        self._side = side
        self._textures: Lru[RenderRequest, Texture] = Lru(
            limit, size_of=bytes_of, on_drop=lambda _, texture: texture.delete()
        )
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
        texture = self._textures.peek(request) or Texture()
        texture.upload(reduced(frame, self._side))
        self._textures.put(request, texture)
        return request

    def get(self, request: RenderRequest) -> Texture | None:
        """Return the picture of a request if it is there."""
        return self._textures.get(request)

    def find(self, session: Session, context: Context, request: RenderRequest) -> Texture | None:
        """Return the picture of a request, whatever is looked at; None until it is there."""
        wanted = plain(request)
        texture = self._textures.get(wanted)
        missing = texture is None and wanted not in self._failed
        if missing and BACKGROUND not in context.asks.streams and is_quiet(session, context):
            context.ask(BACKGROUND, wanted)
            self._asked.add(wanted)
            self.asking = wanted
        return texture


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
