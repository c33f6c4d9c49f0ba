"""Work that must not hold up a frame of the window: slow disks, compressing pictures.

A disk may never answer. Work that takes too long is given up: whoever waits for it hears of a
failure, and another thread takes the place of the one that hangs.
"""

from __future__ import annotations

import errno
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from common.errors import UserError

T = TypeVar("T")
Failed: TypeAlias = UserError | OSError

THREADS = 2
"""How many threads work."""
PATIENCE = 20.0
"""After how many seconds work is given up."""
LEAVING = 2.0
"""How many seconds closing waits for work of which nothing gets done."""


@dataclass(eq=False)
class _Task:
    """Work on its way through a thread.

    work: is called on a thread.
    done, failed: are called with its result or its error on the window's thread.
    quiet: nobody waits for it.
    about: what it does, in words for the user.
    wanted: says whether anybody still waits for it; asked in every frame.
    started: when a thread took it up, None while it waits for one.
    finished: it has a result or an error.
    given_up: nobody waits for it any more.
    replaced: another thread has taken the place of the one that is at it.
    result: what it returned, of whatever type `done` takes.
    error: what it raised, None where it raised nothing.
    """

    work: Callable[[], Any]
    done: Callable[[Any], None]
    failed: Callable[[Failed], None]
    quiet: bool
    about: str
    wanted: Callable[[], bool]
    started: float | None = None
    finished: bool = False
    given_up: bool = False
    replaced: bool = False
    result: Any = None
    error: Exception | None = None

    def run(self) -> None:
        """Do the work, on a thread; whatever it raises is kept for the window's."""
        self.started = time.monotonic()
        try:
            self.result = self.work()
        except Exception as error:  # noqa: BLE001 - delivered on the window's thread
            self.error = error
        self.finished = True

    def late(self, patience: float) -> bool:
        """Whether a thread has been at it for longer than `patience` seconds."""
        return self.started is not None and time.monotonic() - self.started > patience


class Tasks:
    """Runs functions on two threads and hands their results back on the window's thread.

    wake: has the window draw a frame soon; called from any thread.
    report: tells the user of an error.
    fault: is given an error that nobody foresaw.
    patience: seconds after which work is given up.
    """

    def __init__(
        self,
        wake: Callable[[], None],
        report: Callable[[str], None],
        fault: Callable[[Exception], None],
        patience: float = PATIENCE,
    ) -> None:
        self._wake = wake
        self._report = report
        self._fault = fault
        self._patience = patience
        self._queue: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._tasks: list[_Task] = []
        for _ in range(THREADS):
            self._begin_thread()

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Failed], None] | None = None,
        *,
        quiet: bool = False,
        about: str = "",
        wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """Call `work` on a thread, then `done` with its result in a later frame of the window.

        UserError and OSError out of either go to `failed` (by default they are reported), and so
        does a TimeoutError where the work takes too long.
        quiet: this looks around, and nobody waits for it.
        about: what it does, for what is said where it never ends: `Saving seed0001.png`.
        wanted: asked in every frame; as soon as it says no, the work is dropped and nobody hears of
        it, and where it hangs on a disk it holds up no thread.
        """
        task = _Task(work, done, failed or self._tell, quiet, about, wanted)
        self._tasks.append(task)
        self._queue.put(task)

    def poll(self) -> None:
        """Deliver what is finished, in the order in which it was started. Raises nothing."""
        for task in [task for task in self._tasks if not task.wanted()]:
            self._drop(task)
        for task in [task for task in self._tasks if task.finished]:
            self._tasks.remove(task)
            self._guarded(self._deliver, task)
        for task in [task for task in self._tasks if task.late(self._patience)]:
            self._drop(task)
            self._guarded(task.failed, self._too_late(task))

    @property
    def pending(self) -> int:
        """How many tasks somebody waits for."""
        return sum(not task.quiet for task in self._tasks)

    def close(self, seconds: float = LEAVING) -> tuple[str, ...]:
        """Finish what somebody waits for, for as long as anything gets done within `seconds`.

        Returns what was not finished, in words.
        """
        left, end = self.pending, time.monotonic() + seconds
        while self.pending and time.monotonic() < end:
            self.poll()
            if self.pending != left:
                left, end = self.pending, time.monotonic() + seconds
            time.sleep(0.005)
        for _ in range(THREADS):
            self._queue.put(None)
        return tuple(task.about or "Something" for task in self._tasks if not task.quiet)

    def _drop(self, task: _Task) -> None:
        self._tasks.remove(task)
        task.given_up = True
        if task.started is not None and not task.finished:
            task.replaced = True
            self._begin_thread()

    def _begin_thread(self) -> None:
        # A daemon: one that hangs on a dead disk does not keep the program from ending.
        threading.Thread(target=self._work, name="ganscope-task", daemon=True).start()

    def _work(self) -> None:
        while (task := self._queue.get()) is not None:
            if task.given_up:
                continue
            task.run()
            self._wake()
            if task.replaced:
                return  # another thread does the rest

    def _deliver(self, task: _Task) -> None:
        if task.error is None:
            try:
                task.done(task.result)
            except (UserError, OSError) as error:
                task.failed(error)
        elif isinstance(task.error, UserError | OSError):
            task.failed(task.error)
        else:
            raise task.error

    def _guarded(self, deliver: Callable[[T], None], what: T) -> None:
        try:
            deliver(what)
        except Exception as error:  # noqa: BLE001 - one task must not end the frame
            self._fault(error)

    def _too_late(self, task: _Task) -> OSError:
        what = task.about or "A file"
        text = f"{what}: no answer for {self._patience:.0f} s, so it was given up"
        return TimeoutError(errno.ETIMEDOUT, text)

    def _tell(self, error: Failed) -> None:
        self._report(describe(error))


def describe(error: Failed) -> str:
    """Tell an error in the user's words."""
    if isinstance(error, UserError):
        return str(error)
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}." if error.filename else f"{reason}."
