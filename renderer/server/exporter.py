"""Exports beside live pictures, one after the other in a thread of their own.

Opening snapshots for the window has another thread (`jobs.py`): it does not wait for an export.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from common.errors import Cancelled
from renderer.messages.engine import Engine, explain
from renderer.messages.protocol import Export, Failure, JobDone, JobFailed, Progress, ToWindow
from renderer.messages.request import RenderRequest
from renderer.pictures import sequence
from renderer.server.jobs import Throttle
from renderer.server.turns import Turns
from renderer.transport.shared_memory import Pixels


class Exporter:
    """Draws a picture whenever the window leaves it the time, and has it written."""

    def __init__(self, send: Callable[[ToWindow], None], turns: Turns) -> None:
        self._send = send
        self._turns = turns
        self._changed = threading.Condition()
        self._queue: deque[Export] = deque()
        self._current: Export | None = None
        self._cancelled = False  # the current one
        self._stopping = False

    def start(self, engine: Engine) -> None:
        """Begin with what has been asked for so far."""
        threading.Thread(target=self._work, args=(engine,), name="export", daemon=True).start()

    def add(self, export: Export) -> None:
        with self._changed:
            self._queue.append(export)
            self._changed.notify_all()

    def cancel(self, job: int) -> None:
        """End an export, or forget one that has not begun. Other jobs are not touched."""
        with self._changed:
            waiting = next((export for export in self._queue if export.job == job), None)
            if waiting is not None:
                self._queue.remove(waiting)
            elif self._current is not None and self._current.job == job:
                self._cancelled = True
        if waiting is not None:
            self._send(_cancelled(waiting))

    def stop(self, timeout: float) -> None:
        """Cancel everything, and wait until nothing is left of it on the disk."""
        deadline = time.monotonic() + timeout
        with self._changed:
            self._stopping = True
            self._queue.clear()
            while self._current is not None and time.monotonic() < deadline:
                self._changed.wait(deadline - time.monotonic())

    def _work(self, engine: Engine) -> None:
        while True:
            with self._changed:
                self._current = None
                self._changed.notify_all()
                while not self._queue:
                    self._changed.wait()
                export = self._current = self._queue.popleft()
                self._cancelled = False
            self._send(self._write(engine, export))

    def _write(self, engine: Engine, export: Export) -> JobDone | JobFailed:
        def stop() -> bool:
            return self._stopping or self._cancelled

        def draw(request: RenderRequest) -> Pixels:
            if not engine.has(request.snapshot):
                engine.load(request.snapshot, lambda _f, _t: None, stop, keep=False)
            with self._turns.background(stop):
                return engine.render(request, None, stop, keep=False).pixels

        def report(fraction: float, text: str) -> None:
            self._send(Progress(export.job, fraction, text))

        try:
            sequence.write(export, draw, Throttle(report), stop)
        except Cancelled:
            return _cancelled(export)
        except Exception as error:  # noqa: BLE001 - told to the user, never the renderer's end
            return JobFailed(export.job, export.path, explain(error))
        return JobDone(export.job, f"Wrote {export.path}")


def _cancelled(export: Export) -> JobFailed:
    return JobFailed(export.job, export.path, Failure("Cancelled."), cancelled=True)
