"""The pictures of a renderer on another machine, put together of what comes in the stream."""

from __future__ import annotations

from renderer.messages.to_window import FrameReady, PixelPart
from renderer.transport.packing import unpack
from renderer.transport.shared_memory import Pixels

MOST = 1 << 30
"""Bytes that a packed picture may have."""


class StreamReceiver:
    """A `PixelReceiver`. Used by the thread that receives messages."""

    def __init__(self) -> None:
        self._parts = bytearray()

    def take(self, part: PixelPart) -> None:
        """Keep the bytes of a picture. Raises ValueError where they do not follow the last."""
        if part.offset == 0:
            self._parts = bytearray()
        if part.offset != len(self._parts) or part.offset > MOST:
            raise ValueError("pixels that do not follow those before")
        self._parts += part.data

    def fetch(self, message: FrameReady) -> Pixels:
        """See PixelReceiver."""
        parts, self._parts = self._parts, bytearray()
        return unpack(message.packing, bytes(parts), message.height, message.width)

    def sweep(self) -> None:
        """See PixelReceiver; nothing is left behind in a stream."""
