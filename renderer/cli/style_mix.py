"""`style-mix`: every row seed with the styles of every column seed in some of its layers."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
from msgspec import structs

from common.errors import UserError
from common.files import make_folder
from renderer.cli.common import open_network, write_pictures
from renderer.cli.options import arguments
from renderer.cli.options.directions import Moves, direction_options
from renderer.cli.options.engine import engine_options, make_pipeline
from renderer.cli.options.pictures import Look, picture_options
from renderer.cli.options.replacing import force_option, keep_foreign
from renderer.messages.options import EngineOptions
from renderer.messages.request import MixSource, Seed
from renderer.pictures.export import Job
from renderer.pictures.metadata import write_png
from renderer.transport.shared_memory import Pixels

# A grid is held in memory as a whole, and few programs open a larger one.
_MAX_GRID_BYTES = 1 << 30


@click.command("style-mix")
@click.option("--network", required=True, help="Snapshot file, run directory, or RUN/KIMG.")
@click.option("--rows", required=True, help="Seeds of the rows, such as 85,100,75.")
@click.option("--cols", required=True, help="Seeds of the columns, such as 55,821.")
@click.option(
    "--styles",
    help="Rows of w that the column seed replaces, coarse first.  [default: 0-6, or all of fewer]",
)
@picture_options
@direction_options
@force_option
@engine_options
def command(
    network: str,
    rows: str,
    cols: str,
    styles: str | None,
    look: Look,
    moves: Moves,
    outdir: str,
    force: bool,
    engine: EngineOptions,
) -> None:
    """Write ROW-COL.png for each pair, SEED-SEED.png for each seed, and all of it as grid.png.

    \b
      style-mix --network RUN --rows 85,100,75 --cols 55,821 --styles 0-6 --outdir out
    """
    row_seeds = arguments.numbers(rows, "--rows")
    col_seeds = arguments.numbers(cols, "--cols")
    asked = None if styles is None else arguments.numbers(styles, "--styles", what="Layers")
    pipeline = make_pipeline(engine)
    model = open_network(pipeline, network)
    folder = Path(outdir).expanduser()
    if model.num_ws < 2:
        raise UserError(
            f"{model.name} has {'no w' if model.w_is_z else 'a single row of w'}, so there are no"
            " styles to mix.",
            "StyleGAN networks have a row of w for each layer.",
        )
    layers = asked or range(min(7, model.num_ws))
    if max(layers) >= model.num_ws:
        raise UserError(
            f"--styles: {model.name} has no layer {max(layers)}.",
            f"Its {model.num_ws} layers are 0 to {model.num_ws - 1}.",
        )
    cell_height, cell_width = model.img_shape
    height = (len(row_seeds) + 1) * cell_height
    width = (len(col_seeds) + 1) * cell_width
    if height * width * 3 > _MAX_GRID_BYTES:
        raise UserError(
            f"The grid would have {width}×{height} pixels.", "Ask for fewer rows or columns."
        )

    look.tell_without_effect(model)
    base = moves.still(pipeline, model).moved(look.still_request(model))
    weights = tuple(float(row in layers) for row in range(max(layers) + 1))
    seeds = dict.fromkeys([*row_seeds, *col_seeds])
    jobs: list[Job] = [
        (structs.replace(base, source=Seed(seed)), folder / f"{seed}-{seed}.png") for seed in seeds
    ]
    jobs += [
        (
            structs.replace(base, source=Seed(row), mix=(MixSource(Seed(col), weights),)),
            folder / f"{row}-{col}.png",
        )
        for row in row_seeds
        for col in col_seeds
        if row != col  # a seed mixed with itself is that seed
    ]

    keep_foreign([*(path for _, path in jobs), folder / "grid.png"], force)
    make_folder(outdir)

    # Where each file goes: in row and column 0 the seeds themselves, in the corner nothing.
    cells: dict[str, list[tuple[int, int]]] = {}
    for j, col in enumerate(col_seeds, 1):
        cells.setdefault(f"{col}-{col}.png", []).append((0, j))
    for i, row in enumerate(row_seeds, 1):
        cells.setdefault(f"{row}-{row}.png", []).append((i, 0))
        for j, col in enumerate(col_seeds, 1):
            cells.setdefault(f"{row}-{col}.png", []).append((i, j))
    grid = np.zeros((height, width, 3), np.uint8)
    grid = grid.reshape(len(row_seeds) + 1, cell_height, len(col_seeds) + 1, -1, 3)

    def place(path: Path, pixels: Pixels) -> None:
        for i, j in cells[path.name]:
            grid[i, :, j] = pixels[..., :3]

    write_pictures(pipeline, jobs, len(jobs), place)
    write_png(folder / "grid.png", grid.reshape(height, width, 3), jobs[-1][0])
    click.echo(f"{len(jobs)} pictures and grid.png in {folder}")
