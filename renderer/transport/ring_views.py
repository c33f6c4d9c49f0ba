"""The pictures of one renderer process, as the window finds them in shared memory."""

from __future__ import annotations

from renderer.messages.to_window import FrameReady
from renderer.transport.segment import remove_segment
from renderer.transport.shared_memory import Pixels, RingView


class RingViews:
    """Opens rings as they are named. Used by the thread that receives messages."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._last = 0
        self._views: dict[str, RingView] = {}

    def fetch(self, message: FrameReady) -> Pixels:
        """Pixels [H, W, 4] of a message. Raises OSError or ValueError where they are not there."""
        self._last = max(self._last, int(message.ring.rpartition("-")[2]))
        view = self._views.get(message.stream)
        if view is None or view.name != message.ring:
            view = self._views[message.stream] = RingView(message.ring, message.ring_bytes)
        return view.picture(message.offset, message.height, message.width)

    def sweep(self) -> None:
        """Remove a ring that the process made and did not live to announce."""
        while remove_segment(f"{self._prefix}-{self._last + 1}"):
            self._last += 1
