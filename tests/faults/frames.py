"""How long frames of the window take, and where those stand still that take too long."""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from tests.faults.record import Record
from viz.shell.app import App

LONG = float(os.environ.get("FAULTS_LONG", "1"))
"""Seconds after which a frame counts as hung, besides those in which it waited for a processor."""
_LOOK = 0.2
"""Seconds between two looks at what the frame does."""
_TASKS = Path("/proc/self/task")
_PARTS = ("begin", "draw_menus", "draw_panel", "draw_status", "end", "rendered")


class Frames:
    """Times what the application does in each frame.

    The loop around it is left out: the test engine runs the scene between two frames.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._longest = 0.0
        self._spent = 0.0
        self._inside: tuple[int, float, str] | None = None
        self._stack = ""
        self._delays = _delays()
        threading.Thread(target=self._watch, name="faults-watch", daemon=True).start()

    def watch(self, app: App) -> None:
        """Time the methods of an application that its window calls in each frame."""
        for name in _PARTS:
            setattr(app, name, self._timed(name, getattr(app, name)))

    def in_frame(self) -> bool:
        """Whether the thread that asks is inside a part of a frame."""
        inside = self._inside
        return inside is not None and inside[0] == threading.get_ident()

    @contextmanager
    def part(self, name: str, limit: float = LONG) -> Iterator[None]:
        """Time something that the window's thread does as if it were a frame."""
        if name == "begin":
            self._spent = 0.0
        outer, self._inside = self._inside, (threading.get_ident(), time.monotonic(), name)
        began = time.monotonic()
        try:
            yield
        finally:
            self._inside = outer
            took = time.monotonic() - began
            self._spent += took
            if self._spent > self._longest and limit == LONG:
                self._longest = self._spent
                self._record.frame(self._spent)
            if took > limit and took - self._starved() > limit:
                self._record.fault("hung", f"{name} took {took:.1f} s in {self._stack or '?'}")
            self._stack = ""

    def _timed(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            with self.part(name):
                return method(*arguments)

        return timed

    def _starved(self) -> float:
        """For how many seconds, since the last look, a thread of ours was kept from running."""
        before = self._delays
        return max((now - before.get(task, 0.0) for task, now in _delays().items()), default=0.0)

    def _watch(self) -> None:
        while True:
            time.sleep(_LOOK)
            inside = self._inside
            if inside is None or time.monotonic() - inside[1] < _LOOK:
                self._delays = _delays()
            elif time.monotonic() - inside[1] > 0.8 * LONG:
                frame = sys._current_frames().get(inside[0])
                if frame is not None:
                    self._stack = _calls(frame)


def _delays() -> dict[str, float]:
    """For how many seconds each thread has waited for a processor, where Linux tells it.

    The rasteriser draws on threads of its own, so that of the window is not the only one.
    """
    delays = {}
    for file in _TASKS.glob("*/schedstat"):
        with suppress(OSError):  # the thread has just ended
            delays[file.parent.name] = int(file.read_text().split()[1]) / 1e9
    return delays


def _calls(frame: FrameType) -> str:
    calls = traceback.extract_stack(frame)[-6:]
    return " > ".join(f"{Path(call.filename).name}:{call.lineno} {call.name}" for call in calls)
