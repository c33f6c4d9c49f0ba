"""`bench`: how fast this machine makes pictures, and how much of that is ganscope's doing."""

from __future__ import annotations

import itertools
import platform
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from tqdm import tqdm

from common.errors import UserError
from common.files import write_atomically
from common.runs.locate import find
from renderer.bench.report import (
    Drag,
    FoundAgain,
    ProjectionSpeed,
    Report,
    Scrubbing,
    Transport,
    drag_lines,
    found_header,
    found_line,
    network_lines,
    scrubbing_lines,
    step_lines,
    transport_lines,
)
from renderer.bench.scrubbing import scrub, snapshots_of
from renderer.cli.common import engine_options
from renderer.cli.replacing import force_option, keep_existing
from renderer.messages.bundled import bundled_snapshot
from renderer.messages.options import EngineOptions

if TYPE_CHECKING:
    from networks.base import Generator
    from renderer.bench.benchmark import Architecture

# Seconds spent on each network; what takes longer than that gets two pairs all the same.
_SECONDS = 10.0
_TRANSPORT_SIZES = (512, 1024)
_DRAGS = 3


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
    projection: int | None,
    steps: int,
    distance: str,
    sizes: str,
    architecture: Architecture,
    channels: int | None,
    frames: int,
    json_path: str | None,
    force: bool,
    device: str,
    precision: str,
    threads: int,
) -> None:
    """Time the fast operators against their plain definitions, in turn, in one run.

    Medians of whole pictures (z to bytes) and of their stages; then what it takes when only late
    styles change, and what it takes to hand a picture to the window.
    """
    resolutions = _resolutions(sizes)
    keep_existing([] if json_path is None else [Path(json_path).expanduser()], force)
    paths = [] if run is None else snapshots_of(run)
    # Not before the options are known to be right: importing torch takes seconds.
    import torch

    from networks.snapshots.snapshot import open_snapshot
    from renderer.bench.benchmark import compare, random_network, reuse
    from renderer.bench.transport import measure
    from renderer.pipeline import compute

    options = EngineOptions(device=device, precision=precision, threads=threads)  # type: ignore[arg-type]
    chosen = compute.choose(options)
    compute.apply(chosen)
    click.echo(
        f"torch {torch.__version__}, Python {platform.python_version()}, "
        f"{chosen.device_name}, {chosen.precision}, {chosen.threads} "
        f"thread{'s' * (chosen.threads != 1)}\n"
    )
    scrubbing = None
    drags: list[Drag] = []
    walked: list[ProjectionSpeed] = []
    again_found: list[FoundAgain] = []
    if projection is not None:
        path = find(network, partial(click.echo, err=True)) if network else bundled_snapshot()
        walked, again_found = _projections(path, resolutions, projection, steps, distance, frames)
        cases: Iterator[tuple[str, Generator]] = iter(())
    elif dragging is not None:
        drags = _drags(resolutions, dragging, chosen.threads)
        cases = iter(())
    elif run is not None:
        scrubbing = _scrub(run, paths, options, frames)
        cases = iter(())
    elif network is not None:
        path = find(network, partial(click.echo, err=True))
        cases = iter([(path.name, open_snapshot(path).G_ema)])
    else:
        cases = (
            (f"{size}²", random_network(size, None, architecture, channels)) for size in resolutions
        )

    comparisons, reuses = [], []
    for name, generator in cases:
        with tqdm(desc=name, unit="pair", file=sys.stderr, leave=False, disable=None) as bar:

            def step(done: int, total: int, bar: tqdm = bar) -> None:
                bar.total = total
                bar.update(done - bar.n)

            one = compare(generator, name, chosen, _SECONDS, frames, step)
        comparisons.append(one)
        again = reuse(generator, options, min(5, one.pairs))
        reuses.append(again)
        click.echo("\n".join(network_lines(one, again)) + "\n")
    transports = []
    others = run is not None or projection is not None or dragging is not None
    for size in () if others else _TRANSPORT_SIZES:
        measured = measure(size, min(2 * frames, 60))
        transports.append(Transport(size=size, **measured))
    if transports:
        click.echo("\n".join(transport_lines(transports)))
    if json_path is not None:
        report = Report(
            torch=str(torch.__version__),
            python=platform.python_version(),
            machine=platform.platform(),
            device=chosen.device_name,
            precision=chosen.precision,
            threads=chosen.threads,
            networks=comparisons,
            reuse=reuses,
            transport=transports,
            scrubbing=scrubbing,
            drags=drags,
            steps=walked,
            projections=again_found,
        )
        file = Path(json_path).expanduser()
        write_atomically(file, msgspec.json.format(msgspec.json.encode(report), indent=2))
        click.echo(f"All numbers in {file}")


def _scrub(run: str, paths: list[str], options: EngineOptions, frames: int) -> Scrubbing:
    name = Path(run).expanduser().absolute().name
    with tqdm(desc=name, file=sys.stderr, leave=False, disable=None) as bar:

        def step(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        measured = scrub(paths, options, frames, step)
    click.echo("\n".join(scrubbing_lines(name, measured)))
    return measured


def _drags(sizes: list[int], seconds: int, threads: int) -> list[Drag]:
    from renderer.bench.dragging import drag

    found = []
    for size in sizes:
        with tqdm(desc=f"{size}²", unit="pair", file=sys.stderr, leave=False, disable=None) as bar:

            def step(done: int, total: int, bar: tqdm = bar) -> None:
                bar.total = total
                bar.update(done - bar.n)

            found.append(drag(size, threads, seconds, _DRAGS, step))
        click.echo("\n".join(drag_lines(found[-1])))
    return found


def _projections(
    path: Path, sizes: list[int], targets: int, steps: int, distance: str, pairs: int
) -> tuple[list[ProjectionSpeed], list[FoundAgain]]:
    """Steps of the network and of random ones, then its own pictures."""
    import torch

    from networks.snapshots.snapshot import open_snapshot
    from renderer.bench.benchmark import random_network
    from renderer.bench.projecting import quality, speed
    from renderer.pipeline.model_facts import describe
    from renderer.pipeline.projecting import find_distance

    opened = open_snapshot(path)
    info = describe(str(path), opened, opened.G_ema)
    apart = find_distance(distance, torch.device("cpu"), info, (), lambda: False)
    walked = []
    random = ((f"{size}²", random_network(size)) for size in sizes if apart.any_size)
    for name, generator in itertools.chain([(path.name, opened.G_ema)], random):
        with tqdm(desc=name, unit="pair", file=sys.stderr, leave=False, disable=None) as bar:

            def step(done: int, total: int, bar: tqdm = bar) -> None:
                bar.total = total
                bar.update(done - bar.n)

            walked.append(speed(generator, apart, name, _SECONDS, pairs, step))
        click.echo("\n".join(step_lines(walked[-1])))
    click.echo("\n" + "\n".join(found_header(path.name, targets)))
    found = []
    for row in quality(opened.G_ema, apart, targets, steps):
        found.append(row)
        click.echo(found_line(row))  # at once: all of it may take hours
    return walked, found


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
