"""Pixels over a line: the newest picture of each stream, as fast as the line takes them.

A thread packs and sends; whoever publishes never waits. Pictures of what moves go as JPEG where
exact ones would take long, and are marked as drafts (`FrameInfo.draft`), so that nobody keeps them;
the exact one follows when nothing newer has come for a moment. Every other picture is exact.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from msgspec import structs

from renderer.messages.failure import explain
from renderer.messages.frame import Draft, Drawn, FrameInfo
from renderer.messages.to_renderer import BACKGROUND, Release, Render
from renderer.messages.to_window import FrameReady, Packing, PixelPart, RenderFailed, ToWindow
from renderer.transport.credit import CHUNK, Credit
from renderer.transport.packing import QUALITIES, pack_exactly, pack_lossily
from renderer.transport.shared_memory import Pixels

STILL = 0.15
"""Seconds without a newer picture after which the exact one of what was sent as JPEG follows."""
SOON = 0.01
"""Seconds that an exact picture of what moves may take to be packed and sent."""
LONG, SHORT = 0.08, 0.02
"""Seconds on the line above which pictures of what moves become coarser, and below which finer."""
_PACKING = 40e-9  # seconds to pack a pixel exactly
_PACKED = 1.2  # bytes of an exactly packed pixel, of natural pictures


@dataclass(frozen=True)
class _Picture:
    """A picture that waits to be sent.

    pixels: a copy, [height, width, 4].
    due: by `time.monotonic`, when it may go out.
    still: it is the exact one of a picture of which a draft is out.
    render, info: what it answers, and what is known of it.
    """

    render: Render
    pixels: Pixels
    info: FrameInfo
    due: float
    still: bool


class StreamSender:
    """A `PixelSender`. Any thread may call its methods."""

    def __init__(self, send: Callable[[ToWindow], None], credit: Credit) -> None:
        """Make one, with its thread.

        send: hands a message to the window.
        credit: how much may be on its way.
        """
        self._send = send
        self._credit = credit
        self._changed = threading.Condition()
        self._waiting: dict[str, _Picture] = {}
        self._drafted: dict[str, int] = {}  # of each stream the newest picture that went as a draft
        self._last = ""
        self._step = 0  # of QUALITIES
        self._closed = False
        threading.Thread(target=self._run, name="pixels", daemon=True).start()

    def publish(self, render: Render, drawn: Drawn) -> None:
        """See PixelSender."""
        still = self._drafted.get(render.stream) == render.id and drawn.info.draft is None
        picture = _Picture(render, drawn.pixels.copy(), drawn.info, -math.inf, still)
        with self._changed:
            self._waiting[render.stream] = picture
            self._changed.notify()
        self._credit.look()

    def forget(self, stream: str) -> None:
        """See PixelSender."""
        with self._changed:
            self._waiting.pop(stream, None)

    def release(self, message: Release) -> None:
        """See PixelSender; the window keeps pictures of its own."""

    def drop(self, name: str) -> None:
        """See PixelSender; there are no rings."""

    def received(self, size: int) -> None:
        """See PixelSender."""
        self._credit.received(size)

    def close(self) -> None:
        """See PixelSender."""
        self._closed = True
        self._credit.close()

    def _run(self) -> None:
        while (picture := self._next()) is not None:
            try:
                self._one(picture)
            except Exception as error:  # noqa: BLE001 - told to the user; the next may do better
                render = picture.render
                failure = explain(error)
                self._send(RenderFailed(render.id, render.stream, render.request, failure))

    def _next(self) -> _Picture | None:
        """Wait for a picture that is due and take it, the main one first; None at the end.

        But never twice in a row while another stream waits, of those that somebody waits for.
        """
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                ready = [name for name, picture in self._waiting.items() if picture.due <= now]
                if ready:
                    ready.sort(key=lambda name: (name == BACKGROUND, name == self._last))
                    main_first = "main" in ready and self._last != "main"
                    self._last = "main" if main_first else ready[0]
                    return self._waiting.pop(self._last)
                due = min((picture.due for picture in self._waiting.values()), default=math.inf)
                self._changed.wait(due - now if due < math.inf else None)
        return None

    def _one(self, picture: _Picture) -> None:
        began = time.perf_counter()
        lossy = self._is_lossy(picture)
        quality, info = QUALITIES[self._step], picture.info
        if lossy:
            packing, data = pack_lossily(picture.pixels, quality)
            draft = info.draft or Draft(min(picture.pixels.shape[:2]), info.precision)
            info = structs.replace(info, draft=structs.replace(draft, jpeg=quality))
            self._choose_quality(len(data) / self._credit.rate)
        else:
            packing, data = pack_exactly(picture.pixels)
        if not self._parts(picture, data):
            self._put_back(picture)
            return
        if info.draft is not None:
            self._drafted[picture.render.stream] = picture.render.id
        info = structs.replace(
            info, timings={**info.timings, "send": (time.perf_counter() - began) * 1e3}
        )
        self._send(_frame(picture, info, packing))
        if lossy and picture.info.draft is None:
            self._put_back(replace(picture, due=time.monotonic() + STILL, still=True))

    def _choose_quality(self, seconds: float) -> None:
        """Choose that of the next picture, of how long the line takes for one of the present."""
        if seconds > LONG:
            self._step = min(self._step + 1, len(QUALITIES) - 1)
        elif seconds < SHORT:
            self._step = max(self._step - 1, 0)

    def _is_lossy(self, picture: _Picture) -> bool:
        moves = picture.render.drafts and not picture.still and not picture.info.transparent
        size = picture.pixels.shape[0] * picture.pixels.shape[1]
        return moves and size * (_PACKING + _PACKED / self._credit.rate) > SOON

    def _parts(self, picture: _Picture, data: bytes) -> bool:
        """Send the bytes of a picture; False where it gives way to others in the middle."""
        for offset in range(0, len(data), CHUNK):
            part = data[offset : offset + CHUNK]
            if not self._credit.take(len(part), lambda: self._is_wanted(picture)):
                return False
            self._send(PixelPart(offset, part))
        return True

    def _is_wanted(self, picture: _Picture) -> bool:
        """Whether a picture on its way is not to give way.

        Whatever somebody waits for comes before what is drawn in the background, and what moves
        again before the exact picture of where it stood.
        """
        with self._changed:
            if picture.render.stream == BACKGROUND:
                now = time.monotonic()
                others = (p for name, p in self._waiting.items() if name != BACKGROUND)
                return not any(other.due <= now for other in others)
            return not (picture.still and picture.render.stream in self._waiting)

    def _put_back(self, picture: _Picture) -> None:
        """Have a picture sent later, unless there is a newer one."""
        with self._changed:
            self._waiting.setdefault(picture.render.stream, picture)


def _frame(picture: _Picture, info: FrameInfo, packing: Packing) -> FrameReady:
    height, width = picture.pixels.shape[:2]
    render = picture.render
    return FrameReady(
        render.id, render.stream, render.request, "", 0, width, height, info, packing=packing
    )
