"""Work that takes longer than a frame: opening snapshots and writing files, beside rendering."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from common.errors import Cancelled
from common.files import Signature, signature_at
from renderer.messages.engine import Engine, explain
from renderer.messages.protocol import (
    Failure,
    JobDone,
    JobFailed,
    Loaded,
    Progress,
    SaveW,
    ToWindow,
)
from renderer.messages.request import RenderRequest
from renderer.server.schedule import Schedule
from renderer.server.turns import Turns

PROGRESS_INTERVAL = 0.05


@dataclass
class _Load:
    """One opening of a file, whoever asked for it. No jobs: only requests that name it do."""

    path: str
    jobs: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class _Prepare:
    """Opening what else of its snapshot a request needs; once for all requests that do."""

    request: RenderRequest

    @property
    def path(self) -> str:
        return self.request.snapshot


class Throttle:
    """Lets the first report, the last one, and about twenty a second pass."""

    def __init__(self, report: Callable[[float, str], None]) -> None:
        self._report = report
        self._next = 0.0

    def __call__(self, fraction: float, text: str) -> None:
        now = time.monotonic()
        if now >= self._next or fraction >= 1:
            self._next = now + PROGRESS_INTERVAL
            self._report(fraction, text)


class Worker:
    """A thread that does one job after the other.

    A file that failed to open is remembered, so that sixty requests a second for it read it once;
    it is tried again when somebody asks by `load`, or when it has changed (`recheck`).
    """

    def __init__(
        self, schedule: Schedule, send: Callable[[ToWindow], None], rendering: Turns
    ) -> None:
        self._schedule = schedule
        self._send = send
        self._rendering = rendering
        self._changed = threading.Condition()
        self._tasks: deque[_Load | _Prepare | SaveW] = deque()
        self._current: _Load | _Prepare | SaveW | None = None
        self._failures: dict[str, tuple[Failure, Signature | None]] = {}
        self._stopping = False

    def start(self, engine: Engine) -> None:
        """Begin with what has been asked for so far."""
        threading.Thread(target=self._work, args=(engine,), name="jobs", daemon=True).start()

    def load(self, path: str, job: int | None = None) -> None:
        """Open a file: for a job, or (None) because a request needs it."""
        with self._changed:
            if job is not None:
                self._failures.pop(path, None)
            task = self._find(path)
            if task is None:
                task = _Load(path)
                self._tasks.append(task)
            if job is not None:
                task.jobs.add(job)
            self._changed.notify()

    def prepare(self, request: RenderRequest) -> None:
        """Open what a request needs besides its network; parked requests come back then."""
        with self._changed:
            queued = (task.path for task in self._tasks if isinstance(task, _Prepare))
            if request.snapshot not in queued:
                self._tasks.append(_Prepare(request))
                self._changed.notify()

    def save(self, message: SaveW) -> None:
        with self._changed:
            self._tasks.append(message)
            self._changed.notify()

    def cancel(self, job: int) -> None:
        """End a job. Its file goes on being opened only if something else needs it."""
        with self._changed:
            path = self._withdraw(job)
        if path is not None:
            self._send(JobFailed(job, path, Failure("Cancelled."), cancelled=True))

    def failure(self, path: str) -> Failure | None:
        """Why this file did not open the last time."""
        with self._changed:
            known = self._failures.get(path)
        return known[0] if known else None

    def forget_failures(self) -> None:
        """What failed may work now: the device has changed."""
        with self._changed:
            paths = list(self._failures)
            self._failures.clear()
        for path in paths:
            self._schedule.unpark(path)

    def recheck(self) -> None:
        """Retry the files that failed and have changed since. Called about once a second."""
        with self._changed:
            known = list(self._failures.items())
        for path, (_, before) in known:
            if self._schedule.wanted(path) and signature_at(path) != before:
                with self._changed:
                    self._failures.pop(path, None)
                self._schedule.unpark(path)

    def stop(self, timeout: float) -> None:
        """Cancel everything; wait for what cannot be interrupted."""
        deadline = time.monotonic() + timeout
        with self._changed:
            self._stopping = True
            self._tasks.clear()
            while self._current is not None and time.monotonic() < deadline:
                self._changed.wait(deadline - time.monotonic())

    def _find(self, path: str) -> _Load | None:
        tasks = [*self._tasks] if self._current is None else [self._current, *self._tasks]
        return next((t for t in tasks if isinstance(t, _Load) and t.path == path), None)

    def _withdraw(self, job: int) -> str | None:
        for task in (*self._tasks, self._current):
            if isinstance(task, _Load) and job in task.jobs:
                task.jobs.discard(job)
                return task.path
            if isinstance(task, SaveW) and task.job == job and task is not self._current:
                self._tasks.remove(task)
                return task.path
        return None

    def _work(self, engine: Engine) -> None:
        while True:
            with self._changed:
                self._current = None
                self._changed.notify_all()
                while not self._tasks:
                    self._changed.wait()
                task = self._current = self._tasks.popleft()
            if isinstance(task, SaveW):
                self._save(engine, task)
            elif isinstance(task, _Prepare):
                self._prepare(engine, task.request)
            else:
                self._load(engine, task)

    def _load(self, engine: Engine, task: _Load) -> None:
        def cancelled() -> bool:
            return self._stopping or not (task.jobs or self._schedule.wanted(task.path))

        def report(fraction: float, text: str) -> None:
            for job in sorted(task.jobs) or [0]:
                self._send(Progress(job, fraction, text))

        before = signature_at(task.path)
        model, failure = None, None
        try:
            if cancelled():
                raise Cancelled
            # A network that only the background wants is the first to go again.
            keep = bool(task.jobs) or self._schedule.wanted(task.path, background=False)
            model = engine.load(task.path, Throttle(report), cancelled, keep)
        except Cancelled:
            pass
        except Exception as error:  # noqa: BLE001 - told to the user, never the renderer's end
            failure = explain(error)
        with self._changed:
            self._current = None
            jobs = sorted(task.jobs)
            if failure is not None:
                self._failures[task.path] = (failure, before)
            else:
                self._failures.pop(task.path, None)
        if model is not None:
            for job in jobs or [0]:
                self._send(Loaded(job, model))
        elif failure is not None:
            for job in jobs:
                self._send(JobFailed(job, task.path, failure))
        elif jobs:
            # Somebody joined in just as the loading stopped.
            for job in jobs:
                self.load(task.path, job)
        self._schedule.unpark(task.path)

    def _prepare(self, engine: Engine, request: RenderRequest) -> None:
        def cancelled() -> bool:
            return self._stopping or not self._schedule.wanted(request.snapshot)

        with contextlib.suppress(Cancelled):
            engine.prepare(request, cancelled)
        self._schedule.unpark(request.snapshot)

    def _save(self, engine: Engine, task: SaveW) -> None:
        try:
            if not engine.has(task.request.snapshot):
                engine.load(task.request.snapshot, lambda _f, _t: None, lambda: self._stopping)
            with self._rendering:
                engine.save_w(task.request, task.path)
        except Cancelled:
            self._send(JobFailed(task.job, task.path, Failure("Cancelled."), cancelled=True))
        except Exception as error:  # noqa: BLE001 - told to the user, never the renderer's end
            self._send(JobFailed(task.job, task.path, explain(error)))
        else:
            self._send(JobDone(task.job, f"Wrote {task.path}"))
