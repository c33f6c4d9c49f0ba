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


class Transport(Struct, frozen=True):
    """Milliseconds per RGBA picture of size², from the renderer process into the window.

    window: how long the window's thread is busy with it; total: from asking to having it.
    """

    size: int
    ring_window_ms: float
    ring_worst_ms: float
    ring_total_ms: float
    queue_window_ms: float
    queue_total_ms: float
    window_ratio: float
    total_ratio: float


class Scrubbing(Struct, frozen=True):
    """Medians in milliseconds, from asking to having, in a run of several snapshots.

    load: opening a file. plain: a new latent of the snapshot shown before; warm: of another one
    that is open; cold: of one that is not, None where there are too few. again: another snapshot
    that is open at a latent that was drawn of it before. ratio: median of warm / plain within
    pairs.
    """

    snapshots: int
    resolution: int
    file_bytes: int
    load_ms: float
    cold_ms: float | None
    plain_ms: float
    warm_ms: float
    again_ms: float
    ratio: float


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
    transport: list[Transport]
    scrubbing: Scrubbing | None = None


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
    yield from _table(rows)
    yield f"  both agree within {one.apart:.1g} of the peak"
    yield (
        f"  only late styles changed: {again.late_ms:.1f} ms instead of {again.all_ms:.1f} "
        f"({again.ratio:.1f}×), {again.reused_stages} of {again.total_stages} stages reused"
    )


def transport_lines(sizes: list[Transport]) -> Iterator[str]:
    """A table: our shared memory against a pickled queue."""
    yield "A picture on its way from the renderer process to the window:"
    rows = [["ms", "shared memory", "(worst)", "pickled queue", "ratio"]]
    for t in sizes:
        ring, queue = f"{t.ring_window_ms:.3f}", f"{t.queue_window_ms:.2f}"
        worst, ratio = f"{t.ring_worst_ms:.3f}", f"{t.window_ratio:.1f}"
        rows.append([f"{t.size}², window's thread busy", ring, worst, queue, ratio])
        ring, queue = f"{t.ring_total_ms:.2f}", f"{t.queue_total_ms:.2f}"
        rows.append([f"{t.size}², from asking to having", ring, "", queue, f"{t.total_ratio:.1f}"])
    yield from _table(rows)


def scrubbing_lines(name: str, s: Scrubbing) -> Iterator[str]:
    """A table: what going from one snapshot to another costs."""
    size = f"{s.file_bytes / 1e6:.1f} MB each"
    yield f"{name}: {s.snapshots} snapshots, {s.resolution}×{s.resolution} px, {size}"
    yield "From asking for a picture to having it:"
    cold = "–" if s.cold_ms is None else f"{s.cold_ms:.1f}"
    yield from _table(
        [
            ["", "ms", "of a plain frame"],
            ["the same snapshot, a new latent", f"{s.plain_ms:.1f}", ""],
            ["another one that is open, a new latent", f"{s.warm_ms:.1f}", f"{s.ratio:.2f}×"],
            ["another one that is open, a latent seen before", f"{s.again_ms:.1f}", ""],
            ["another one that has to be opened", cold, ""],
        ]
    )
    yield f"  opening a file takes {s.load_ms:.0f} ms"


def _table(rows: list[list[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for first, *rest in rows:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        yield "  " + "  ".join([first.ljust(widths[0]), *cells]).rstrip()


def _cells(laps: Laps) -> list[str]:
    return [f"{ms:.1f}" for ms in laps.values()]
