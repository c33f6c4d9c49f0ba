"""Which request is drawn next: the newest of each stream, and every stream in its turn."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TypeAlias

from renderer.protocol import BACKGROUND, Configure, DropRing, Release, Render

PATIENCE = 0.15
"""Seconds that the picture waits for what the discriminator says before that gives way to it."""

Control: TypeAlias = Configure | Release | DropRing


class Schedule:
    """What the render loop has to do. Every method may be called from any thread.

    A stream has at most one request here: either pending, or parked until its snapshot is open.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._controls: deque[Control] = deque()
        self._pending: dict[str, Render] = {}
        self._parked: dict[str, Render] = {}
        self._last = ""
        self._taken = 0.0
        self._patient: set[str] = set()

    def put(self, item: Render | Control) -> None:
        """Add work. A request takes the place of an older one of its stream."""
        with self._changed:
            if isinstance(item, Render):
                self._parked.pop(item.stream, None)
                self._pending[item.stream] = item
            else:
                self._controls.append(item)
            self._changed.notify()

    def next(self) -> Render | Control:
        """Wait for work and take it.

        The picture (`main`) goes first, but never twice in a row while another stream waits.
        What gave way once waits until nobody wants anything else, and so does what is drawn in
        the background.
        """
        with self._changed:
            while not (self._controls or self._pending):
                self._changed.wait()
            if self._controls:
                return self._controls.popleft()
            later = {"main", BACKGROUND, *self._patient}
            others = [stream for stream in self._pending if stream not in later]
            if "main" in self._pending and not (others and self._last == "main"):
                self._last = "main"
            elif others:
                self._last = others[0]
            else:
                self._last = min(self._pending, key=lambda stream: stream == BACKGROUND)
            self._patient.discard(self._last)
            self._taken = time.monotonic()
            return self._pending.pop(self._last)

    def newer(self, render: Render) -> Render | None:
        """The request that will take the place of this one, where there is one."""
        with self._changed:
            return self._pending.get(render.stream)

    def overtaken(self, render: Render) -> bool:
        """Somebody waits for another picture while this one is drawn in the background.

        Or for the picture itself, while the discriminator has been asked about many for longer
        than PATIENCE: at high resolutions on a CPU that takes minutes.
        """
        with self._changed:
            if render.stream == BACKGROUND:
                return bool(self._pending.keys() - {BACKGROUND})
            long = render.request.augment is not None and "main" in self._pending
            return long and time.monotonic() - self._taken > PATIENCE

    def put_back(self, render: Render) -> None:
        """Draw this later after all, unless a newer one has come."""
        with self._changed:
            self._pending.setdefault(render.stream, render)
            self._patient.add(render.stream)

    def park(self, render: Render) -> None:
        """Put a request aside until `unpark(snapshot)`, unless a newer one has come."""
        with self._changed:
            if render.stream not in self._pending:
                self._parked[render.stream] = render

    def unpark(self, path: str) -> None:
        """Make the parked requests for a snapshot pending again."""
        with self._changed:
            for stream, render in list(self._parked.items()):
                if render.request.snapshot == path:
                    del self._parked[stream]
                    self._pending[stream] = render
            self._changed.notify()

    def wanted(self, path: str, *, background: bool = True) -> bool:
        """A request for this snapshot is waiting. background False: one that somebody waits for."""
        with self._changed:
            waiting = [*self._pending.values(), *self._parked.values()]
        return any(
            render.request.snapshot == path and (background or render.stream != BACKGROUND)
            for render in waiting
        )
