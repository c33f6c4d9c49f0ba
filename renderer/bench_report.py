"""What `bench` measured, as numbers and as tables. Free of torch."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

Laps = dict[str, float]


class Comparison(Struct, frozen=True):
    """Medians in milliseconds of `pairs` pairs. ratio: median of plain / fast within pairs.

    stages: per resolution, and `mapping` and `convert`. apart: largest difference of the two
    pictures, relative to the largest value.
    """

    name: str
    resolution: int
    channels: tuple[int, ...]
    parameters: int
    pairs: int
    fast_ms: float
    plain_ms: float
    ratio: float
    apart: float
    fast_stages: Laps
    plain_stages: Laps


class Reuse(Struct, frozen=True):
    """Medians in milliseconds of frames where everything, or only late rows of w, changed."""

    resolution: int
    all_ms: float
    late_ms: float
    ratio: float
    reused_stages: int
    total_stages: int


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


def network_lines(one: Comparison, again: Reuse) -> Iterator[str]:
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
