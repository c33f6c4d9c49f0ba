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
from renderer.messages.protocol import JobDone, done
from renderer.messages.request import RenderRequest, Target
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


def run(work: Project, task: Task) -> JobDone:
    """Search, report, show and keep; what has been found is kept whatever ends it."""
    folder, begun = Path(work.folder), time.monotonic()
    task.open(work.spec.snapshot)
    state = _read_state(folder / STATE)
    with task.turn():
        projecting = task.engine.projection(work.spec, task.cancelled, state)
    progress = _Progress(work, task, projecting)
    write_atomically(folder / projected.TARGET, projected.plain_png(projecting.target()))
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
    with task.turn():
        facts = projected.write_results(
            folder,
            projecting,
            lambda request: task.engine.render(request, keep=False).pixels,
            time.monotonic() - begun,
        )
    (folder / STATE).unlink(missing_ok=True)
    near = "the same picture" if facts.psnr is None else f"{facts.psnr:.1f} dB"
    snapshot = str(folder / projected.NETWORK) if projecting.tuned else work.spec.snapshot
    found = Projected(
        str(folder / projected.LATENT), str(folder / projected.PICTURE), snapshot, facts.psnr
    )
    return done(f"Found {Path(work.path).name}: {near}.", found)


def _read_state(path: Path) -> bytes | None:
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
        self._w = self._picture = ""
        self._best: Pixels | None = None
        now = time.monotonic()
        self._next_report, self._next_picture, self._next_kept = now, now, now + KEPT
        self._begun = now

    def take(self, step: ProjectionStep) -> None:
        """Look at a step that was just taken."""
        self._step = step
        if step.phase == "search" and step.distance == step.best:
            self._best = self._projecting.picture()

    def tell(self) -> None:
        """Report, show and keep what is due."""
        now = time.monotonic()
        if now >= self._next_picture and self._projecting.history:
            self._next_picture = now + PICTURES
            pixels = self._projecting.picture()
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

    def report(self) -> None:
        """Tell how far the search is."""
        step, history = self._step, self._projecting.history
        if step is None:
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
        """Write what is needed to go on, and the best so far. Raises UserError."""
        if not self._projecting.history:
            return
        write_atomically(self._folder / STATE, self._projecting.state())
        self._w = str(projected.write_latent(self._folder, self._projecting))
        if self._best is not None:
            write_atomically(self._folder / projected.PICTURE, projected.plain_png(self._best))
            self._picture = str(self._folder / projected.PICTURE)
        projected.write_facts(
            self._folder, self._projecting, self._psnr, time.monotonic() - self._begun
        )


def _words(step: ProjectionStep) -> str:
    what = {"start": "comparing seeds", "tune": "tuning the network"}.get(step.phase, "searching")
    return f"{what}: {step.done} of {step.total}"


JOB = Job(Project, run, place="between")
