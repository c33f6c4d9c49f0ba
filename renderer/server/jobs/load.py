"""Opening a snapshot: for jobs, and for requests that name one which is not open."""

from __future__ import annotations

from common.errors import UserError
from renderer.messages.failure import HoldsLatent
from renderer.messages.jobs import Load
from renderer.messages.protocol import Loaded
from renderer.pipeline.saved_w import holds_latent
from renderer.server.job import Job, Task


def run(work: Load, task: Task) -> Loaded:
    """Read the file. A network that only the background wants is the first to go again.

    Raises HoldsLatent for a file of a latent, which nobody can tell by its name.
    """
    try:
        model = task.engine.load(work.path, task.progress, task.cancelled, task.awaited)
    except UserError as error:
        if holds_latent(work.path):
            raise HoldsLatent(error.message, error.remedy) from error
        raise
    return Loaded(0, model)


JOB = Job(Load, run, place="opening", shared=True)
