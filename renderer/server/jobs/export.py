"""Writing videos, pictures and folders of pictures in the time that the window leaves."""

from __future__ import annotations

from renderer.messages.jobs import Export
from renderer.messages.request import RenderRequest
from renderer.messages.to_window import JobDone, done
from renderer.pictures import sequence
from renderer.server.job import Job, Task
from renderer.transport.shared_memory import Pixels


def run(work: Export, task: Task) -> JobDone:
    """Draw every picture in a turn of its own and have it written."""

    def draw(request: RenderRequest) -> Pixels:
        task.open(request.snapshot, keep=False)
        with task.turn():
            return task.engine.render(request, None, task.cancelled, keep=False).pixels

    note = sequence.write(work, draw, task.progress, task.cancelled)
    return done(f"Wrote {work.path}{note and f' ({note})'}")


JOB = Job(Export, run, place="between")
