"""Finding directions a moment at a time, in the time that the window leaves."""

from __future__ import annotations

from renderer.messages.find_job import FindDirections
from renderer.messages.to_window import JobDone, done
from renderer.server.job import Job, Task


def run(work: FindDirections, task: Task) -> JobDone:
    """Search until something is found; a search that is given up leaves nothing behind."""
    task.open(work.find.snapshot)
    with task.turn():
        finding = task.engine.find_directions(work.find, task.cancelled)
    while (found := finding.found) is None:
        with task.turn():
            finding.step()
        task.progress(finding.fraction, "looking for directions")
    return done(f"Found {found.title}.", found)


JOB = Job(FindDirections, run, place="between")
