"""`bench`: how fast this machine makes pictures, and how much of that is ganscope's doing."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
import torch
from msgspec import Struct
from tqdm import tqdm

from renderer import compute
from renderer.benchmark import Comparison, Laps, Reuse, compare, random_network, reuse
from renderer.cli.common import engine_options
from renderer.errors import UserError
from renderer.files import write_atomically
from renderer.locate import resolve
from renderer.protocol import EngineOptions

# Seconds spent on each network; what takes longer than that gets two pairs all the same.
_SECONDS = 10.0


class Report(Struct, frozen=True):
    """Everything that was measured, as it is written by --json."""

    torch: str
    python: str
    machine: str
    device: str
    precision: str
    threads: int
    networks: list[Comparison]
    reuse: list[Reuse]


@click.command("bench")
@click.option("--network", help="Measure this snapshot instead of networks of random weights.")
@click.option(
    "--sizes", default="64,256,1024", show_default=True, help="Resolutions of random networks."
)
@click.option(
    "--frames",
    type=click.IntRange(2),
    default=20,
    show_default=True,
    help="Pairs of pictures per network at most; fewer where they take long.",
)
@click.option("--json", "json_path", type=click.Path(), help="Write all numbers to this file.")
@engine_options
def command(
    network: str | None,
    sizes: str,
    frames: int,
    json_path: str | None,
    device: str,
    precision: str,
    threads: int,
) -> None:
    """Time the fast operators against their plain definitions, in turn, in one run.

    Medians of whole pictures (z to bytes) and of their stages; then what it takes when only late
    styles change, and what it takes to hand a picture to the window.
    """
    resolutions = _resolutions(sizes)
    options = EngineOptions(device=device, precision=precision, threads=threads)  # type: ignore[arg-type]
    chosen = compute.choose(options)
    compute.apply(chosen)
    click.echo(
        f"torch {torch.__version__}, Python {platform.python_version()}, "
        f"{chosen.device_name}, {chosen.precision}, {chosen.threads} "
        f"thread{'s' * (chosen.threads != 1)}\n"
    )
    if network is not None:
        from networks.snapshot import open_snapshot

        path = resolve(network)
        cases = iter([(path.name, open_snapshot(path).G_ema)])
    else:
        cases = ((f"{size}²", random_network(size)) for size in resolutions)

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
        click.echo("\n".join(_network_lines(one, again)) + "\n")
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
        )
        file = Path(json_path).expanduser()
        write_atomically(file, msgspec.json.format(msgspec.json.encode(report), indent=2))
        click.echo(f"All numbers in {file}")


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


def _network_lines(one: Comparison, again: Reuse) -> Iterator[str]:
    """A table: a column per stage, a row for each path, and the ratio of both."""
    channels = f"{max(one.channels)} to {min(one.channels)} channels"
    yield (
        f"{one.name}: {one.resolution}×{one.resolution} px, {one.parameters / 1e6:.1f} M "
        f"parameters, {channels}, {one.pairs} pairs"
    )
    stages = [name for name in one.fast_stages if name != "total"]
    ratios = {name: one.plain_stages[name] / one.fast_stages[name] for name in stages}
    rows = [
        ["ms", *stages, "total", "per second"],
        ["fast", *_cells(one.fast_stages), f"{1000 / one.fast_ms:.2f}"],
        ["plain", *_cells(one.plain_stages), f"{1000 / one.plain_ms:.2f}"],
        ["ratio", *(f"{ratios[name]:.2f}" for name in stages), f"{one.ratio:.2f}", ""],
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield (
            "  "
            + "  ".join(
                cell.ljust(width) if i == 0 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
        )
    yield f"  both agree within {one.apart:.1g} of the peak"
    yield (
        f"  only late styles changed: {again.late_ms:.1f} ms instead of {again.all_ms:.1f} "
        f"({again.ratio:.1f}×), {again.reused_stages} of {again.total_stages} stages reused"
    )


def _cells(laps: Laps) -> list[str]:
    return [f"{ms:.1f}" for ms in laps.values()]
