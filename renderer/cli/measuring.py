"""What `bench` can measure: each shows a bar, prints a table, and puts its numbers into the report.

torch is only imported once there is something to measure: it takes seconds.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from tqdm import tqdm

from common.errors import UserError
from common.files import write_atomically
from common.progress import never
from renderer.bench.report import Report, Transport
from renderer.bench.scrubbing import scrub
from renderer.bench.tables import (
    drag_lines,
    found_header,
    found_line,
    network_lines,
    remote_lines,
    scrubbing_lines,
    step_lines,
    transport_lines,
    way_lines,
)
from renderer.messages.options import EngineOptions

if TYPE_CHECKING:
    from networks.base import Generator
    from renderer.bench.benchmark import Architecture

# Seconds spent on each network; what takes longer than that gets two pairs all the same.
_SECONDS = 10.0
_TRANSPORT_SIZES = (512, 1024)
_DRAGS = 3


def snapshot(path: Path) -> Iterator[tuple[str, Generator]]:
    """The network of a snapshot file, for `networks`. Raises UserError."""
    from networks.snapshots.snapshot import open_snapshot

    yield path.name, open_snapshot(path).G_ema


def random_networks(
    sizes: Iterable[int], architecture: Architecture = "stylegan2", channels: int | None = None
) -> Iterator[tuple[str, Generator]]:
    """Networks of random weights, one by one. channels: of the widest layers, if not published."""
    from renderer.bench.benchmark import random_network

    for size in sizes:
        yield f"{size}²", random_network(size, architecture, channels)


def networks(
    report: Report, cases: Iterable[tuple[str, Generator]], options: EngineOptions, frames: int
) -> None:
    """Pictures of networks on the fast path and on the plain one, and what reuse saves."""
    from renderer.bench.benchmark import compare, reuse
    from renderer.pipeline import compute

    for name, generator in cases:
        with _bar(name, "pair") as step:
            one = compare(generator, name, compute.choose(options), _SECONDS, frames, step)
        again = reuse(generator, options, min(5, one.pairs))
        report.networks.append(one)
        report.reuse.append(again)
        click.echo("\n".join(network_lines(one, again)) + "\n")


def transport(report: Report, frames: int) -> None:
    """Pictures on their way to the window."""
    from renderer.bench.transport import measure

    for size in _TRANSPORT_SIZES:
        report.transport.append(Transport(size=size, **measure(size, min(2 * frames, 60))))
    if report.transport:
        click.echo("\n".join(transport_lines(report.transport)))


def remote(report: Report, sizes: list[int]) -> None:
    """Dragging over a line to another machine."""
    from renderer.bench.remote import measure

    for size in sizes:
        report.remote.append(measure(size))
    click.echo("\n".join(remote_lines(report.remote)))


def scrubbing(
    report: Report, run: str, paths: list[str], options: EngineOptions, frames: int
) -> None:
    """Going through the snapshots of a run."""
    name = Path(run).expanduser().absolute().name
    with _bar(name) as step:
        report.scrubbing = scrub(paths, options, frames, step)
    click.echo("\n".join(scrubbing_lines(name, report.scrubbing)))


def drags(report: Report, sizes: list[int], seconds: int) -> None:
    """Dragging through networks of random weights, with drafts and without."""
    from renderer.bench.dragging import drag

    for size in sizes:
        with _bar(f"{size}²", "pair") as step:
            report.drags.append(drag(size, report.threads, seconds, _DRAGS, step))
        click.echo("\n".join(drag_lines(report.drags[-1])))


def drafts(
    report: Report,
    cases: Iterable[tuple[str, Generator]],
    options: EngineOptions,
    rounds: int,
    checkout: Path | None = None,
) -> None:
    """Exact pictures and drafts. checkout: of a reference implementation that draws them as well.

    Raises UserError for networks that it does not have.
    """
    from networks.families.stylegan2.generator import StyleGAN2Generator
    from renderer.bench.drafts import Draw, compare_ways, ways_of
    from renderer.bench.reference import reference
    from renderer.pipeline import compute

    for name, generator in cases:
        with ExitStack() as stack:
            ways: dict[str, Draw] = {}
            if checkout is not None:
                if not isinstance(generator, StyleGAN2Generator):
                    raise UserError(f"{name} is no StyleGAN2 network.", "Leave out --reference.")
                running = reference(checkout, generator, report.threads)
                ways["reference"] = stack.enter_context(running).draw
            ways |= ways_of(generator, compute.choose(options))
            step = stack.enter_context(_bar(name, "round"))
            report.ways.append(compare_ways(ways, generator, name, _SECONDS, rounds, step))
        click.echo("\n".join(way_lines(report.ways[-1])) + "\n")


def card(
    report: Report, cases: Iterable[tuple[str, Generator]], options: EngineOptions, rounds: int
) -> None:
    """Pictures of a device in every precision, against those of the CPU."""
    from renderer.bench.card import ways_of_card
    from renderer.bench.drafts import compare_ways

    for name, generator in cases:
        ways = ways_of_card(generator, options)
        with _bar(name, "round") as step:
            report.ways.append(compare_ways(ways, generator, name, _SECONDS, rounds, step))
        click.echo("\n".join(way_lines(report.ways[-1])) + "\n")


def tuning(report: Report) -> None:
    """Measure which forms of weights are fastest, show it, and keep it for this machine."""
    from ops.prepared.table import Table
    from renderer.bench.tuning import tune
    from renderer.pipeline.weights import own_table

    found = []
    with _bar("convolutions") as step:
        for one in tune(_SECONDS / 10, step):
            found.append(one)
            times = ", ".join(f"{form} {ms:.1f}" for form, ms in one.ms.items())
            what = f"{one.inputs} to {one.outputs} channels, {one.side}²"
            click.echo(f"{one.precision}, {what}{', upsampled' * (one.up > 1)}: {times} ms")
    table = Table(report.machine, report.threads, tuple(found))
    file = own_table()
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, msgspec.json.format(msgspec.json.encode(table), indent=1) + b"\n")
    click.echo(f"Drafts go by {file} from now on; without that file, by what comes along.")


def projections(
    report: Report,
    path: Path,
    sizes: list[int],
    targets: int,
    steps: int,
    distance: str,
    pairs: int,
) -> None:
    """Steps of a snapshot's network and of random ones, then its own pictures."""
    import torch

    from networks.snapshots.snapshot import open_snapshot
    from renderer.bench.projecting import quality, speed
    from renderer.pipeline.model_facts import describe
    from renderer.pipeline.projecting import find_distance

    opened = open_snapshot(path)
    info = describe(str(path), opened, opened.G_ema)
    apart = find_distance(distance, torch.device("cpu"), info, (), never)
    random = random_networks(sizes if apart.any_size else ())
    for name, generator in itertools.chain([(path.name, opened.G_ema)], random):
        with _bar(name, "pair") as step:
            report.steps.append(speed(generator, apart, name, _SECONDS, pairs, step))
        click.echo("\n".join(step_lines(report.steps[-1])))
    click.echo("\n" + "\n".join(found_header(path.name, targets)))
    for row in quality(opened.G_ema, apart, targets, steps):
        report.projections.append(row)
        click.echo(found_line(row))  # at once: all of it may take hours


@contextmanager
def _bar(name: str, unit: str = "it") -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr, told how much is done and how much there is in all."""
    with tqdm(desc=name, unit=unit, file=sys.stderr, leave=False, disable=None) as bar:

        def step(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield step
