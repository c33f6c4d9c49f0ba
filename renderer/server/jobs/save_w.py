"""Writing the w of a request to a file."""

from __future__ import annotations

from renderer.messages.jobs import SaveW
from renderer.messages.to_window import JobDone, done
from renderer.server.job import Job, Task


def run(work: SaveW, task: Task) -> JobDone:
    """Map the request and write its w."""
    task.open(work.request.snapshot)
    with task.turn():
        task.engine.save_w(work.request, work.path)
    return done(f"Wrote {work.path}")


JOB = Job(SaveW, run, place="beside")
