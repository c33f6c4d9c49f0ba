"""Preparing the weights of networks whose pictures are slow, in a thread of its own."""

from __future__ import annotations

import sys

from renderer.messages.engine import Engine
from renderer.messages.failure import Failure
from renderer.messages.jobs import Work
from renderer.server.job_queue import Entry, JobQueue, Publish, Send, TakeTurn
from renderer.server.jobs import prepare_weights


class Preparing(JobQueue):
    """The queue of snapshots whose weights are to be prepared.

    One is given up when its snapshot is closed or has changed. Nobody waits for it, and what it
    does in one go takes about as long as a layer of a picture.
    """

    def __init__(self, send: Send, take_turn: TakeTurn, publish: Publish) -> None:
        super().__init__("preparing", send, take_turn, publish)
        self._engine: Engine | None = None

    def start(self, engine: Engine) -> None:
        self._engine = engine
        super().start(engine)

    def prepare(self, path: str) -> None:
        """Prepare the weights of an open snapshot, unless that is under way."""
        self.add(prepare_weights.JOB, prepare_weights.PrepareWeights(path))

    def _ended(self, entry: Entry, failure: Failure | None) -> None:
        if failure is not None:  # it costs time and nothing else
            print(f"Weights of {entry.work.path}: {failure.message}", file=sys.stderr)

    def _needed(self, work: Work, *, background: bool = True) -> bool:
        return self._engine is not None and self._engine.has(work.path)
