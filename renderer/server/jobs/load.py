"""Opening a snapshot: for jobs, and for requests that name one which is not open."""

from __future__ import annotations

from renderer.messages.jobs import Load
from renderer.messages.to_window import Loaded
from renderer.server.job import Job, Task


def run(work: Load, task: Task) -> Loaded:
    """Read the file. A network that only the background wants is the first to go again."""
    return Loaded(0, task.engine.load(work.path, task.progress, task.cancelled, task.awaited))


JOB = Job(Load, run, place="opening", shared=True)
