"""What is known of a training run at one moment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from common.runs.facts import LogEnd, Metric, RunOptions
from common.runs.stats import AUGMENT, KIMG, TIME
from common.runs.ticks import Floats

_EMPTY: Final = np.zeros(0)
_LATEST: Final = 64
"""How many of the newest ticks the speed is measured over."""


@dataclass(frozen=True)
class SnapshotFile:
    """A snapshot in the folder of a run.

    path: the file.
    kimg: thousands of images seen in training; None where the name of the file tells none.
    bytes: the size of the file so far.
    modified: when it was written to last, in ns since 1970.
    complete: whether it is written to its end.
    """

    path: str
    kimg: float | None
    bytes: int
    modified: int
    complete: bool


@dataclass(frozen=True)
class ImageFile:
    """A grid of pictures that the run saved.

    path: the file.
    kind: `reals` from the data, `init` by the generator before training, `fakes` by it later.
    kimg: thousands of images seen in training; None where the name of the file tells none.
    modified: when it was written to last, in ns since 1970.
    """

    path: str
    kind: Literal["fakes", "init", "reals"]
    kimg: float | None
    modified: int


@dataclass(frozen=True, eq=False)
class RunState:
    """All that is known of a run. States that were given out never change.

    path: the folder of the run, as it was named.
    series: float64 [ticks] by the names in stats.jsonl; NaN where a quantity was not measured,
        infinite where it was and is not finite.
    starts: indices of ticks at which the run began; before the last of them kimg is negative.
    skipped: how many lines of statistics and metrics could not be read.
    metrics: their values over training, by name.
    snapshots: oldest first, those that are still being written included.
    images: pictures of the data first, then by kimg.
    options: what the run was asked for.
    log: how log.txt ends.
    changed: when a tick or a snapshot was written last, in Unix seconds.
    free: bytes that are left on the disk.
    total: bytes of the disk.
    exists: whether the folder is there.
    reading: whether more statistics are on the disk than have been read.
    problem: why something could not be read, in words; empty where all could.
    lively: whether a tick arrived while the run was being followed.
    has_options: whether training_options.json could be read.
    """

    path: str
    series: Mapping[str, Floats] = field(default_factory=dict)
    starts: tuple[int, ...] = (0,)
    skipped: int = 0
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    snapshots: tuple[SnapshotFile, ...] = ()
    images: tuple[ImageFile, ...] = ()
    options: RunOptions = field(default_factory=RunOptions)
    log: LogEnd = field(default_factory=LogEnd)
    changed: float = 0.0
    free: int = 0
    total: int = 0
    exists: bool = True
    reading: bool = False
    problem: str = ""
    lively: bool = False
    has_options: bool = False

    @property
    def is_run(self) -> bool:
        """Whether the folder looks like one that a trainer writes to."""
        return self.has_options or len(self.kimg) > 0 or bool(self.snapshots)

    @property
    def kimg(self) -> Floats:
        """Thousands of images seen at every tick: float64 [ticks]."""
        return self.series.get(KIMG, _EMPTY)

    @property
    def times(self) -> Floats:
        """When every tick was written, in Unix seconds: float64 [ticks]."""
        return self.series.get(TIME, _EMPTY)

    def values(self, *names: str) -> Floats:
        """The first of these quantities that was recorded; all NaN where none was."""
        for name in names:
            if name in self.series:
                return self.series[name]
        return np.full(len(self.kimg), np.nan)

    @property
    def p(self) -> Floats:
        """The probability of augmentation, 0…1: float64 [ticks]."""
        return self.values(AUGMENT)

    @property
    def r_t(self) -> Floats:
        """Mean sign of D on real pictures (ADA, eq. 1)."""
        return self.values("Progress/r_t", "Loss/signs/real")

    @property
    def r_v(self) -> Floats:
        """Where the scores of held-out pictures lie between real (0) and fake (1); ADA, eq. 1."""
        return self.values("Progress/r_v")

    @property
    def clock(self) -> Floats:
        """Seconds of training at every tick since the run began last: float64 [ticks].

        Pauses between a stop and its continuation are left out where the trainer counts its own
        seconds throughout (`Timing/total_sec`); else these are `times`.
        """
        first = self.starts[-1]
        counted = self.values("Timing/total_sec")[first:]
        known = len(counted) > 0 and bool(np.isfinite(counted).all())
        return counted if known and bool((np.diff(counted) >= 0).all()) else self.times[first:]

    @property
    def seconds_per_tick(self) -> float:
        """The usual time from one tick to the next; NaN where it is not known."""
        times = self.clock[-_LATEST:]
        steps = np.diff(times[np.isfinite(times)])
        steps = steps[steps > 0]
        return float(np.median(steps)) if len(steps) else math.nan

    @property
    def seconds_per_kimg(self) -> float:
        """How long a kimg takes, with its pictures, snapshots and metrics; NaN: not known."""
        times = self.clock[-_LATEST:]
        kimg = self.kimg[len(self.kimg) - len(times) :]
        if len(times) < 2 or not kimg[-1] > kimg[0] or not times[-1] > times[0]:
            return math.nan
        return float((times[-1] - times[0]) / (kimg[-1] - kimg[0]))

    @property
    def complete(self) -> bool:
        """Whether the run has trained for as long as it was asked to."""
        total = self.options.total_kimg
        return total is not None and len(self.kimg) > 0 and bool(self.kimg[-1] >= total * 0.9999)
