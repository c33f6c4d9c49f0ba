"""`drag`: points of a picture moved to where they shall be, and the w that makes the moved one."""

from __future__ import annotations

import math
import re
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

import click
import numpy as np
import numpy.typing as npt
from msgspec import structs
from PIL import Image, UnidentifiedImageError
from tqdm import tqdm

from common.arrays import npz_bytes
from common.dragging import ENDINGS, DragPoint, DragSettings, DragStep
from common.errors import UserError, reason
from common.files import make_folder, write_atomically
from common.progress import never
from common.units import counted
from renderer.cli.common import open_network
from renderer.cli.options import arguments
from renderer.cli.options.engine import engine_options, make_pipeline
from renderer.cli.options.pictures import Look, picture_options
from renderer.cli.options.replacing import force_option, keep_existing
from renderer.messages.drag_job import DragSpec, RunningDrag, carried
from renderer.messages.engine import Engine
from renderer.messages.model import ModelInfo
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest, SavedW, Seed, Source
from renderer.pictures.metadata import encode_png
from renderer.pictures.video import Video
from renderer.pictures.workspace import workspace

BEFORE: Final = "before.png"
AFTER: Final = "after.png"
LATENT: Final = "projected_w.npz"
FPS: Final = 30.0
WRITE: Final = "Write FROM_X,FROM_Y:TO_X,TO_Y in pixels of the picture, such as 20,30:28,30."
MASK_WRITE: Final = "Write X,Y,R (middle and radius of a disc in pixels), or name a picture."


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
    """Write before.png, after.png and projected_w.npz. Ctrl+C keeps what has been reached.

    \b
      drag --network F --seeds 4 --point 39,33:31,33 --mask 34,30,20 --outdir out
      generate --network F --projected-w out/projected_w.npz --outdir again
    """
    source = _source(seeds, projected_w)
    pairs = [_pair(text) for text in points]
    folder = Path(outdir).expanduser()
    film = None if video is None else Path(video).expanduser()
    if film is not None and film.suffix.lower() != ".mp4":
        raise UserError(f"--video: {video!r} is no MP4.", "Write a name that ends in .mp4.")
    written = [folder / name for name in (BEFORE, AFTER, LATENT)]
    keep_existing([*written, film] if film is not None else written, force)
    picture = None if mask is None or _disc(mask) else _mask_picture(mask)
    pipeline = make_pipeline(engine)
    model = open_network(pipeline, network)
    if projected_w is not None:
        look = replace(look, trunc=1.0)
    request = structs.replace(look.still_request(model), source=source)
    before = pipeline.render(request).pixels
    high, wide = before.shape[:2]
    placed = tuple(
        DragPoint(number, _inside(handle, wide, high), _inside(target, wide, high))
        for number, (handle, target) in enumerate(pairs)
    )
    if mask is not None and picture is None:
        picture = _disc_mask(mask, wide, high)
    settings = DragSettings(layer=layer, rows=None if rows is None else _rows(rows, model))
    drag = pipeline.dragging(DragSpec(request, settings), never, b"")
    drag.set(placed, picture)
    make_folder(folder)
    write_atomically(folder / BEFORE, encode_png(before, request))
    with ExitStack() as stack:
        frames = None
        if film is not None:
            make_folder(film.parent)
            hidden = stack.enter_context(workspace(film.parent)) / "video.mp4"
            frames = stack.enter_context(Video(hidden, (high, wide), FPS, ""))
            frames.add(before)
        step, stopped = _advance(drag, steps, frames)
        _write(pipeline, drag, request, folder)
        if frames is not None and film is not None:
            frames.finish()
            hidden.replace(film)
    why = "stopped by Ctrl+C" if stopped else ENDINGS[step.ending] or "all steps are taken"
    far = f"{step.distance:.1f} of {_way(placed):.1f} pixels to go"
    click.echo(f"{far} after {counted(step.done, 'step')}: {why}. In {folder}")
    if stopped:
        sys.exit(130)


def _advance(drag: RunningDrag, steps: int, frames: Video | None) -> tuple[DragStep, bool]:
    """Take the steps, with a bar on stderr; return the last and whether Ctrl+C ended them."""
    step = drag.now()
    try:
        with tqdm(total=steps, unit=" steps", file=sys.stderr, disable=None) as bar:
            while not step.ending and step.done < steps:
                step = drag.step()
                bar.set_postfix_str(f"{step.distance:.1f} pixels to go", refresh=False)
                bar.update()
                if frames is not None:
                    frames.add(drag.picture().pixels)
    except KeyboardInterrupt:
        return drag.now(), True
    ending = step.ending
    if ending != "arrived":
        step = drag.settle()
        if frames is not None:
            frames.add(drag.picture().pixels)
    return DragStep(step.done, step.handles, step.distance, ending), False


def _write(pipeline: Engine, drag: RunningDrag, request: RenderRequest, folder: Path) -> None:
    """Keep w, and the picture of the request that carries it. Raises UserError."""
    path, latent = (folder / LATENT).absolute(), drag.latent()
    write_atomically(path, npz_bytes(latent))
    after = RenderRequest(
        snapshot=request.snapshot,
        source=carried(str(path), latent),
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


def _pair(text: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """`X,Y:X,Y` -> handle and target. Raises UserError that quotes what is wrong."""
    halves = text.split(":")
    if len(halves) != 2:
        raise UserError(f"--point: {text!r} is no handle and target.", WRITE)
    handle, target = halves
    return arguments.point(handle), arguments.point(target)


def _inside(place: tuple[float, float], wide: int, high: int) -> tuple[float, float]:
    x, y = place
    if not (0 <= x <= wide and 0 <= y <= high):
        raise UserError(
            f"--point: {x:g},{y:g} is outside the picture.", f"It has {wide} × {high} pixels."
        )
    return place


def _disc(text: str) -> tuple[float, float, float] | None:
    """The middle and the radius that --mask says; None where it is no three numbers."""
    number = r"\s*(-?\d+(?:\.\d+)?)\s*"
    found = re.fullmatch(",".join([number] * 3), text, re.ASCII)
    return None if found is None else (float(found[1]), float(found[2]), float(found[3]))


def _disc_mask(text: str, wide: int, high: int) -> npt.NDArray[np.bool_]:
    disc = _disc(text)
    assert disc is not None
    x, y, radius = disc
    rows, columns = np.mgrid[:high, :wide] + 0.5
    mask: npt.NDArray[np.bool_] = np.hypot(columns - x, rows - y) < radius
    if not mask.any():
        raise UserError(f"--mask: the disc {text} covers nothing of the picture.", MASK_WRITE)
    return mask


def _mask_picture(text: str) -> npt.NDArray[np.bool_]:
    """The part that is white in a picture, which is laid over the whole of the network's."""
    path = Path(text).expanduser()
    if not path.is_file():
        raise UserError(f"--mask: {text} does not exist, and is no disc.", MASK_WRITE)
    try:
        with Image.open(path) as image:
            mask: npt.NDArray[np.bool_] = np.asarray(image.convert("L")) >= 128
    except UnidentifiedImageError:
        raise UserError(f"--mask: {path} is no picture.", MASK_WRITE) from None
    except (OSError, Image.DecompressionBombError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        raise UserError(f"--mask: {path} cannot be read: {why}.") from error
    if not mask.any():
        raise UserError(f"--mask: nothing in {path} is white.", "White is what may move.")
    return mask


def _rows(text: str, model: ModelInfo) -> int:
    found = arguments.numbers(text, "--rows", model.num_ws - 1, f"Rows of {model.name}")
    if found != list(range(len(found))):
        raise UserError(f"--rows: {text!r} does not begin at 0.", "Write 0-5.")
    return len(found)


def _way(points: tuple[DragPoint, ...]) -> float:
    return sum(math.dist(point.handle, point.target) for point in points) / len(points)
