"""`bench`: how fast this machine makes pictures, and how much of that is ganscope's doing."""

from __future__ import annotations

import platform
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from common.errors import UserError
from common.files import write_atomically
from common.runs.locate import find
from common.units import counted
from renderer.bench.report import Report
from renderer.bench.scrubbing import snapshots_of
from renderer.cli import measuring
from renderer.cli.options.engine import engine_options
from renderer.cli.options.replacing import force_option, keep_existing
from renderer.messages.bundled import bundled_snapshot
from renderer.messages.options import EngineOptions

if TYPE_CHECKING:
    from renderer.bench.benchmark import Architecture


@click.command("bench")
@click.option("--network", help="Measure this snapshot instead of networks of random weights.")
@click.option("--run", help="Measure going through the snapshots of this run directory instead.")
@click.option(
    "--dragging",
    type=click.IntRange(1),
    metavar="SECONDS",
    help="Measure dragging through networks of random weights instead: three drags of so many "
    "seconds with previews and three without, in turn.",
)
@click.option(
    "--drafts",
    is_flag=True,
    help="Measure drafts (in bfloat16, with prepared weights) and exact pictures instead, in turn, "
    "on a CPU.",
)
@click.option(
    "--reference",
    metavar="CHECKOUT",
    help="As --drafts, with the generator of a reference implementation of StyleGAN2 (PyTorch) in "
    "this folder, which is run as it is.",
)
@click.option(
    "--card",
    is_flag=True,
    help="Measure the --device in every precision instead, launched and played from recordings, "
    "beside the definition on the CPU, in turn; with what differs.",
)
@click.option(
    "--tune",
    is_flag=True,
    help="Measure which forms of prepared weights are the fastest, and draft by that on this "
    "machine. Takes a minute or two; use the --threads that you draw with.",
)
@click.option(
    "--remote",
    is_flag=True,
    help="Measure dragging over a line to another machine instead, of 20 Mbit/s and 50 ms in each "
    "direction, with pictures of --sizes that cost nothing to draw.",
)
@click.option(
    "--projection",
    type=click.IntRange(1),
    metavar="N",
    help="Measure projections instead: steps, and N pictures of --network (or of the bundled one) "
    "found again.",
)
@click.option(
    "--steps", type=click.IntRange(2), default=300, show_default=True, help="Of --projection."
)
@click.option(
    "--distance", default="lite", show_default=True, help="Of --projection: lite, pixels."
)
@click.option(
    "--sizes", default="64,256,1024", show_default=True, help="Resolutions of random networks."
)
@click.option(
    "--architecture",
    type=click.Choice(["stylegan2", "stylegan3-t", "stylegan3-r"]),
    default="stylegan2",
    show_default=True,
    help="Of random networks.",
)
@click.option(
    "--channels",
    type=click.IntRange(1, 4096),
    help="Of the widest layers of random networks.  [default: as published]",
)
@click.option(
    "--frames",
    type=click.IntRange(2),
    default=20,
    show_default=True,
    help="Pairs of pictures per network at most; fewer where they take long.",
)
@click.option("--json", "json_path", type=click.Path(), help="Write all numbers to this file.")
@force_option
@engine_options
def command(
    network: str | None,
    run: str | None,
    dragging: int | None,
    drafts: bool,
    reference: str | None,
    card: bool,
    tune: bool,
    remote: bool,
    projection: int | None,
    steps: int,
    distance: str,
    sizes: str,
    architecture: Architecture,
    channels: int | None,
    frames: int,
    json_path: str | None,
    force: bool,
    engine: EngineOptions,
) -> None:
    """Time the fast operators against their plain definitions, in turn, in one run.

    Medians of whole pictures (z to bytes) and of their stages; then what it takes when only late
    styles change, and what it takes to hand a picture to the window.
    """
    # A reference is compared with drafts, so these two go together.
    compared = "--drafts" if reference is None else "--reference"
    _check_one(
        network,
        **{
            "--run": run,
            "--dragging": dragging,
            "--projection": projection,
            "--card": card or None,
            "--tune": tune or None,
            "--remote": remote or None,
            compared: reference or drafts or None,
        },
    )
    resolutions = _resolutions(sizes)
    keep_existing([] if json_path is None else [Path(json_path).expanduser()], force)
    paths = [] if run is None else snapshots_of(run)
    # Not before the options are known to be right: importing torch takes seconds.
    import torch

    from renderer.pipeline import compute

    chosen = compute.choose(engine)
    compute.apply(chosen)
    report = Report(
        torch=str(torch.__version__),
        python=platform.python_version(),
        machine=platform.platform(),
        device=chosen.device_name,
        precision=chosen.precision,
        threads=chosen.threads,
    )
    click.echo(
        f"torch {report.torch}, Python {report.python}, {report.device}, {report.precision}, "
        f"{counted(report.threads, 'thread')}\n"
    )
    if tune:
        measuring.tuning(report)
    elif remote:
        measuring.remote(report, resolutions)
    elif projection is not None:
        path = _find(network) if network else bundled_snapshot()
        measuring.projections(report, path, resolutions, projection, steps, distance, frames)
    elif dragging is not None:
        measuring.drags(report, resolutions, dragging)
    elif run is not None:
        measuring.scrubbing(report, run, paths, engine, frames)
    else:
        cases = (
            measuring.random_networks(resolutions, architecture, channels)
            if network is None
            else measuring.snapshot(_find(network))
        )
        if card:
            measuring.card(report, cases, engine, frames)
        elif drafts or reference is not None:
            checkout = None if reference is None else Path(reference).expanduser().absolute()
            measuring.drafts(report, cases, engine, frames, checkout)
        else:
            measuring.networks(report, cases, engine, frames)
            measuring.transport(report, frames)
    if json_path is not None:
        file = Path(json_path).expanduser()
        write_atomically(file, msgspec.json.format(msgspec.json.encode(report), indent=2))
        click.echo(f"All numbers in {file}")


def _check_one(network: str | None, **asked: object) -> None:
    """Raise UserError where more is asked for than one measurement, or a network that none takes.

    asked: the flags that each say what is measured, None for those that were not given.
    """
    given = [flag for flag, value in asked.items() if value is not None]
    if len(given) > 1:
        raise UserError(f"{given[0]} and {given[1]} are measured apart.", "Give one of them.")
    measures = {
        "--run": "the snapshots of its run",
        "--dragging": "networks of random weights",
        "--tune": "convolutions",
        "--remote": "ready pictures",
    }
    if network is not None and given and (of := measures.get(given[0])) is not None:
        raise UserError(f"{given[0]} measures {of}, and no --network.", "Leave one of them out.")


def _find(network: str) -> Path:
    return find(network, partial(click.echo, err=True))


def _resolutions(text: str) -> list[int]:
    found = []
    for part in text.split(","):
        size = int(part) if part.strip().isdecimal() else 0
        if not 8 <= size <= 4096 or size & (size - 1):
            raise UserError(
                f"--sizes: {part.strip()!r} is no size of a network.",
                "Sizes are powers of two from 8 to 4096.",
            )
        found.append(size)
    return found
