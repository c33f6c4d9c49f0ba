"""Work that must not hold up a frame of the window: slow disks, compressing pictures."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from common.errors import UserError

T = TypeVar("T")
Failed: TypeAlias = UserError | OSError


@dataclass(frozen=True)
class _Task:
    future: Future[Any]
    done: Callable[[Any], None]
    failed: Callable[[Failed], None]
    quiet: bool


class Tasks:
    """Runs functions on two threads and hands their results back on the window's thread.

    wake: has the window draw a frame soon; called from any thread.
    report: tells the user of an error.
    fault: is given an error that nobody foresaw.
    """

    def __init__(
        self,
        wake: Callable[[], None],
        report: Callable[[str], None],
        fault: Callable[[Exception], None],
    ) -> None:
        self._wake = wake
        self._report = report
        self._fault = fault
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="ganscope-task")
        self._tasks: list[_Task] = []

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Failed], None] | None = None,
        *,
        quiet: bool = False,
    ) -> None:
        """Call `work` on a thread, then `done` with its result in a later frame of the window.

        UserError and OSError out of either go to `failed` (by default they are reported).
        quiet: this looks around, and nobody waits for it.
        """
        future = self._pool.submit(work)
        self._tasks.append(_Task(future, done, failed or self._tell, quiet))
        future.add_done_callback(lambda _: self._wake())

    def poll(self) -> None:
        """Deliver what is finished, in the order in which it was started. Raises nothing."""
        finished = [task for task in self._tasks if task.future.done()]
        self._tasks = [task for task in self._tasks if task not in finished]
        for task in finished:
            try:
                self._deliver(task)
            except Exception as error:  # noqa: BLE001 - one task must not end the frame
                self._fault(error)

    def _deliver(self, task: _Task) -> None:
        try:
            task.done(task.future.result())
        except (UserError, OSError) as error:
            task.failed(error)

    def _tell(self, error: Failed) -> None:
        self._report(describe(error))

    @property
    def pending(self) -> int:
        """How many tasks somebody waits for."""
        return sum(not task.quiet for task in self._tasks)

    def close(self) -> None:
        """Finish what was started; nothing that was captured is lost."""
        self._pool.shutdown(wait=True)
        self.poll()


def describe(error: Failed) -> str:
    """An error in the user's words."""
    if isinstance(error, UserError):
        return str(error)
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}." if error.filename else f"{reason}."
