"""Work that takes minutes beside the window and is not the renderer's: copying, measuring.

`Tasks` are short, and given up where a disk does not answer; an errand says how far it is, can be
cancelled, and has a thread of its own.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from common.errors import Cancelled, UserError
from viz.desk.facts import Job
from viz.desk.jobs import time_left
from viz.desk.notify import Notify
from viz.desk.tasks import describe

T = TypeVar("T")

LEAVING = 2.0
"""How many seconds closing waits for errands that were cancelled."""


class Errand:
    """What the work of an errand is given: it says how far it is, and hears that it is to end.

    fraction: how much is done, 0…1; negative before that was said.
    text: what is being done.
    """

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._stop: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self.fraction = -1.0
        self.text = ""

    def progress(self, fraction: float, text: str = "") -> None:
        """Say how much is done, 0…1, and what is being done. Raises Cancelled where it is to end.

        A fraction that goes back begins another part of the work.
        """
        self.check()
        self.tell(fraction, text)

    def tell(self, fraction: float, text: str) -> None:
        """Say how much is done, as `progress` does; where it is to end, something else ends it."""
        if fraction < self.fraction:
            self._began = time.monotonic()
        self.fraction, self.text = fraction, text

    def check(self) -> None:
        """Raises Cancelled where it is to end."""
        if self._cancelled.is_set():
            raise Cancelled

    def on_cancel(self, stop: Callable[[], None]) -> None:
        """Have `stop` called, on another thread, when it is to end; at once where that was said."""
        with self._lock:
            self._stop = stop
            late = self._cancelled.is_set()
        if late:
            stop()

    def cancel(self) -> None:
        """Ask it to end."""
        with self._lock:
            self._cancelled.set()
            stop = self._stop
        stop()

    @property
    def eta(self) -> float | None:
        """The seconds that are left of this part of the work, None where that is not known."""
        return time_left(time.monotonic() - self._began, self.fraction)


@dataclass(eq=False)
class _Running:
    """An errand under way.

    label: what it is, in words.
    errand: what its work was given.
    done: called with its result, on the window's thread.
    thread: does the work, None before it is made.
    finished: it has a result or an error.
    result: what the work returned, of whatever type `done` takes.
    error: what it raised, None where it raised nothing.
    """

    label: str
    errand: Errand
    done: Callable[[Any], None]
    thread: threading.Thread | None = None
    finished: bool = False
    result: Any = None
    error: Exception | None = None


class Errands:
    """The errands under way.

    wake: has the window draw a frame soon; called from any thread.
    notify: says something to the user.
    fault: is given an error that nobody foresaw.
    """

    def __init__(
        self, wake: Callable[[], None], notify: Notify, fault: Callable[[Exception], None]
    ) -> None:
        self._wake = wake
        self._notify = notify
        self._fault = fault
        self._running: dict[int, _Running] = {}
        self._ids = itertools.count(-1, -1)  # the renderer's jobs count upwards

    @property
    def facts(self) -> tuple[Job, ...]:
        """What panels show, in the order in which it was started."""
        return tuple(
            Job(id, one.label, one.errand.fraction, one.errand.text, one.errand.eta)
            for id, one in self._running.items()
        )

    def start(self, label: str, work: Callable[[Errand], T], done: Callable[[T], None]) -> int:
        """Call `work` on a thread of its own, then `done` on the window's; return its number.

        label: what it is, in words. The user is told where it fails.
        """
        one = _Running(label, Errand(), done)

        def run() -> None:
            try:
                one.result = work(one.errand)
            except Exception as error:  # noqa: BLE001 - delivered on the window's thread
                one.error = error
            one.finished = True
            self._wake()

        # A daemon: one that hangs on a dead disk does not keep the program from ending.
        one.thread = threading.Thread(target=run, name="ganscope-errand", daemon=True)
        id = next(self._ids)
        self._running[id] = one
        one.thread.start()
        return id

    def cancel(self, id: int) -> bool:
        """Ask an errand to end. False where there is none of this number."""
        one = self._running.get(id)
        if one is not None:
            one.errand.cancel()
        return one is not None

    def poll(self) -> None:
        """Deliver what is finished; called once per frame of the window. Raises nothing."""
        for id in [id for id, one in self._running.items() if one.finished]:
            one = self._running.pop(id)
            try:
                self._deliver(one)
            except Exception as error:  # noqa: BLE001 - one errand must not end the frame
                self._fault(error)

    def close(self) -> None:
        """Cancel all of them, and wait for a moment until they have cleaned up."""
        for one in self._running.values():
            one.errand.cancel()
        end = time.monotonic() + LEAVING
        for one in self._running.values():
            if one.thread is not None:
                one.thread.join(max(end - time.monotonic(), 0.0))

    def _deliver(self, one: _Running) -> None:
        match one.error:
            case None:
                one.done(one.result)
            case Cancelled():
                self._notify(f"{one.label}: cancelled.")
            case UserError() | OSError() as error:
                self._notify(f"{one.label} failed. {describe(error)}", error=True)
            case error:
                raise error
