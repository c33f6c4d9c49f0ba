"""Asking a disk one thing at a time, where only the newest question counts."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from viz.desk.tasks import Failed, Tasks

T = TypeVar("T")


class Question:
    """The newest question; asking another drops the one before, which holds up no thread then.

    tasks: where the disk is asked.
    """

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks
        self._turn = 0
        self._asked: float | None = None

    @property
    def silence(self) -> float:
        """Seconds for which an answer has been owed; 0 while none is."""
        return 0.0 if self._asked is None else max(time.monotonic() - self._asked, 1e-6)

    def ask(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Failed], None],
        *,
        about: str,
    ) -> None:
        """Call `work` on a thread, then `done` with its result; see `Tasks.run`."""
        self._turn += 1
        turn, self._asked = self._turn, time.monotonic()

        def answered(found: T) -> None:
            self._asked = None
            done(found)

        def refused(error: Failed) -> None:
            self._asked = None
            failed(error)

        self._tasks.run(
            work, answered, refused, quiet=True, about=about, wanted=lambda: self._turn == turn
        )

    def drop(self) -> None:
        """Wait for no answer any more."""
        self._turn += 1
        self._asked = None
