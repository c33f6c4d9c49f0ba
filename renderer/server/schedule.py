"""Which request is drawn next: the newest of each stream, and every stream in its turn."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from renderer.messages.to_renderer import BACKGROUND, Configure, DropRing, Release, Render

# Asking the discriminator takes many times as long as a picture. While the picture moves, it rests
# REST times as long as it took; where it takes longer than PATIENCE seconds it gives way, and waits
# until the picture has stood still for QUIET seconds.
REST, PATIENCE, QUIET = 3.0, 0.5, 0.3
STILL = 0.15
"""Seconds after the last request of a stream in which a draft waits for a newer one."""

Control: TypeAlias = Configure | Release | DropRing


class Schedule:
    """What the render loop has to do. Every method may be called from any thread.

    A stream has at most one request here: either pending, or parked until its snapshot is open.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._changed = threading.Condition()
        self._controls: deque[Control] = deque()
        self._pending: dict[str, Render] = {}
        self._parked: dict[str, Render] = {}
        self._last = ""
        self._clock = clock
        self._taken, self._asked = 0.0, False
        self._moved: dict[str, float] = {}  # when the newest request of each stream came
        self._rested: dict[str, float] = {}
        self._drafts: dict[str, int] = {}  # the newest request of each stream that has a draft

    def put(self, item: Render | Control) -> None:
        """Add work; a request takes the place of an older one of its stream."""
        with self._changed:
            if isinstance(item, Render):
                self._parked.pop(item.stream, None)
                self._pending[item.stream] = item
                self._moved[item.stream] = self._clock()
            else:
                self._controls.append(item)
            self._changed.notify()

    def next(self) -> Render | Control:
        """Wait for work and take it.

        The picture (`main`) goes first, but never twice in a row while another stream waits.
        What is drawn in the background waits for all of them, those included that are not yet due.
        """
        with self._changed:
            self._note_end()
            while not (self._controls or (ready := self._ready())):
                due = min(map(self._due, self._pending.values()), default=math.inf)
                self._changed.wait(due - self._clock() if due < math.inf else None)
            if self._controls:
                return self._controls.popleft()
            others = [stream for stream in ready if stream not in ("main", BACKGROUND)]
            if "main" in ready and not (others and self._last == "main"):
                self._last = "main"
            else:
                self._last = others[0] if others else BACKGROUND
            self._rested.pop(self._last, None)
            render = self._pending.pop(self._last)
            self._taken, self._asked = self._clock(), render.request.augment is not None
            return render

    def _note_end(self) -> None:
        """Note that the loop comes back for more: what it took is done, or was put back."""
        now = self._clock()
        if self._asked:
            self._rested.setdefault(self._last, now + REST * min(now - self._taken, PATIENCE))
        self._asked = False

    def _ready(self) -> list[str]:
        now = self._clock()
        return [stream for stream, render in self._pending.items() if self._due(render) <= now]

    def _awaited(self) -> bool:
        """Say whether somebody waits for a picture, be it one that is not yet due."""
        return bool(self._pending.keys() - {BACKGROUND})

    def _due(self, render: Render) -> float:
        """Return when a request may be drawn, by the clock: all that makes one wait is here.

        What is drawn in the background waits for all others, which no clock tells.
        """
        if render.stream == BACKGROUND and self._awaited():
            return math.inf
        if self.has_draft(render):
            return self._moved.get(render.stream, -math.inf) + STILL
        if render.request.augment is None:
            return -math.inf
        moved = self._moved.get("main", -math.inf)
        return min(self._rested.get(render.stream, -math.inf), moved + QUIET)

    def newer(self, render: Render) -> Render | None:
        """Return the request that will take the place of this one; None where there is none."""
        with self._changed:
            return self._pending.get(render.stream)

    def overtaken(self, render: Render) -> bool:
        """Say whether somebody waits for another picture while this one is drawn unseen.

        Or for the picture itself, while the discriminator takes longer than PATIENCE: at high
        resolutions on a CPU it takes minutes.
        """
        with self._changed:
            if render.stream == BACKGROUND:
                return self._awaited()
            long = render.request.augment is not None and "main" in self._pending
            return long and self._clock() - self._taken > PATIENCE

    def put_back(self, render: Render) -> None:
        """Draw this later after all, unless a newer one has come."""
        with self._changed:
            self._pending.setdefault(render.stream, render)
            if render.request.augment is not None:
                self._rested[render.stream] = math.inf

    def refine(self, render: Render) -> None:
        """Draw this again exactly once it stands still, since only a draft of it is out."""
        with self._changed:
            if render.stream not in self._pending:
                self._pending[render.stream] = render
                self._drafts[render.stream] = render.id

    def has_draft(self, render: Render) -> bool:
        """Say whether a draft of this is out."""
        return self._drafts.get(render.stream) == render.id

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
        """Say whether a request for this snapshot is waiting.

        background: False leaves out requests that nobody waits for.
        """
        with self._changed:
            waiting = [*self._pending.values(), *self._parked.values()]
        return any(
            render.request.snapshot == path and (background or render.stream != BACKGROUND)
            for render in waiting
        )
