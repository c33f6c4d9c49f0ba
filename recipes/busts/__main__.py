"""`python -m recipes.busts`: render a data set of sculpted heads."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from recipes.command import run


@click.command("busts")
@click.option(
    "--dest", required=True, type=click.Path(path_type=Path), help="A name that ends in .zip."
)
@click.option(
    "--count",
    type=click.IntRange(1),
    default=10_000,
    show_default=True,
    metavar="N",
    help="Pictures 0 to N−1 of the seed.",
)
@click.option(
    "--size",
    type=click.IntRange(4),
    default=128,
    show_default=True,
    metavar="PIXELS",
    help="Of each side; a power of two.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, metavar="N")
@click.option(
    "--workers",
    type=click.IntRange(0),
    default=0,
    help="Processes; 0 for one on each processor.  [default: 0]",
)
@click.option("--force", is_flag=True, help="Replace a data set at --dest.")
def command(dest: Path, count: int, size: int, seed: int, workers: int, force: bool) -> None:
    """Render sculpted heads for `train`: PNGs in a zip, and the factors of each in factors.jsonl.

    A picture depends on its seed and number alone. The first start on a machine takes two minutes
    longer, and leaves 1.2 GB in the folder ANNY_CACHE_DIR, or in ~/.cache/anny.
    """
    from tqdm import tqdm

    from recipes.busts.make import make
    from training.data.processes import available

    dest = dest.expanduser()
    started = time.monotonic()
    with tqdm(total=count, unit=" images", file=sys.stderr, disable=None) as bar:
        make(
            dest,
            count=count,
            size=size,
            seed=seed,
            workers=min(workers or available(), count),
            force=force,
            progress=bar.update,
        )
    seconds = time.monotonic() - started
    click.echo(f"Wrote {dest}: {count:,} images of {size}×{size} pixels in {seconds:.0f} s.")


if __name__ == "__main__":
    run(command)
