"""Finished pictures on their way to the window: one ring of slots per stream."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from msgspec import structs

from renderer.messages.frame import Drawn, FrameInfo
from renderer.messages.to_renderer import Release, Render
from renderer.messages.to_window import FrameReady, ToWindow
from renderer.transport.shared_memory import Pixels, Ring


@dataclass
class _Picture:
    """A picture that waits for a slot.

    pixels: a copy, [height, width, 4].
    info: what is known besides.
    """

    pixels: Pixels
    info: FrameInfo


class Publisher:
    """A `PixelSender` that writes pictures into rings and tells the window where they are.

    Any thread may call its methods.
    """

    def __init__(self, prefix: str, send: Callable[[ToWindow], None]) -> None:
        """Make a publisher that has no rings yet.

        prefix: rings are named `prefix-1`, `prefix-2`, … in the order in which they are made.
        send: hands a message to the window.
        """
        self._prefix = prefix
        self._send = send
        self._lock = threading.Lock()
        self._made = 0
        self._rings: dict[str, Ring] = {}
        self._waiting: dict[str, tuple[Render, _Picture]] = {}

    def publish(self, render: Render, drawn: Drawn) -> None:
        """Send a picture. Raises UserError where there is no memory for it.

        Where the window holds every slot it goes out with the next release, unless a newer one has
        come by then.
        """
        with self._lock:
            self._publish(render, drawn)

    def forget(self, stream: str) -> None:
        """Drop the picture of a stream that still waits for a slot: it has been overtaken."""
        with self._lock:
            self._waiting.pop(stream, None)

    def release(self, message: Release) -> None:
        """Take back a slot from the window; slots of rings that are gone do not matter."""
        with self._lock:
            for stream, ring in self._rings.items():
                if ring.name == message.ring:
                    ring.release(message.slot)
                    if stream in self._waiting:
                        self._publish(*self._waiting[stream])
                    return

    def drop(self, name: str) -> None:
        """Do without a ring that the window could not open."""
        with self._lock:
            for stream, ring in list(self._rings.items()):
                if ring.name == name:
                    self._rings.pop(stream).close()
                    self._waiting.pop(stream, None)

    def received(self, size: int) -> None:
        """Nothing follows: what lies in memory has arrived."""

    def close(self) -> None:
        """Remove every ring, when no picture will follow. This waits for nobody."""
        for ring in list(self._rings.values()):
            ring.close()

    def _publish(self, render: Render, drawn: Drawn) -> None:
        self._waiting.pop(render.stream, None)
        start = time.perf_counter()
        ring = self._ring(render.stream, drawn.pixels.nbytes)
        slot = ring.write(drawn.pixels)
        if slot is None:
            self._waiting[render.stream] = (render, _Picture(drawn.pixels.copy(), drawn.info))
            return
        height, width = drawn.pixels.shape[:2]
        timings = {**drawn.info.timings, "publish": (time.perf_counter() - start) * 1e3}
        self._send(
            FrameReady(
                id=render.id,
                stream=render.stream,
                request=render.request,
                ring=ring.name,
                slot=slot,
                width=width,
                height=height,
                info=structs.replace(drawn.info, timings=timings),
                offset=ring.offset(slot),
                ring_bytes=ring.size,
            )
        )

    def _ring(self, stream: str, size: int) -> Ring:
        """Return the ring of a stream for pictures of `size` bytes.

        Raises UserError where there is no memory for it.
        """
        ring = self._rings.get(stream)
        if ring is None or not ring.suits(size):
            if ring is not None:
                del self._rings[stream]
                ring.close()
            self._made += 1
            ring = self._rings[stream] = Ring(f"{self._prefix}-{self._made}", size)
        return ring
