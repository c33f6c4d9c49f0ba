"""What `bench` measured, as numbers. Free of torch."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct, field

Laps: TypeAlias = dict[str, float]
"""Milliseconds of the parts of a picture: `mapping`, each resolution, `convert`, and `total`."""


class Comparison(Struct, frozen=True):
    """Pictures of one network on the fast path and on the plain one; times are medians.

    name: of the network.
    resolution: pixels a side of its pictures.
    channels: the most of any layer, by resolution.
    parameters: how many numbers the network has.
    pairs: how many pictures were made on each path.
    fast_ms: milliseconds of a picture on the fast path.
    plain_ms: milliseconds of a picture on the plain path.
    ratio: the median of plain / fast within pairs.
    apart: the largest difference of two pictures, as a share of the largest value.
    fast_stages: milliseconds of the parts of a picture on the fast path.
    plain_stages: milliseconds of the parts of a picture on the plain path.
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
    """Pictures of which everything, or only late rows of w, changed; times are medians.

    resolution: pixels a side.
    all_ms: milliseconds where everything changed.
    late_ms: milliseconds where only the rows of the last stage did.
    ratio: the median of all / late within pairs.
    reused_stages: how many stages were not run, since only late rows changed.
    total_stages: how many stages the network has.
    """

    resolution: int
    all_ms: float
    late_ms: float
    ratio: float
    reused_stages: int
    total_stages: int


class Transport(Struct, frozen=True):
    """An RGBA picture on its way from the renderer process into the window.

    `window` is how long the window's thread is busy with it, `total` from asking to having it.

    size: pixels a side.
    ring_window_ms: the median by shared memory.
    ring_worst_ms: the slowest by shared memory.
    ring_total_ms: the median by shared memory.
    queue_window_ms: the median by a pickled queue.
    queue_total_ms: the median by a pickled queue.
    window_ratio: queue / ring of `window`.
    total_ratio: queue / ring of `total`.
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
    """Going from snapshot to snapshot of a run; times are medians from asking to having.

    snapshots: how many the run has.
    resolution: pixels a side of their pictures.
    file_bytes: the size of one file.
    load_ms: opening a file.
    cold_ms: a picture of a snapshot that is not open; None where there are too few.
    plain_ms: a new latent of the snapshot that was shown before.
    warm_ms: a new latent of another snapshot that is open.
    again_ms: a latent that was drawn before, of another snapshot that is open.
    ratio: the median of warm / plain within pairs.
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


class ProjectionSpeed(Struct, frozen=True):
    """A whole step of ours and of the published recipe in plain operators, taken in turn.

    name: of the network.
    resolution: pixels a side of its pictures.
    distance: what told the pictures apart, the same for both.
    pairs: how many were made.
    fast_ms, plain_ms: medians.
    ratio: the median of plain / fast within pairs.
    """

    name: str
    resolution: int
    distance: str
    pairs: int
    fast_ms: float
    plain_ms: float
    ratio: float


class FoundAgain(Struct, frozen=True):
    """How well a network's own pictures are found again.

    name: the recipe.
    space: `w` or `w+`.
    steps: of each search.
    targets: how many pictures.
    psnr, quartiles, worst: median, lower and upper quartile, and smallest in dB; 100 stands for the
        same picture.
    distance: the median.
    worth: what a search takes, in steps of the published recipe by the same operators.
    """

    name: str
    space: str
    steps: int
    targets: int
    psnr: float
    quartiles: tuple[float, float]
    worst: float
    distance: float
    worth: float


class Drag(Struct, frozen=True):
    """Drags through a network of random weights; times are medians over them.

    resolution: pixels a side of its pictures.
    drags: how many were made each way.
    plain_per_second, per_second: pictures that came a second, without and with drafts.
    plain_first_ms, first_ms: from the beginning of a drag to the first new picture; the length of
        the drag where none came.
    plain_gap_ms, gap_ms: the longest time without a new picture.
    exact_ms: from the end of a drag to the exact picture, with drafts.
    draft: how drafts were made, empty where none was.
    """

    resolution: int
    drags: int
    plain_per_second: float
    per_second: float
    plain_first_ms: float
    first_ms: float
    plain_gap_ms: float
    gap_ms: float
    exact_ms: float
    draft: str


class Way(Struct, frozen=True):
    """One way to draw the pictures of a network.

    name: of the way.
    ms: the median.
    quartiles: the lower and the upper one, in milliseconds.
    ratio: the median of the first way / this one within rounds.
    apart: the largest difference from an exact picture, as a share of the largest value.
    levels: the mean difference from it, of 255 levels.
    """

    name: str
    ms: float
    quartiles: tuple[float, float]
    ratio: float
    apart: float
    levels: float


class RemoteLine(Struct, frozen=True):
    """Dragging over a line of a certain speed and length.

    side: of the pictures, in pixels.
    delay_ms: that a byte takes from one end to the other, in each direction.
    mbit: megabits per second of the line, in each direction.
    fps: pictures per second that came.
    latency_ms, latency_95_ms: from asking for a picture to having it: the median, and what 95 of
    100 stay below.
    exact_ms: from letting go to the exact picture.
    moving_bytes, exact_bytes: of a picture on the way while it moves, and once it stands still.
    quality: of the JPEGs while it moves, at the end.
    """

    side: int
    delay_ms: float
    mbit: float
    fps: float
    latency_ms: float
    latency_95_ms: float
    exact_ms: float
    moving_bytes: int
    exact_bytes: int
    quality: int


class Ways(Struct, frozen=True):
    """The same pictures drawn in several ways, in turn.

    name: of the network.
    resolution: pixels a side.
    rounds: how many pictures were drawn in each way.
    rows: the ways; ratios are to the first.
    """

    name: str
    resolution: int
    rounds: int
    rows: tuple[Way, ...]


class Report(Struct):
    """Everything that was measured, as it is written by --json; empty where it was not asked for.

    torch: the version of torch.
    python: the version of Python.
    machine: the system and its processor.
    device: what was computed on.
    precision: the number format of networks.
    threads: of the CPU.
    networks: the fast path against the plain one, by network.
    reuse: what is saved where only late rows of w change, by network.
    transport: pictures on their way to the window, by size.
    remote: dragging over a line to another machine, by size.
    scrubbing: going through a run; None where none was named.
    ways: exact pictures, drafts, and those of a reference implementation, by network.
    drags: dragging with drafts and without, by network.
    steps: of a projection, by network.
    projections: own pictures found again.
    """

    torch: str
    python: str
    machine: str
    device: str
    precision: str
    threads: int
    networks: list[Comparison] = field(default_factory=list)
    reuse: list[Reuse] = field(default_factory=list)
    transport: list[Transport] = field(default_factory=list)
    remote: list[RemoteLine] = field(default_factory=list)
    scrubbing: Scrubbing | None = None
    drags: list[Drag] = field(default_factory=list)
    ways: list[Ways] = field(default_factory=list)
    steps: list[ProjectionSpeed] = field(default_factory=list)
    projections: list[FoundAgain] = field(default_factory=list)
