"""Small pictures of the snapshots of a run, all made by the session's request.

They are drawn one at a time, in the background: nothing is asked of the renderer while the user
holds something, while the picture itself is owed, or right after the request has changed. What has
been drawn is kept by what it shows (the request) and of what (the file as it was written), within
a number of bytes; the thumbnail of an earlier request is shown until its successor is there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from imgui_bundle import imgui
from msgspec import structs
from PIL import Image

from common.lru import Lru
from renderer.messages.failure import Failure
from renderer.messages.model import ModelInfo
from renderer.messages.request import RenderRequest
from renderer.messages.to_renderer import BACKGROUND
from viz.desk.asks import Asks
from viz.desk.facts import FileEntry
from viz.desk.parts.timeline import Thumbnail
from viz.desk.tasks import Tasks
from viz.gpu.pictures import Frame
from viz.gpu.texture import Texture
from viz.session.cell import SessionCell
from viz.session.fit import fit

SIDE = 128
"""Longer side in pixels, on a display of ordinary density."""
LIMIT = 32 << 20
"""Bytes of textures: five hundred thumbnails on a display of ordinary density."""
QUIET = 0.15
"""Seconds for which the request has not changed, before thumbnails follow it."""

Pixels: TypeAlias = npt.NDArray[np.uint8]
"""A picture: [height, width, 4] uint8."""
Key: TypeAlias = tuple[RenderRequest, int, int]
"""The request with its snapshot, and when the file was written and how many bytes it has."""


class Shelf:
    """Textures by key, at most `limit` bytes of them; those used least recently go.

    Textures belong to OpenGL: use it only on the thread of the window.
    """

    def __init__(self, limit: int) -> None:
        self.textures: Lru[Key, Texture] = Lru(limit, size_of=_bytes, on_drop=self._dropped)
        self._latest: dict[str, Key] = {}

    def find(self, key: Key) -> Texture | None:
        """Return the texture of a key, None where there is none; this counts as a use."""
        return self.textures.get(key)

    def latest(self, path: str) -> Texture | None:
        """Return the texture of this file that was put here last; this counts as a use."""
        key = self._latest.get(path)
        return None if key is None else self.find(key)

    def put(self, key: Key, pixels: Pixels) -> None:
        """Keep a picture; call this where no texture is about to be drawn.

        pixels: [height, width, 4] uint8.
        """
        texture = self.textures.peek(key) or Texture()
        texture.upload(pixels)
        self._latest[key[0].snapshot] = key
        self.textures.put(key, texture)

    def clear(self) -> None:
        """Delete every texture."""
        self.textures.clear()

    def _dropped(self, key: Key, texture: Texture) -> None:
        texture.delete()
        if self._latest.get(key[0].snapshot) == key:
            del self._latest[key[0].snapshot]


class Thumbnails:
    """What panels show of a run's snapshots; `want` them in every frame in which they are seen.

    frames: the newest picture of each stream.
    take_failure: why a stream has no picture, once.
    models: facts on the networks, by path.
    snapshots: those of the run.
    scale: of the display and the text together.
    idle: whether nobody is in the way of drawing thumbnails.
    limit: bytes of textures that are kept.
    """

    def __init__(
        self,
        cell: SessionCell,
        tasks: Tasks,
        *,
        frames: Mapping[str, Frame],
        take_failure: Callable[[str], Failure | None],
        models: Mapping[str, ModelInfo],
        snapshots: Callable[[], Sequence[FileEntry]],
        scale: Callable[[], float],
        idle: Callable[[], bool],
        limit: int = LIMIT,
    ) -> None:
        self._cell = cell
        self._tasks = tasks
        self._frames = frames
        self._take_failure = take_failure
        self._models = models
        self._snapshots = snapshots
        self._scale = scale
        self._idle_window = idle
        self.shelf = Shelf(limit)
        self._failures: dict[Key, Failure] = {}
        self._wanting: list[FileEntry] = []
        self._wanted: list[FileEntry] = []
        self._asked: Key | None = None
        self._reducing: set[Key] = set()
        self._base: RenderRequest | None = None
        self._since = 0.0
        self._settled = False
        self._seen: dict[str, Frame] = {}
        self._keys: dict[FileEntry, Key] = {}

    # -- for panels ---------------------------------------------------------------------------

    def want(self, entries: Sequence[FileEntry]) -> None:
        """Have these drawn, the first ones first, for as long as this is called in every frame."""
        self._wanting.extend(entries)

    def find(self, entry: FileEntry) -> Thumbnail | None:
        """Return the thumbnail of a snapshot, or an earlier one as long as there is no other."""
        texture = self.shelf.find(self._key(entry))
        current = texture is not None
        texture = texture or self.shelf.latest(entry.path)
        if texture is None:
            return None
        return Thumbnail(texture.name, texture.width, texture.height, current)

    def failure(self, entry: FileEntry) -> Failure | None:
        """Return why this snapshot has no thumbnail at this request and as the file is now."""
        return self._failures.get(self._key(entry)) if self._failures else None

    @property
    def pending(self) -> bool:
        """Whether something that is wanted is not there yet."""
        return bool(self._reducing) or any(self._missing(entry) for entry in self._wanted)

    # -- a frame ------------------------------------------------------------------------------

    def begin(self) -> None:
        """Take in what was rendered; called before anything is drawn."""
        self._keys.clear()
        base = _base(self._cell.now.render)
        if base != self._base:
            self._base, self._since = base, time.monotonic()
            self._failures.clear()
        self._settled = time.monotonic() - self._since >= QUIET
        for stream in (BACKGROUND, "main"):
            frame = self._frames.get(stream)
            fresh = frame is not None and frame is not self._seen.get(stream)
            if frame is not None and fresh and self._take(frame):
                self._seen[stream] = frame
        failure = self._take_failure(BACKGROUND)
        if failure is not None and self._asked is not None:
            self._failures[self._asked] = failure
            self._asked = None

    def end(self, asks: Asks) -> None:
        """Ask for what is missing, if nobody is in the way; called after the panels."""
        self._wanted, self._wanting = self._wanting, []
        if not self._idle():
            self._asked = None
            return
        keys = [self._key(entry) for entry in self._wanted if self._missing(entry)]
        if self._asked not in keys:
            self._asked = keys[0] if keys else None
        if self._asked is not None:
            asks.streams[BACKGROUND] = (self._asked[0], None)

    def close(self) -> None:
        """Delete every texture; called once, when the window closes."""
        self.shelf.clear()

    # -- parts of it --------------------------------------------------------------------------

    def _key(self, entry: FileEntry) -> Key:
        if entry not in self._keys:
            self._keys[entry] = _key(self._request(entry.path), entry)
        return self._keys[entry]

    def _request(self, path: str) -> RenderRequest:
        request = structs.replace(_base(self._cell.now.render), snapshot=path)
        model = self._models.get(path)
        return request if model is None else structs.replace(fit(request, model), snapshot=path)

    def _missing(self, entry: FileEntry) -> bool:
        key = self._key(entry)
        known = key in self._failures or key in self._reducing
        return not known and self.shelf.find(key) is None

    def _idle(self) -> bool:
        held = any(imgui.is_mouse_down(b) for b in range(3))
        return self._settled and not held and self._idle_window()

    def _take(self, frame: Frame) -> bool:
        """Keep a picture of a snapshot of this run at this request, whoever asked for it.

        Returns False where it may be one as soon as the request settles or the run is known.
        """
        if self._asked is not None and frame.request == self._asked[0]:
            self._asked = None
        entry = next((e for e in self._snapshots() if e.path == frame.request.snapshot), None)
        if entry is None or not self._settled:
            return False
        request = self._request(entry.path)
        model = self._models.get(entry.path)
        drawn = _base(frame.request) if model is None else _base(fit(frame.request, model))
        augmented = frame.request.augment is not None
        if augmented or drawn != _base(request) or not self._missing(entry):
            return True
        key, pixels = _key(request, entry), frame.pixels.copy()
        side = SIDE if self._scale() < 1.5 else 2 * SIDE
        self._reducing.add(key)

        def reduced(small: Pixels) -> None:
            self._reducing.discard(key)
            self.shelf.put(key, small)

        self._tasks.run(lambda: reduce(pixels, side), reduced, quiet=True)
        return True


def reduce(pixels: Pixels, side: int) -> Pixels:
    """Return a picture of the same shape that is at most `side` pixels wide and high.

    Small pictures are enlarged by whole pixels.
    pixels: [height, width, 4] uint8, as the result.
    """
    image = Image.fromarray(np.ascontiguousarray(pixels[..., :3]))
    larger = side // max(image.size)
    if larger > 1:
        size = image.width * larger, image.height * larger
        image = image.resize(size, Image.Resampling.NEAREST)
    else:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return np.array(image.convert("RGBA"))


def _base(request: RenderRequest) -> RenderRequest:
    """Return the part of a request that all thumbnails have in common."""
    return structs.replace(request, snapshot="", augment=None)


def _key(request: RenderRequest, entry: FileEntry) -> Key:
    return request, entry.modified, entry.bytes


def _bytes(texture: Texture) -> int:
    return texture.width * texture.height * 4
