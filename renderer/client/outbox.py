"""What waits for the pipe to a renderer: nobody who sends waits for the pipe."""

from __future__ import annotations

import threading

from renderer.messages.to_renderer import Render, ToRenderer


class Outbox:
    """Messages that wait for the pipe: of requests the newest per stream, all others in order."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._others: list[ToRenderer] = []
        self._renders: dict[str, Render] = {}
        self._closed = False

    def put(self, message: ToRenderer) -> None:
        """Add a message; a request takes the place of an older one of its stream."""
        with self._changed:
            if isinstance(message, Render):
                self._renders[message.stream] = message
            else:
                self._others.append(message)
            self._changed.notify()

    def take(self) -> list[ToRenderer]:
        """Wait for messages and take them all; empty when the box is closed."""
        with self._changed:
            while not (self._others or self._renders or self._closed):
                self._changed.wait()
            # Taken in one step each: a frame that is collected meanwhile puts its release here.
            others, self._others = self._others, []
            renders, self._renders = self._renders, {}
            return [*others, *renders.values()]

    def close(self) -> None:
        """Whoever waits for messages waits no longer."""
        with self._changed:
            self._closed = True
            self._changed.notify()
