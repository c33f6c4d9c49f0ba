"""`video`: through the latents of some seeds and back to the first, without a seam."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence

import click
from msgspec import structs
from tqdm import tqdm

from common.errors import UserError
from common.progress import never
from renderer.cli.common import open_network
from renderer.cli.options import arguments
from renderer.cli.options.bending import moved_bends
from renderer.cli.options.directions import Along, Moves, direction_options
from renderer.cli.options.engine import engine_options, make_pipeline
from renderer.cli.options.film import FilmOptions, film_options, target_of
from renderer.cli.options.journeys import (
    MOST_KEYS,
    Asked,
    Told,
    carried,
    check_target,
    journey_of,
    journey_options,
)
from renderer.cli.options.pictures import Look, latent_options, size_options
from renderer.cli.options.replacing import force_option, keep_existing
from renderer.cli.options.sweep import Swept, at, still, there_and_back
from renderer.messages.bending import Bend
from renderer.messages.bundled import at_hand
from renderer.messages.engine import Engine
from renderer.messages.jobs import Export, Sheet
from renderer.messages.options import EngineOptions
from renderer.messages.request import MixSource, RenderRequest, Seed
from renderer.pictures import sequence
from renderer.pictures.codecs import FILMS
from renderer.pictures.journey import generators
from renderer.pictures.journey.editing import with_network
from renderer.pictures.journey.files import write_journey
from renderer.pictures.journey.frame import frame_count
from renderer.pictures.journey.weights import place
from renderer.pictures.metadata import read_request

_MAX_CELLS = 100


@click.command("video")
@click.option("--network", help="Snapshot file, run directory, or RUN/KIMG.")
@click.option("--seeds", help="Seeds such as 0-7 or 85,100,75: a loop through their latents.")
@click.option(
    "--session",
    metavar="FILE",
    help="A session or a file that carries one: its settings and its network, but for the latent. "
    "Only --network overrides.",
)
@click.option(
    "--grid", default="1x1", show_default=True, metavar="WxH", help="Side by side: COLUMNSxROWS."
)
@click.option(
    "--num-keyframes",
    type=click.IntRange(2, MOST_KEYS),
    help="Seeds that each cell goes through; where they run out they are used again.  "
    "[default: all, shared among the cells]",
)
@click.option(
    "--w-frames",
    type=click.IntRange(1, MOST_KEYS),
    default=120,
    show_default=True,
    help="Frames from one seed to the next.",
)
@click.option("--fps", type=float, default=60.0, show_default=True, help="Frames per second.")
@click.option(
    "--scale", type=float, default=1.0, show_default=True, help="Size of the pictures: 2, 0.5 …"
)
@journey_options
@click.option("--save-journey", metavar="FILE", help="Keep the journey too (*.journey.json).")
@size_options
@film_options
@latent_options
@direction_options
@click.option(
    "--output",
    required=True,
    metavar="FILE | FOLDER",
    help="A film (.mp4, .webm, .mov with ProRes, .gif, .webp), or a folder of PNGs.",
)
@force_option
@engine_options
def command(
    network: str | None,
    seeds: str | None,
    session: str | None,
    grid: str,
    num_keyframes: int | None,
    w_frames: int,
    fps: float,
    scale: float,
    asked: Asked,
    save_journey: str | None,
    size: int,
    smooth: bool,
    filmed: FilmOptions,
    look: Look,
    moves: Moves,
    output: str,
    force: bool,
    engine: EngineOptions,
) -> None:
    """Write a loop through W that passes every seed at full speed, or a journey.

    \b
      video --network RUN --seeds 0-7 --trunc 0.7 --output loop.mp4
      video --session picture.png --seeds 0-23 --grid 3x2 --output frames
      video --network RUN --seeds 5 --direction pca.directions.json:0=-3..3 --output turn.mp4
      video --journey loop.journey.json --fps 30 --size 1080 --output loop.mp4
      video --network RUN --walk 7:24 --space z --output walk.mp4
    """
    _check_ways(seeds, asked, grid, num_keyframes)
    kept = check_target(save_journey) if save_journey else None
    sequence.check_rate(fps)
    film = filmed.film()
    filmed.check_sizes(size, scale, smooth=smooth)
    columns, rows = _grid(grid)
    target = target_of(output)
    # A folder of frames is never replaced: other files may have been put into it since.
    files = [target] if target.suffix.lower() in (*FILMS, ".png") else []
    keep_existing([*files, *([kept] if kept else [])], force)
    moving = (*moves.directions, *moves.style_channels, *look.bend_texts)
    swept = any(".." in text.rpartition("=")[2] for text in moving)
    if swept and asked.option:
        raise UserError(f"{asked.option} moves by itself.", "Give one amount, not FROM..TO.")
    cells = []
    if seeds is not None:
        cells = keyframes(
            arguments.numbers(seeds, "--seeds"), columns * rows, num_keyframes, 1 if swept else 2
        )
    step = w_frames / fps
    told = journey_of(asked, RenderRequest(), step) if asked.file is not None else None
    stored = None
    if session is not None:
        stored = at_hand(read_request(arguments.existing(session, "--session")))
    if told is not None:
        stored = told.journey.keys[0].render
    if network is None and stored is None:
        raise UserError("No network is named.", "Give --network FILE, RUN or RUN/KIMG.")
    pipeline = make_pipeline(engine)
    model = open_network(pipeline, network or (stored.snapshot if stored else ""))
    if stored is not None:
        base = structs.replace(stored, snapshot=model.path, mix=() if seeds else stored.mix)
    else:
        look.tell_without_effect(model)
        base = look.request(model)
    along = moves.moved(pipeline, model)
    bent = moved_bends(look.bend_texts, model)
    if told is not None and network is not None:
        told = Told(with_network(told.journey, model.path), "")
    if asked.option:
        bends = (*base.bends, *still(bent, look.bend_texts, "--bend"))
        base = along.moved(structs.replace(base, bends=bends))
        told = told or journey_of(asked, base, step)
        if kept is not None:
            write_journey(kept, told.journey)
        first = Sheet((told.journey.keys[0].render,), scale=scale, side=size, smooth=smooth)
        first = structs.replace(first, lanczos=filmed.lanczos)
        export = Export(output, (first,), fps, carried(told), told.journey)
        _write(
            film.with_sound_of(told.journey, target).of(export),
            frame_count(told.journey, fps),
            pipeline,
        )
        return
    paths = zip(
        *(loop(base, cell, w_frames, model.num_ws, along, bent) for cell in cells), strict=True
    )
    sheets = tuple(
        Sheet(
            requests, columns=columns, scale=scale, side=size, smooth=smooth, lanczos=filmed.lanczos
        )
        for requests in paths
    )
    _write(film.of(Export(output, sheets, fps)), len(sheets), pipeline)


def _write(export: Export, count: int, pipeline: Engine) -> None:
    """Write an export of `count` frames, and say what was written. Raises UserError."""
    with tqdm(total=count, unit=" frames", file=sys.stderr, disable=None) as bar:
        note = sequence.write(
            export,
            lambda request: pipeline.render(request).pixels,
            lambda fraction, text: bar.update(round(fraction * count) - bar.n),
            never,
        )
    click.echo(f"{count} frames, {count / export.fps:.3g} s: {export.path}")
    if note:
        click.echo(f"Note: {note}.", err=True)


def _check_ways(seeds: str | None, asked: Asked, grid: str, num_keyframes: int | None) -> None:
    """Raise UserError unless exactly one way is named, and what belongs to another is not."""
    named = [asked.file, asked.walk, asked.circle, seeds]
    if sum(value is not None for value in named) != 1:
        raise UserError(
            "A video goes one way.", "Give one of --seeds, --journey, --walk and --circle."
        )
    if asked.option and (grid != "1x1" or num_keyframes is not None):
        raise UserError(f"{asked.option} is one picture.", "Leave --grid and --num-keyframes.")
    if not asked.option and asked.duration is not None:
        raise UserError("--duration is of a journey.", "With --seeds, give --w-frames.")
    asked.check()


def keyframes(
    seeds: Sequence[int], cells: int, count: int | None, least: int = 2
) -> list[list[int]]:
    """The seeds of each cell. Raises UserError where they cannot be shared equally.

    Where they run out they begin again one further, so that no two cells show the same.
    least: how many a cell takes; one is enough where something else moves.
    """
    if count is None:
        if len(seeds) % cells:
            raise UserError(
                f"--seeds: {len(seeds)} seeds cannot be shared equally among {cells} cells.",
                "Give --num-keyframes to use some of them again.",
            )
        count = len(seeds) // cells
    if count < least:
        raise UserError(
            "--seeds: a way through W needs two seeds for each cell.", "Give more of them."
        )
    n = len(seeds)
    turns = [seeds[(j + j // n) % n] for j in range(cells * count)]
    return [turns[i * count : (i + 1) * count] for i in range(cells)]


def loop(
    base: RenderRequest,
    seeds: Sequence[int],
    between: int,
    num_ws: int,
    along: Along = Along(),  # noqa: B008 - it never changes
    bent: Sequence[Swept[Bend]] = (),
) -> Iterator[RenderRequest]:
    """Requests along a closed curve through w of the seeds, `between` of them per seed.

    along, bent: what it is moved along besides, and bends, once there and back.

    It is the curve of a smooth journey through the seeds at equal times.
    """
    curve = generators.through_seeds(base, seeds, 1.0)
    for k, seed in enumerate(seeds):
        for frame in range(between):
            time = k + frame / between
            shares: dict[int, float] = {}
            for index, share in place(curve, time).weights:
                shares[seeds[index]] = shares.get(seeds[index], 0.0) + share
            del shares[seed]  # what the others leave
            mix = tuple(
                MixSource(Seed(other), (share,) * num_ws)
                for other, share in shares.items()
                if share
            )
            turn = there_and_back(time / len(seeds))
            bends = (*base.bends, *at(bent, turn))
            request = structs.replace(base, source=Seed(seed), mix=mix, bends=bends)
            yield along.moved(request, turn)


def _grid(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,3})x(\d{1,3})", text.strip(), re.ASCII)
    columns, rows = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= columns * rows <= _MAX_CELLS:
        raise UserError(f"--grid: {text!r} is no grid.", f"Write 3x2; {_MAX_CELLS} cells at most.")
    return columns, rows
