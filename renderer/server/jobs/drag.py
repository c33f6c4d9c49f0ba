"""Dragging points of a picture, a step at a time, while the window shows every one of them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from common.arrays import npz_bytes
from common.errors import Cancelled
from common.files import cannot_write, write_atomically
from common.units import counted
from renderer.messages.drag_job import (
    STREAM,
    Drag,
    Dragged,
    DragSteps,
    RunningDrag,
    carried,
    unpacked,
)
from renderer.messages.request import SavedW
from renderer.messages.to_window import JobDone, done
from renderer.server.job import Job, Task

STATES = 1.0
"""Seconds between two reports with which another process could go on."""

_ENDS = {
    "arrived": "Every point is where it should be",
    "stuck": "The points come no nearer",
    "oscillating": "The points only go to and fro",
    "": "Stopped",
}
_live: dict[str, RunningDrag] = {}
"""The drag that was worked on last, by its id: the next work on it goes on there."""


def run(work: Drag, task: Task) -> JobDone:
    """Step, report and show; whoever cancels it hears where it was, and it can be gone on with."""
    task.open(work.path)
    with task.turn():
        drag = _live.get(work.id) or task.engine.dragging(work.spec, task.cancelled, work.state)
        _live.clear()
        _live[work.id] = drag
        drag.set(work.points, unpacked(work.mask) if work.mask else None)
    ids = tuple(point.id for point in work.points)
    taken, next_state = 0, time.monotonic()  # the first step of a drag is worth keeping
    step = drag.now()
    try:
        while not step.ending and (work.steps is None or taken < work.steps):
            if task.cancelled():
                raise Cancelled
            with task.turn():
                step = drag.step()
                picture = drag.picture()
            taken += 1
            task.show(STREAM, work.spec.request, picture)
            state, w = b"", None
            if time.monotonic() >= next_state:
                state, w = drag.state(), _write(work.folder, work.id, drag.latent())
                next_state = time.monotonic() + STATES
            task.report(DragSteps(ids, step, state, w))
    except Cancelled:
        task.report(DragSteps(ids, drag.now(), drag.state()))
        raise
    ended = step.ending
    if ended in ("stuck", "oscillating"):
        with task.turn():
            step = drag.settle()
            task.show(STREAM, work.spec.request, drag.picture())
    task.report(DragSteps(ids, step, drag.state()))
    words = f"{_ENDS[ended]}, after {counted(step.done, 'step')}." if work.points else ""
    return done(words, Dragged(_keep(drag, work.folder), ids, step))


def _keep(drag: RunningDrag, folder: str) -> SavedW:
    """Write w, unless it is there already. Raises UserError."""
    latent = drag.latent()
    digest = hashlib.blake2b(digest_size=10)
    for name in sorted(latent):
        digest.update(name.encode() + latent[name].tobytes())
    return _write(folder, digest.hexdigest(), latent)


def _write(where: str, name: str, latent: Mapping[str, npt.NDArray[np.float32]]) -> SavedW:
    """Write a latent, in the place of one of that name; nowhere where there is no folder for it.

    Raises UserError.
    """
    folder = Path(where)
    path = folder / f"{name}.npz"
    if not where:
        return carried(str(path), latent)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    write_atomically(path, npz_bytes(latent))
    return carried(str(path), latent)


JOB = Job(Drag, run, place="live")
