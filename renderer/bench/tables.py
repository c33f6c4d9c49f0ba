"""What `bench` measured, as tables for people. Free of torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from renderer.bench.report import (
    Comparison,
    Drag,
    FoundAgain,
    Laps,
    ProjectionSpeed,
    RemoteLine,
    Reuse,
    Scrubbing,
    Transport,
    Ways,
)

_FOUND: Final = "  {:<35} {:>5} {:>6} {:>6} {:>10} {:>13} {:>6} {:>9}"


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


def remote_lines(lines: list[RemoteLine]) -> Iterator[str]:
    """A table: dragging over a line to another machine."""
    first = lines[0]
    yield (
        f"Dragging over a line of {first.mbit:.0f} Mbit/s and {first.delay_ms:.0f} ms in each "
        "direction, pictures that cost nothing to draw:"
    )
    rows = [
        [
            "",
            "pictures/s",
            "latency (ms)",
            "95 of 100",
            "exact after (ms)",
            "JPEG",
            "KiB",
            "exact KiB",
        ]
    ]
    for line in lines:
        sizes = f"{line.moving_bytes / 1024:.0f}", f"{line.exact_bytes / 1024:.0f}"
        late = f"{line.latency_ms:.0f}", f"{line.latency_95_ms:.0f}", f"{line.exact_ms:.0f}"
        rows.append([f"{line.side}²", f"{line.fps:.1f}", *late, str(line.quality), *sizes])
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


def drag_lines(found: Drag) -> Iterator[str]:
    """A table: dragging without drafts, and with them."""
    how = f"drafts of {found.draft}" if found.draft else "no draft was worth it"
    yield (
        f"{found.resolution}×{found.resolution} px, {found.drags} drags each way: {how}, "
        f"the exact picture {found.exact_ms:.0f} ms after letting go"
    )
    for name, rate, first, gap in (
        ("with drafts", found.per_second, found.first_ms, found.gap_ms),
        ("without", found.plain_per_second, found.plain_first_ms, found.plain_gap_ms),
    ):
        yield (
            f"  {name:12} {rate:5.1f} pictures/s, the first after {first:.0f} ms, "
            f"longest without a new one {gap:.0f} ms"
        )


def way_lines(found: Ways) -> Iterator[str]:
    """A table: a row for each way to draw the pictures of a network."""
    yield f"{found.name}: {found.resolution}×{found.resolution} px, {found.rounds} rounds"
    rows = [["ms", "median", "quartiles", "ratio", "largest difference", "mean, in levels"]]
    for way in found.rows:
        lower, upper = way.quartiles
        times = f"{way.ms:.1f}", f"{lower:.1f} to {upper:.1f}", f"{way.ratio:.2f}"
        rows.append([way.name, *times, f"{way.apart:.1g} of the peak", f"{way.levels:.2f}"])
    yield from _table(rows)


def step_lines(one: ProjectionSpeed) -> Iterator[str]:
    """A line: what a step of a projection takes."""
    yield (
        f"{one.name}: a step of a projection ({one.distance}) takes {one.fast_ms:.0f} ms, one of "
        f"the published recipe in plain operators {one.plain_ms:.0f} ({one.ratio:.2f}×), "
        f"{one.pairs} pairs"
    )


def found_header(name: str, targets: int) -> Iterator[str]:
    """What stands above the rows of `found_line`."""
    yield f"{name}: own pictures found again, {targets} seeds; time in published steps"
    yield _FOUND.format("", "space", "steps", "time", "PSNR (dB)", "quartiles", "worst", "distance")


def found_line(row: FoundAgain) -> str:
    """Own pictures found again by one recipe."""
    lower, upper = row.quartiles
    return _FOUND.format(
        *(row.name, row.space, row.steps, f"{row.worth:.0f}", f"{row.psnr:.1f}"),
        *(f"{lower:.1f} to {upper:.1f}", f"{row.worst:.1f}", f"{row.distance:.3f}"),
    )


def _table(rows: list[list[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for first, *rest in rows:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        yield "  " + "  ".join([first.ljust(widths[0]), *cells]).rstrip()


def _cells(laps: Laps) -> list[str]:
    return [f"{ms:.1f}" for ms in laps.values()]
