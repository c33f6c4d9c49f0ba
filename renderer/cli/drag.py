"""`drag`: points of a picture moved to where they shall be, and the w that makes the moved one."""

from __future__ import annotations

import math
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

import click
from msgspec import structs
from tqdm import tqdm

from common.arrays import npz_bytes
from common.dragging import ENDINGS, DragPoint, DragSettings, DragStep
from common.errors import UserError
from common.files import check_folder, make_folder, write_atomically
from common.progress import never
from common.stopping import sigterm_as_interrupt
from common.units import counted
from renderer.cli.common import open_network
from renderer.cli.options import arguments, dragging
from renderer.cli.options.engine import engine_options, make_pipeline
from renderer.cli.options.pictures import Look, picture_options
from renderer.cli.options.replacing import force_option, keep_existing
from renderer.cli.options.saved_latents import count_latents
from renderer.messages.drag_job import DragSpec, RunningDrag, carried
from renderer.messages.engine import Engine
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest, SavedW, Seed, Source
from renderer.pictures.metadata import encode_png
from renderer.pictures.video import Video
from renderer.pictures.workspace import workspace

BEFORE: Final = "before.png"
AFTER: Final = "after.png"
LATENT: Final = "projected_w.npz"
FPS: Final = 30.0


@click.command("drag")
@click.option("--network", required=True, help="Snapshot file, run directory, or RUN/KIMG.")
@click.option("--seeds", metavar="N", help="The seed whose picture is dragged.")
@click.option("--projected-w", metavar="FILE", help="A saved w instead of a seed.")
@click.option(
    "--point",
    "points",
    multiple=True,
    required=True,
    metavar="X,Y:X,Y",
    help="What is moved, and where to, in pixels from the upper left corner; may be repeated.",
)
@click.option(
    "--mask",
    metavar="X,Y,R | FILE",
    help="The part that may move: a disc, or a picture that is white there.  [default: all]",
)
@click.option("--rows", metavar="0-N", help="Rows of w that follow.  [default: up to the layer]")
@click.option("--layer", default="", help="Whose features are followed; `inspect` lists layers.")
@click.option("--steps", type=click.IntRange(1), default=300, show_default=True, help="At most.")
@click.option("--video", metavar="FILE", help="An MP4 with a frame for every step.")
@force_option
@picture_options
@engine_options
def command(
    network: str,
    seeds: str | None,
    projected_w: str | None,
    points: tuple[str, ...],
    mask: str | None,
    rows: str | None,
    layer: str,
    steps: int,
    video: str | None,
    force: bool,
    look: Look,
    outdir: str,
    engine: EngineOptions,
) -> None:
    """Write before.png, after.png and projected_w.npz. Ctrl+C keeps the nearest that was reached.

    \b
      drag --network F --seeds 4 --point 39,33:31,33 --mask 34,30,20 --outdir out
      generate --network F --projected-w out/projected_w.npz --outdir again
    """
    source = _source(seeds, projected_w)
    pairs = [dragging.pair(text) for text in points]
    folder = Path(outdir).expanduser()
    film = None if video is None else Path(video).expanduser()
    if film is not None and film.suffix.lower() != ".mp4":
        raise UserError(f"--video: {video!r} is no MP4.", "Write a name that ends in .mp4.")
    written = [folder / name for name in (BEFORE, AFTER, LATENT)]
    keep_existing([*written, film] if film is not None else written, force)
    check_folder(outdir)
    picture = None if mask is None or dragging.disc(mask) else dragging.mask_picture(mask)
    pipeline = make_pipeline(engine)
    model = open_network(pipeline, network)
    if isinstance(source, SavedW):
        look = replace(look, trunc=1.0)
        count_latents(source.path, model, every=False)
    request = structs.replace(look.still_request(model), source=source)
    before = pipeline.render(request).pixels
    shape = before.shape[0], before.shape[1]
    placed = dragging.placed(pairs, shape)
    if mask is not None:
        if picture is None:
            picture = dragging.disc_mask(mask, shape)
        dragging.check_mask(mask, picture, shape)
    followed = None if rows is None else dragging.rows(rows, model)
    settings = DragSettings(layer=layer, rows=followed)
    drag = pipeline.dragging(DragSpec(request, settings), never, b"")
    drag.set(placed, picture)
    with ExitStack() as stack:
        frames = None
        if film is not None:
            make_folder(film.parent)
            hidden = stack.enter_context(workspace(film.parent)) / "video.mp4"
            frames = stack.enter_context(Video(hidden, shape, FPS, ""))
            frames.add(before)
        with sigterm_as_interrupt():
            step, stopped = _advance(drag, steps, frames)
        make_folder(folder)
        _write(pipeline, drag, request, folder)
        write_atomically(folder / BEFORE, encode_png(before, request))
        if frames is not None and film is not None:
            frames.finish()
            hidden.replace(film)
    click.echo(f"{_outcome(step, _way(placed), stopped)} In {folder}")
    if stopped:
        sys.exit(130)


def _outcome(step: DragStep, way: float, stopped: bool) -> str:
    """How far it came, and why it ended, as a sentence. way: from handles to targets, in pixels."""
    why = "stopped" if stopped else ENDINGS[step.ending] or "all steps are taken"
    taken = counted(step.done, "step")
    if step.distance >= way and step.ending != "arrived":
        return f"Nothing gained after {taken}, so the picture is as it was: {why}."
    return f"{step.distance:.1f} of {way:.1f} pixels to go after {taken}: {why}."


def _advance(drag: RunningDrag, steps: int, frames: Video | None) -> tuple[DragStep, bool]:
    """Take the steps, with a bar on stderr, and go back to the nearest of them.

    Return that, with why it ended, and whether that was Ctrl+C or SIGTERM. Raises
    KeyboardInterrupt where no step was taken, so that there is nothing to keep.
    """
    step, stopped = drag.now(), False
    try:
        with tqdm(total=steps, unit=" steps", file=sys.stderr, disable=None) as bar:
            while not step.ending and step.done < steps:
                step = drag.step()
                bar.set_postfix_str(f"{step.distance:.1f} pixels to go", refresh=False)
                bar.update()
                if frames is not None:
                    frames.add(drag.picture().pixels)
    except KeyboardInterrupt:
        if not step.done:
            raise
        stopped = True
    ending = step.ending
    if ending != "arrived":
        step = drag.settle()
        if frames is not None:
            frames.add(drag.picture().pixels)
    return DragStep(step.done, step.handles, step.distance, ending), stopped


def _write(pipeline: Engine, drag: RunningDrag, request: RenderRequest, folder: Path) -> None:
    """Keep w, and the picture of the request that carries it. Raises UserError."""
    path = (folder / LATENT).absolute()
    write_atomically(path, npz_bytes(drag.latent()))
    after = RenderRequest(
        snapshot=request.snapshot,
        source=carried(str(path), drag.w()),
        label=request.label,
        noise=request.noise,
        transform=request.transform,
        bends=request.bends,
    )
    write_atomically(folder / AFTER, encode_png(pipeline.render(after).pixels, after))


def _source(seeds: str | None, projected_w: str | None) -> Source:
    if (seeds is None) == (projected_w is None):
        raise UserError("drag takes one picture.", "Give it --seeds N or --projected-w FILE.")
    if projected_w is not None:
        return SavedW(arguments.existing(projected_w, "--projected-w"))
    found = arguments.numbers(seeds or "", "--seeds")
    if len(found) != 1:
        raise UserError(f"--seeds: {seeds!r} are {len(found)} seeds.", "A drag is of one picture.")
    return Seed(found[0])


def _way(points: tuple[DragPoint, ...]) -> float:
    return sum(math.dist(point.handle, point.target) for point in points) / len(points)
