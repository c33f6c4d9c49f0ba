"""Everything that is done in the background: finds the job that is asked for and its queue."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager

import msgspec

from common.progress import IsCancelled
from renderer.messages.engine import Engine
from renderer.messages.failure import Failure
from renderer.messages.to_renderer import Start
from renderer.messages.to_window import JobFailed
from renderer.server.compute_turns import ComputeTurns
from renderer.server.job import Place
from renderer.server.job_queue import JobQueue, Publish, Send
from renderer.server.jobs import find_jobs
from renderer.server.opening import Opening
from renderer.server.preparing import Preparing
from renderer.server.schedule import Schedule


class Background:
    """Hands each job to the queue of the place where it runs."""

    def __init__(
        self, schedule: Schedule, turns: ComputeTurns, send: Send, publish: Publish
    ) -> None:
        def as_a_picture(_stop: IsCancelled) -> AbstractContextManager[None]:
            return turns

        self._send = send
        self._lock = threading.Lock()
        self._jobs = find_jobs()
        self._unknown: list[Start] | None = []  # what came early; None once the engine is there
        self.opening = Opening(schedule, send, as_a_picture, publish)
        self.preparing = Preparing(send, as_a_picture, publish)
        self._queues: Mapping[Place, JobQueue] = {
            "opening": self.opening,
            "preparing": self.preparing,
            "beside": JobQueue("beside", send, as_a_picture, publish),
            "live": JobQueue("live", send, turns.live, publish),
            "between": JobQueue("between", send, turns.background, publish),
        }

    def begin(self, engine: Engine) -> None:
        """Start with what has been asked for so far.

        The pipeline is imported by now, and may have brought jobs of its own.
        """
        with self._lock:
            self._jobs = find_jobs()
            unknown, self._unknown = self._unknown, None
        for message in unknown or ():
            self.start(message)
        for queue in self._queues.values():
            queue.start(engine)

    def start(self, message: Start) -> None:
        """Queue a job; one that is not known, or that cannot be read, fails."""
        with self._lock:
            job = self._jobs.get(message.kind)
            if job is None and self._unknown is not None:
                self._unknown.append(message)
                return
        if job is None:
            self._refuse(message, f"The renderer knows no job named {message.kind}.")
            return
        try:
            work = msgspec.msgpack.decode(message.work, type=job.work)
        except msgspec.DecodeError as error:
            self._refuse(message, f"The job {message.kind} cannot be read: {error}.")
            return
        self._queues[job.place].add(job, work, message.job)

    def cancel(self, number: int) -> None:
        """End the job with this number, wherever it is."""
        for queue in self._queues.values():
            queue.cancel(number)

    def stop(self, timeout: float) -> None:
        """Cancel everything; each queue has `timeout` seconds to leave nothing on the disk."""
        for queue in self._queues.values():
            queue.stop(timeout)

    def _refuse(self, message: Start, text: str) -> None:
        self._send(JobFailed(message.job, "", Failure(text, "Update the program.")))
