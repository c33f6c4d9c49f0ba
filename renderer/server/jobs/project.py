"""Bringing a picture into a network, a step at a time, in the time that the window leaves."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from common.errors import Cancelled, UserError
from common.files import open_file, write_atomically
from common.projection import ProjectionStep
from renderer.messages.frame import FrameInfo
from renderer.messages.project_job import STREAM, Project, Projected, ProjectionSteps
from renderer.messages.projection import Projecting
from renderer.messages.request import RenderRequest, Target
from renderer.messages.to_window import JobDone, done
from renderer.pictures import projected
from renderer.server.job import Job, Task
from renderer.transport.shared_memory import Pixels

STATE = "state.safetensors"
"""The name of the file from which a search that broke off goes on."""
REPORTS = 0.1
"""Seconds between two reports."""
PICTURES = 0.2
"""Seconds between two pictures on the way."""
KEPT = 5.0
"""Seconds between two times that what has been found is kept."""

_unwritten: dict[str, bytes] = {}
"""The states of searches that could not be written to their folder, by that folder. They are there
while the renderer lives, so that another folder can be chosen, or room be made."""


def run(work: Project, task: Task) -> JobDone:
    """Search, report, show and keep; what has been found is kept whatever ends it.

    Where the folder cannot be written to the search goes on all the same: only its end fails then,
    and the same work, or work in another folder that names this one, begins from there.
    """
    folder, begun = Path(work.folder), time.monotonic()
    task.open(work.spec.snapshot)
    state = _state_in(work.folder)
    if state is None and work.before:
        state = _state_in(work.before)
    with task.turn():
        projecting = task.engine.projection(work.spec, task.cancelled, state)
    progress = _Progress(work, task, projecting)
    try:
        while not projecting.finished:
            if task.cancelled():
                raise Cancelled
            with task.turn():
                progress.take(projecting.step())
            progress.tell()
    except Cancelled:
        progress.keep()
        progress.report()
        raise
    progress.report()
    progress.keep()  # from here the result can be made again where writing it fails
    try:
        with task.turn():
            facts = projected.write_results(
                folder,
                projecting,
                lambda request: task.engine.render(request, keep=False).pixels,
                time.monotonic() - begun,
            )
    except UserError as error:
        progress.hold(error)
        progress.report()
        raise
    (folder / STATE).unlink(missing_ok=True)
    for kept in (work.folder, work.before):
        _unwritten.pop(kept, None)
    near = "the same picture" if facts.psnr is None else f"{facts.psnr:.1f} dB"
    snapshot = str(folder / projected.NETWORK) if projecting.tuned else work.spec.snapshot
    found = Projected(
        str(folder / projected.LATENT), str(folder / projected.PICTURE), snapshot, facts.psnr
    )
    return done(f"Found {Path(work.path).name}: {near}.", found)


def _state_in(folder: str) -> bytes | None:
    """The state that a search in a folder has come to; None where there is none."""
    if folder in _unwritten:
        return _unwritten[folder]
    path = Path(folder) / STATE
    try:
        with open_file(path) as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"Cannot go on from {path}: {error.strerror}.") from error


@dataclass(frozen=True)
class _Shown:
    """A picture on the way, as an answer of the engine."""

    pixels: Pixels
    info: FrameInfo = field(default_factory=lambda: FrameInfo({}, "", "float32", 0))


class _Progress:
    """What is told, shown and kept of a search, each as often as it is worth it."""

    def __init__(self, work: Project, task: Task, projecting: Projecting) -> None:
        self._work, self._task, self._projecting = work, task, projecting
        self._folder = Path(work.folder)
        self._target = projecting.target()
        self._step: ProjectionStep | None = None
        self._told = 0
        self._psnr: float | None = None
        self._w = self._picture = self._unkept = ""
        self._target_kept = False
        now = time.monotonic()
        self._next_report, self._next_picture, self._next_kept = now, now, now + KEPT
        self._begun = now

    def take(self, step: ProjectionStep) -> None:
        """Look at a step that was just taken."""
        self._step = step

    def tell(self) -> None:
        """Report, show and keep what is due."""
        now = time.monotonic()
        if now >= self._next_picture and self._projecting.history:
            self._next_picture = now + PICTURES
            pixels = self._shown()
            self._psnr = projected.psnr(pixels, self._target)
            request = RenderRequest(
                self._work.spec.snapshot, target=Target(self._work.path, self._work.spec.crop)
            )
            self._task.show(STREAM, request, _Shown(pixels))
        if now >= self._next_kept and self._projecting.history:
            self._next_kept = now + KEPT
            self.keep()
        if now >= self._next_report:
            self._next_report = now + REPORTS
            self.report()

    def _shown(self) -> Pixels:
        """The best picture of the search so far, and then what the fitted network makes of it."""
        nearest = self._projecting.nearest()
        tuning = self._step is not None and self._step.phase == "tune"
        return self._projecting.picture() if tuning or nearest is None else nearest

    def report(self) -> None:
        """Tell how far the search is."""
        history = self._projecting.history
        # Gone on with at its end, there is no step to take any more.
        step = self._step or ProjectionStep("done", len(history), len(history))
        if not history and self._step is None:
            return
        new = tuple(history[self._told :])
        steps = ProjectionSteps(
            step.phase,
            step.done,
            step.total,
            self._told,
            new,
            self._projecting.best_step if history else None,
            self._psnr,
            self._w,
            self._picture,
            self._unkept,
        )
        self._told = len(history)
        self._task.report(steps)
        self._task.progress(self._fraction(step), _words(step))

    def _fraction(self, step: ProjectionStep) -> float:
        """The share of all steps; comparing seeds counts as one step each."""
        settings = self._work.spec.settings
        seeds = settings.seeds if settings.start == "best" else 0
        taken = len(self._projecting.history)
        before = seeds if taken else (step.done if step.phase == "start" else seeds)
        # A seed costs a picture, and a step several.
        total = seeds / 4 + settings.steps + settings.tune
        return (before / 4 + taken) / total

    def keep(self) -> None:
        """Write what is needed to go on, and the best so far; where that fails, hold it."""
        if not self._projecting.history:
            return
        try:
            self._write()
        except UserError as error:
            self.hold(error)
        else:
            self._unkept = ""
            _unwritten.pop(self._work.folder, None)

    def hold(self, error: UserError) -> None:
        """Hold what has been found in memory, and report why: it cannot be written."""
        self._unkept = str(error)
        _unwritten[self._work.folder] = self._projecting.state()

    def _write(self) -> None:
        write_atomically(self._folder / STATE, self._projecting.state())
        if not self._target_kept:  # it stays the same as long as the search lasts
            write_atomically(self._folder / projected.TARGET, projected.plain_png(self._target))
            self._target_kept = True
        self._w = str(projected.write_latent(self._folder, self._projecting))
        nearest, near = self._projecting.nearest(), self._psnr
        if nearest is not None:
            near = projected.psnr(nearest, self._target)
            write_atomically(self._folder / projected.PICTURE, projected.plain_png(nearest))
            self._picture = str(self._folder / projected.PICTURE)
        projected.write_facts(self._folder, self._projecting, near, time.monotonic() - self._begun)


def _words(step: ProjectionStep) -> str:
    what = {"start": "comparing seeds", "tune": "tuning the network"}.get(step.phase, "searching")
    return f"{what}: {step.done} of {step.total}"


JOB = Job(Project, run, place="between")
