"""Work that the renderer does for the window beside its pictures: opening, saving, exporting.

Whoever starts a job gives what is to happen when it is over, and hears of no other job.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from renderer.client.client import Client
from renderer.messages.failure import Failure
from renderer.messages.jobs import Load, Work
from renderer.messages.model import ModelInfo
from renderer.messages.to_window import JobDone, JobFailed, Loaded, Progress, Report
from viz.desk.facts import Job
from viz.desk.notify import Notify

LITTLE_DONE, LITTLE_TIME = 0.02, 0.5
"""The share and the seconds below which nothing can be said about the time that is left."""


@dataclass(frozen=True)
class Ended:
    """A job that is over.

    model: the network that it has opened.
    failure: why it did not work, None where it did.
    cancelled: it ended because somebody asked for that.
    text: what it has done, in words for the user.
    result: what it returns besides, None where it returns nothing.
    """

    model: ModelInfo | None = None
    failure: Failure | None = None
    cancelled: bool = False
    text: str = ""
    result: JobDone | None = None


Done = Callable[[Ended], None]
"""What is called when a job is over."""
Heard = Callable[[Report], None]
"""What is called with each report of a job under way."""


@dataclass
class _Running:
    """A job under way.

    work: what the renderer was given.
    job: what panels show of it.
    done: called when it is over.
    started: when it was handed over, on a clock that never jumps.
    quiet: panels show nothing of it.
    heard: called with its reports, None where nobody listens.
    stream: where it shows pictures of its own, empty where it shows none.
    begun: how much was done already when it said so first, None before.
    """

    work: Work
    job: Job
    done: Done
    started: float
    quiet: bool
    heard: Heard | None
    stream: str
    begun: float | None = None


class Jobs:
    """The jobs under way, and every network that one of them has opened.

    notify: says something to the user.
    models: facts on the networks, by path; written only here.
    """

    def __init__(self, client: Client, notify: Notify) -> None:
        self._client = client
        self._notify = notify
        self._running: dict[int, _Running] = {}
        self.models: dict[str, ModelInfo] = {}

    @property
    def facts(self) -> tuple[Job, ...]:
        """What panels show, in the order in which it was started."""
        return tuple(running.job for running in self._running.values() if not running.quiet)

    def loaded(self, path: str) -> float:
        """How much of a network has been read, 0…1; negative where nobody reads it, or knows."""
        running = (r for r in self._running.values() if isinstance(r.work, Load))
        return next((r.job.fraction for r in running if r.work.path == path), -1.0)

    def start(
        self,
        work: Work,
        label: str,
        done: Done | None = None,
        *,
        quiet: bool = False,
        heard: Heard | None = None,
        stream: str = "",
    ) -> int:
        """Hand work to the renderer; return the number of the job.

        work: what is to be done, with its arguments.
        label: what it is, in words.
        done: called when it is over, between two frames; by default the user is told.
        quiet: nobody has asked for it, so it is not shown, and nobody waits for it.
        heard: called with what the job reports on the way, between two frames.
        stream: where the job shows pictures of its own, empty where it shows none.
        """
        id = self._client.start(work)
        job = Job(id, label)
        self._running[id] = _Running(
            work, job, done or self.tell, time.monotonic(), quiet, heard, stream
        )
        return id

    def shows(self, stream: str) -> bool:
        """Whether a job under way shows its pictures on a stream."""
        return any(running.stream == stream for running in self._running.values())

    def cancel(self, id: int) -> None:
        """Ask the renderer to give a job up; it ends as cancelled, unless it is done by then."""
        self._client.cancel(id)

    def tell(self, ended: Ended) -> None:
        """Say to the user how a job has ended."""
        if ended.failure is not None and not ended.cancelled:
            self._notify(f"{ended.failure.message} {ended.failure.remedy}".strip(), error=True)
        elif ended.text:
            self._notify(ended.text)

    def take(self, event: Progress | Report | Loaded | JobDone | JobFailed) -> None:
        """Take in what the renderer says of a job."""
        match event:
            case Progress(job=id, fraction=fraction, text=text):
                if running := self._running.get(id):
                    if fraction < running.job.fraction:  # it has begun anew
                        running.begun, running.started = None, time.monotonic()
                    if running.begun is None:  # what was done before, and takes no time now
                        running.begun = max(fraction, 0.0)
                    passed = time.monotonic() - running.started
                    eta = time_left(passed, fraction, running.begun)
                    running.job = Job(id, running.job.label, fraction, text, eta)
            case Report(job=id):
                running = self._running.get(id)
                if running is not None and running.heard is not None:
                    running.heard(event)
            case Loaded(job=id, model=model):
                self._learn(id, model)
                self._end(id, Ended(model=model))
            case JobDone(job=id, text=text):
                self._end(id, Ended(text=text, result=event))
            case JobFailed(job=id, failure=failure, cancelled=cancelled):
                self._end(id, Ended(failure=failure, cancelled=cancelled))

    def _learn(self, id: int, model: ModelInfo) -> None:
        """Keep facts on a network, under its path and under the one that was asked for."""
        self.models[model.path] = model
        if running := self._running.get(id):
            self.models[running.work.path] = model

    def _end(self, id: int, ended: Ended) -> None:
        running = self._running.pop(id, None)
        # Job 0 is no job: the renderer answers so to options that it refuses.
        done = running.done if running is not None else self.tell
        done(ended)


def time_left(passed: float, fraction: float, begun: float = 0.0) -> float | None:
    """Return the seconds that are left after `passed` seconds; None where nothing can be said yet.

    fraction: how much is done.
    begun: how much was done already when it began.
    """
    if fraction - begun <= LITTLE_DONE or passed < LITTLE_TIME:
        return None
    return passed * (1 - fraction) / (fraction - begun)
