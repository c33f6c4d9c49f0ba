"""Opening what else of its snapshot a request needs, such as the discriminator.

The window does not ask for this; `renderer.server.opening` does.
"""

from __future__ import annotations

from renderer.messages.jobs import Work
from renderer.messages.request import RenderRequest
from renderer.server.job import Job, Task


class Prepare(Work, frozen=True, tag="prepare"):
    """Asks for what a request needs besides its network.

    path: the snapshot of the request.
    request: what is to be drawn.
    """

    request: RenderRequest


def run(work: Prepare, task: Task) -> None:
    """Open it. What goes wrong is told by the request that is drawn next."""
    task.engine.prepare(work.request, task.cancelled)


JOB = Job(Prepare, run, place="opening", shared=True)
