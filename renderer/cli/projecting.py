"""One projection from the command line: its bar, its video, Ctrl+C, and where its results go."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import click
from tqdm import tqdm

from common.errors import UserError
from common.files import make_folder, write_atomically
from common.progress import never
from common.stopping import sigterm_as_interrupt
from common.units import counted
from renderer.messages.engine import Engine
from renderer.messages.projection import Projecting, ProjectionSpec
from renderer.messages.request import RenderRequest
from renderer.pictures.projected import (
    TARGET,
    VIDEO,
    ProgressVideo,
    ProjectionFacts,
    plain_png,
    progress_video,
    write_results,
)
from renderer.transport.shared_memory import Pixels


def project(pipeline: Engine, spec: ProjectionSpec, folder: Path, save_video: bool) -> bool:
    """Project the picture of a spec and write what was found to a folder.

    Returns whether it was stopped by Ctrl+C or SIGTERM, which keep the best so far. Raises
    UserError.
    """
    begun = time.perf_counter()
    projecting = pipeline.projection(spec, never)
    make_folder(folder)
    # Where nothing can be written, nothing is searched for in vain.
    write_atomically(folder / TARGET, plain_png(projecting.target()))
    with ExitStack() as stack:
        video = _Video()
        if save_video:
            video.file = stack.enter_context(progress_video(folder / VIDEO, projecting.target()))
        stopped = False
        try:
            with sigterm_as_interrupt():
                _advance(projecting, Path(spec.target).name, video.add)
        except (KeyboardInterrupt, UserError) as error:
            if isinstance(error, UserError) or not projecting.history:
                (folder / TARGET).unlink(missing_ok=True)  # there is nothing to keep
                raise
            stopped = True
        facts = _write(pipeline, projecting, folder, time.perf_counter() - begun)
        same = "the same picture" if facts.psnr is None else f"{facts.psnr:.1f} dB"
        kept = "Stopped; the best so far" if stopped else Path(spec.target).name
        steps = counted(len(facts.distances), "step")
        click.echo(f"{kept}: {same} after {steps}, {facts.seconds:.0f} s, in {folder}")
        video.finish()
    return stopped


class _Video:
    """The video of the progress, where one is written; that it fails costs nothing else.

    file: None where none is written.
    failed: why it could not be written.
    """

    def __init__(self) -> None:
        self.file: ProgressVideo | None = None
        self.failed: UserError | None = None

    def add(self, picture: Pixels) -> None:
        """One frame more."""
        if self.file is None or self.failed is not None:
            return
        try:
            self.file.add(picture)
        except UserError as error:
            self.failed = error

    def finish(self) -> None:
        """Complete the file. Raises UserError, also of a frame before."""
        if self.failed is not None:
            raise self.failed
        if self.file is not None:
            self.file.finish()


def _write(
    pipeline: Engine, projecting: Projecting, folder: Path, seconds: float
) -> ProjectionFacts:
    """Write what was found; where that cannot be, to a folder for temporary files.

    Raises UserError, which says where it is then.
    """

    def draw(request: RenderRequest) -> Pixels:
        return pipeline.render(request).pixels

    try:
        return write_results(folder, projecting, draw, seconds)
    except UserError as error:
        spare = Path(tempfile.mkdtemp(prefix="ganscope-"))
        try:
            write_results(spare, projecting, draw, seconds)
        except UserError:
            shutil.rmtree(spare, ignore_errors=True)
            raise error from None
        raise UserError(
            f"{error.message} What was found is in {spare}.",
            "Make room and copy it from there, or call it again with another --outdir.",
        ) from error


def _advance(projecting: Projecting, name: str, show: Callable[[Pixels], None]) -> None:
    """All steps, with a bar, the time left and the distance on stderr."""
    phase = ""
    bar: tqdm | None = None
    try:
        while not projecting.finished:
            step = projecting.step()
            if step.phase != phase or bar is None:
                if bar is not None:
                    bar.close()
                words = {"start": "comparing seeds", "tune": "tuning the network"}
                phase, title = step.phase, words.get(step.phase, "searching")
                bar = tqdm(total=step.total, desc=f"{name}: {title}", file=sys.stderr, disable=None)
            if step.distance is not None and step.best is not None:
                bar.set_postfix_str(
                    f"distance {step.distance:.4f}, best {step.best:.4f}", refresh=False
                )
            bar.update(step.done - bar.n)
            if step.phase != "start":
                show(projecting.picture())
    finally:
        if bar is not None:
            bar.close()
