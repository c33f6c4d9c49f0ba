"""What carries pixels from the renderer to the window: shared memory, or the stream of messages.

On one machine a ring of shared memory does (`renderer.server.publish`, `ring_views`); from another
one the pixels come in the stream (`stream_sender`, `stream_receiver`).
"""

from __future__ import annotations

from typing import Protocol

from renderer.messages.frame import Drawn
from renderer.messages.to_renderer import Release, Render
from renderer.messages.to_window import FrameReady
from renderer.transport.shared_memory import Pixels


class PixelSender(Protocol):
    """The renderer's side. Any thread may call its methods."""

    def publish(self, render: Render, drawn: Drawn) -> None:
        """Have a picture sent, in the place of an older one of its stream that still waits.

        Raises UserError where there is no memory for it.
        """

    def forget(self, stream: str) -> None:
        """Drop the picture of a stream that still waits: it has been overtaken."""

    def release(self, message: Release) -> None:
        """Note that the window no longer looks at a picture."""

    def drop(self, name: str) -> None:
        """Do without a ring that the window could not open."""

    def received(self, size: int) -> None:
        """Note that so many more bytes of pixels have reached the window."""

    def close(self) -> None:
        """Free everything, when no picture will follow. This waits for nobody."""


class PixelReceiver(Protocol):
    """The window's side. Used by the thread that receives messages."""

    def fetch(self, message: FrameReady) -> Pixels:
        """Pixels [H, W, 4], read-only. Raises OSError or ValueError where they are not there."""

    def sweep(self) -> None:
        """Remove what the process left behind, after its end."""
