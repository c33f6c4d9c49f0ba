"""Preparing the weights of an open network, so that drafts of its pictures are drawn faster.

The window does not ask for this; `renderer.server.preparing` does.
"""

from __future__ import annotations

from renderer.messages.jobs import Work
from renderer.server.job import Job, Task


class PrepareWeights(Work, frozen=True, tag="prepare_weights"):
    """Asks for the weights of the snapshot `path`."""


def run(work: PrepareWeights, task: Task) -> None:
    """Prepare them, one after the other."""
    task.engine.prepare_weights(work.path, task.turn, task.progress, task.cancelled)


JOB = Job(PrepareWeights, run, place="preparing", shared=True)
