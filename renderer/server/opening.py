"""Opening the snapshots that requests and jobs name, in a thread of its own."""

from __future__ import annotations

from typing import Any

from common.files import Signature, signature_at
from renderer.messages.engine import Engine
from renderer.messages.failure import Failure
from renderer.messages.jobs import Load, Work
from renderer.messages.request import RenderRequest
from renderer.server.job import Job
from renderer.server.job_queue import Entry, JobQueue, Publish, Send, TakeTurn
from renderer.server.jobs import load, prepare
from renderer.server.schedule import Schedule


class Opening(JobQueue):
    """The queue of files to open. Requests that wait for one are parked in the schedule meanwhile.

    A file that failed to open is remembered, so that sixty requests a second for it read it once;
    it is tried again when a job asks for it, or when it has changed (`recheck`).
    """

    def __init__(
        self, schedule: Schedule, send: Send, take_turn: TakeTurn, publish: Publish
    ) -> None:
        super().__init__("opening", send, take_turn, publish)
        self._schedule = schedule
        self._failures: dict[str, tuple[Failure, Signature | None]] = {}
        self._before: Signature | None = None  # of the present file, when it was begun

    def add(self, job: Job[Any], work: Work, number: int | None = None) -> None:
        if number is not None:
            with self._changed:
                self._failures.pop(work.path, None)
        super().add(job, work, number)

    def load(self, path: str) -> None:
        """Open a file because a request needs it."""
        self.add(load.JOB, Load(path))

    def prepare(self, request: RenderRequest) -> None:
        """Open what a request needs besides its network; parked requests come back then."""
        self.add(prepare.JOB, prepare.Prepare(request.snapshot, request))

    def failure(self, path: str) -> Failure | None:
        """Return why this file did not open the last time; None where it did."""
        with self._changed:
            known = self._failures.get(path)
        return known[0] if known else None

    def forget_failures(self) -> None:
        """Let what failed be tried again: it may work now, since the device has changed."""
        with self._changed:
            paths = list(self._failures)
            self._failures.clear()
        for path in paths:
            self._schedule.unpark(path)

    def recheck(self) -> None:
        """Retry the files that failed and have changed since; called about once a second."""
        with self._changed:
            known = list(self._failures.items())
        for path, (_, before) in known:
            if self._schedule.wanted(path) and signature_at(path) != before:
                with self._changed:
                    self._failures.pop(path, None)
                self._schedule.unpark(path)

    def _do(self, engine: Engine, entry: Entry) -> None:
        self._before = signature_at(entry.work.path)
        super()._do(engine, entry)

    def _needed(self, work: Work, *, background: bool = True) -> bool:
        return self._schedule.wanted(work.path, background=background)

    def _ended(self, entry: Entry, failure: Failure | None) -> None:
        if isinstance(entry.work, Load) and failure is not None:
            self._failures[entry.work.path] = (failure, self._before)
        elif isinstance(entry.work, Load):
            self._failures.pop(entry.work.path, None)

    def _answered(self, entry: Entry) -> None:
        self._schedule.unpark(entry.work.path)
