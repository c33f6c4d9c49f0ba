"""Dragging points of a picture, a step at a time, while the window shows every one of them."""

from __future__ import annotations

import time
from pathlib import Path

from common.arrays import content_name, npz_bytes
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
    led_to,
    unpacked,
)
from renderer.messages.frame import Drawn
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
    path = _write_noise(drag, work.folder)

    def where() -> SavedW:
        w = drag.w()
        return carried(path or f"{content_name({'w': w})}.npz", w)

    def show(picture: Drawn) -> SavedW:
        w = where()
        task.show(STREAM, led_to(work.spec.request, w), picture)
        return w

    taken, next_state = 0, time.monotonic()  # the first step of a drag is worth keeping
    step = drag.now()
    try:
        while not step.ending and (work.steps is None or taken < work.steps):
            if task.cancelled():
                raise Cancelled
            with task.turn():
                step = drag.step()
                picture = drag.picture()
            taken, w = taken + 1, show(picture)
            state = b""
            if time.monotonic() >= next_state:
                state, next_state = drag.state(), time.monotonic() + STATES
            task.report(DragSteps(ids, step, state, w))
    except Cancelled:
        task.report(DragSteps(ids, drag.now(), drag.state(), where()))
        raise
    ended = step.ending
    if ended in ("stuck", "oscillating"):
        with task.turn():
            step = drag.settle()
            show(drag.picture())
    task.report(DragSteps(ids, step, drag.state(), where()))
    words = f"{_ENDS[ended]}, after {counted(step.done, 'step')}." if work.points else ""
    return done(words, Dragged(where(), ids, step))


def _write_noise(drag: RunningDrag, where: str) -> str:
    """Write the noise maps of a picture, unless they are there already, and return their path.

    All drags of one picture share the file, which is named after the maps. Empty where there are
    none, or no folder. Raises UserError.
    """
    latent = drag.latent()
    maps = {name: values for name, values in latent.items() if name != "w"}
    if not where or not maps:
        return ""
    folder = Path(where)
    path = folder / f"{content_name(maps)}.npz"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = path.exists()
    except OSError as error:
        raise cannot_write(folder, error) from error
    if not there:
        write_atomically(path, npz_bytes(latent))
    return str(path)


JOB = Job(Drag, run, place="live")
