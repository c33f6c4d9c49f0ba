"""A thread that does one background job after the other."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct, structs

from common.errors import Cancelled
from common.progress import IsCancelled, ProgressReport
from renderer.messages.engine import Engine
from renderer.messages.failure import Failure, explain
from renderer.messages.frame import Drawn
from renderer.messages.jobs import Work
from renderer.messages.request import RenderRequest
from renderer.messages.to_renderer import Render
from renderer.messages.to_window import JobFailed, Loaded, Progress, ToWindow, report
from renderer.server.job import Answer, Job, Task

PROGRESS_INTERVAL = 0.05

Send = Callable[[ToWindow], None]
TakeTurn = Callable[[IsCancelled], AbstractContextManager[None]]
Publish = Callable[[Render, Drawn], None]


@dataclass
class Entry:
    """One piece of work in the queue.

    jobs: the numbers of those who asked for it; none where only requests of the window need it.
    leaving: those of them who have cancelled and are told so when it has ended.
    """

    job: Job[Any]
    work: Work
    jobs: set[int] = field(default_factory=set)
    leaving: set[int] = field(default_factory=set)


class Throttle:
    """Lets the first report, the last one, and about twenty a second pass."""

    def __init__(self, report: ProgressReport) -> None:
        self._report = report
        self._next = 0.0

    def __call__(self, fraction: float, text: str) -> None:
        now = time.monotonic()
        if now >= self._next or fraction >= 1:
            self._next = now + PROGRESS_INTERVAL
            self._report(fraction, text)


class JobQueue:
    """Holds the jobs of one place, and the thread that does them.

    Any thread may call its methods.
    """

    def __init__(self, name: str, send: Send, take_turn: TakeTurn, publish: Publish) -> None:
        """Make a queue, whose thread `start` begins.

        name: of the thread.
        send: hands a message to the window.
        take_turn: what `Task.turn` is.
        publish: shows a picture on a stream.
        """
        self._name = name
        self._send = send
        self._take_turn = take_turn
        self._publish = publish
        self._changed = threading.Condition()
        self._waiting: deque[Entry] = deque()
        self._current: Entry | None = None
        self._stopping = False

    def start(self, engine: Engine) -> None:
        """Begin with what has been asked for so far."""
        threading.Thread(target=self._run, args=(engine,), name=self._name, daemon=True).start()

    def add(self, job: Job[Any], work: Work, number: int | None = None) -> None:
        """Queue a piece of work.

        job: what kind it is.
        work: its arguments.
        number: of the job that asked for it, None where a request needs it.
        """
        with self._changed:
            entry = self._alike(job, work)
            if entry is None:
                entry = Entry(job, work)
                self._waiting.append(entry)
            if number is not None:
                entry.jobs.add(number)
            self._changed.notify_all()

    def cancel(self, number: int) -> None:
        """End a job; numbers of other queues do not matter. What others need goes on for them."""
        with self._changed:
            entry = next((each for each in self._entries() if number in each.jobs), None)
            if entry is None:
                return
            entry.jobs.discard(number)
            if entry is self._current and not entry.job.shared:
                entry.leaving.add(number)
                return
            if entry is not self._current and not entry.job.shared:
                self._waiting.remove(entry)
        self._send(_cancelled(number, entry))

    def stop(self, timeout: float) -> None:
        """Cancel everything; wait for what cannot be interrupted, `timeout` seconds at most."""
        deadline = time.monotonic() + timeout
        with self._changed:
            self._stopping = True
            self._waiting.clear()
            while self._current is not None and time.monotonic() < deadline:
                self._changed.wait(deadline - time.monotonic())

    # -- what a queue that serves requests as well adds to this ------------------------------------

    def _needed(self, work: Work, *, background: bool = True) -> bool:
        """Say whether a request waits for this work.

        background: False counts only requests that somebody waits for.
        """
        return False

    def _ended(self, entry: Entry, failure: Failure | None) -> None:
        """Note the end of a piece of work; called inside the lock, before anyone is told."""

    def _answered(self, entry: Entry) -> None:
        """Do what follows the end of a piece of work; called when everyone has been told."""

    # ----------------------------------------------------------------------------------------------

    def _entries(self) -> list[Entry]:
        return [*self._waiting] if self._current is None else [self._current, *self._waiting]

    def _alike(self, job: Job[Any], work: Work) -> Entry | None:
        if not job.shared:
            return None
        entries = (each for each in self._entries() if each.job is job)
        return next((each for each in entries if each.work.path == work.path), None)

    def _run(self, engine: Engine) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                self._current = self._waiting.popleft()
            self._do(engine, self._current)

    def _do(self, engine: Engine, entry: Entry) -> None:
        answer: Answer = None
        failure: Failure | None = None
        cancelled = False
        task = self._task(engine, entry)
        try:
            if task.cancelled():
                raise Cancelled
            answer = entry.job.run(entry.work, task)
        except Cancelled:
            cancelled = True
        except Exception as error:  # noqa: BLE001 - told to the user, never the renderer's end
            failure = explain(error)
        with self._changed:
            self._current = None
            self._changed.notify_all()
            jobs, leaving = sorted(entry.jobs), sorted(entry.leaving)
            self._ended(entry, failure)
        if cancelled and not self._stopping:
            for number in jobs:  # somebody joined in just as it stopped
                self.add(entry.job, entry.work, number)
            for number in leaving:
                self._send(_cancelled(number, entry))
        else:
            self._tell(entry, [*jobs, *leaving], answer, failure)
        self._answered(entry)

    def _task(self, engine: Engine, entry: Entry) -> Task:
        def cancelled() -> bool:
            return self._stopping or not (entry.jobs or self._needed(entry.work))

        def progress(fraction: float, text: str) -> None:
            for number in sorted(entry.jobs) or [0]:
                self._send(Progress(number, fraction, text))

        def show(stream: str, request: RenderRequest, drawn: Drawn) -> None:
            self._publish(Render(min(entry.jobs, default=0), request, stream), drawn)

        def tell(found: Struct) -> None:
            # Who has taken the job back still hears what was found until then.
            for number in sorted(entry.jobs | entry.leaving):
                self._send(structs.replace(report(found), job=number))

        return Task(
            engine=engine,
            progress=Throttle(progress),
            cancelled=cancelled,
            turn=lambda: self._take_turn(cancelled),
            show=show,
            report=tell,
            awaited=bool(entry.jobs) or self._needed(entry.work, background=False),
        )

    def _tell(
        self, entry: Entry, jobs: Sequence[int], answer: Answer, failure: Failure | None
    ) -> None:
        if failure is not None:
            for number in jobs:
                self._send(JobFailed(number, entry.work.path, failure))
        elif answer is not None:
            # That a snapshot is open concerns the window, also where no job had asked for it.
            for number in jobs or ([0] if isinstance(answer, Loaded) else []):
                self._send(structs.replace(answer, job=number))


def _cancelled(number: int, entry: Entry) -> JobFailed:
    return JobFailed(number, entry.work.path, Failure("Cancelled."), cancelled=True)
