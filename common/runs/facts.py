"""What a run says of itself besides its statistics: its options, its log, its metrics."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, Final

import numpy as np

from common.runs import names
from common.runs.disk import HERE, Disk, read_whole
from common.runs.stats import measured
from common.runs.tail import News
from common.runs.ticks import Floats

_LOG_END: Final = 8192
_MAX_OPTIONS: Final = 1 << 20
_ERROR: Final = re.compile(r"[A-Za-z_][\w.]*(Error|Exception|Interrupt|Exit)\b.*")


@dataclass(frozen=True)
class RunOptions:
    """What a run was asked for; None and empty where it does not say.

    target: the value of r_t or r_v that ADA holds; None where p is not adapted.
    total_kimg: length of the training, in thousands of pictures.
    aug: `ada`, `fixed` or `noaug`.
    heuristic: what ADA follows, `rt` or `rv`.
    data: the file name of the data set.
    data_path: where the data set was when the run began.
    mirrored: whether every picture is also shown flipped.
    cfg: the name of the configuration.
    resume: the snapshot that the run started from.
    loss: what G and D play against each other, such as `wgan-gp`.
    """

    target: float | None = None
    total_kimg: float | None = None
    aug: str = ""
    heuristic: str = "rt"
    data: str = ""
    data_path: str = ""
    mirrored: bool = False
    cfg: str = ""
    resume: str = ""
    loss: str = ""


@dataclass(frozen=True)
class LogEnd:
    """How log.txt ends.

    ended: whether the run said that it stops.
    error: the last line of a traceback; empty where there is none.
    """

    ended: bool = False
    error: str = ""


@dataclass(frozen=True)
class Metric:
    """One number of a metric over training.

    kimg: where it was measured, float64 [n], ascending.
    value: what it was there, float64 [n].
    """

    kimg: Floats
    value: Floats


def training_options(run: Path, disk: Disk = HERE) -> dict[str, Any] | None:
    """What `training_options.json` of a run holds; None where it is missing or not whole.

    disk: the one that it lies on.
    """
    try:
        text = read_whole(disk, str(run / names.OPTIONS), _MAX_OPTIONS)
        options = None if text is None else json.loads(text.decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return options if isinstance(options, dict) else None


def run_options(options: Mapping[str, Any] | None) -> RunOptions:
    """The meaning of `training_options.json`, or of a snapshot's metadata that holds the same.

    It is read whoever wrote it, ours, NVIDIA's or a fork's; values of odd types are left out.
    """
    if options is None:
        return RunOptions()
    data = options.get("training_set_kwargs")
    data = data if isinstance(data, Mapping) else {}
    path = _text(data.get("path"))
    loss = options.get("loss_kwargs")
    target = _number(options.get("ada_target"))
    aug = options.get("aug")
    if not isinstance(aug, str):
        augmented = isinstance(options.get("augment_kwargs"), dict)
        aug = "ada" if augmented and target is not None else "fixed" if augmented else "noaug"
    return RunOptions(
        target=target if aug == "ada" else None,
        total_kimg=_number(options.get("total_kimg")),
        aug=aug,
        heuristic=_text(options.get("ada_heuristic")) or "rt",
        data=PurePath(path.replace("\\", "/")).name,
        data_path=path,
        mirrored=bool(data.get("xflip")),
        cfg=_text(options.get("cfg")),
        resume=_text(options.get("resume_pkl")),
        loss=_text(loss.get("adversarial")) if isinstance(loss, Mapping) else "",
    )


def _number(value: object) -> float | None:
    number = measured(value)
    return number if number is not None and math.isfinite(number) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def read_log_end(path: Path, disk: Disk = HERE) -> LogEnd:
    """How a log.txt ends, judged by its last lines. Raises OSError."""
    text = disk.read(str(path), -_LOG_END, _LOG_END).data.decode("utf-8", "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    last = lines[-1] if lines else ""
    # Ours says so; NVIDIA's say "Exiting..." at the end and "Aborting..." when they are asked to.
    ended = last.startswith(("Stopped at", "Exiting...", "Aborting..."))
    failed = "Traceback (most recent call last)" in text and _ERROR.fullmatch(last)
    return LogEnd(ended, last[:300] if failed else "")


@dataclass
class MetricLines:
    """Collects `metric-*.jsonl`; the same metric at the same kimg counts once, the last time.

    skipped: how many lines were no metrics.
    """

    skipped: int = 0
    _found: dict[str, list[tuple[float | None, float, float]]] = field(default_factory=dict)

    def take(self, news: News) -> None:
        """Add the lines that are new in the file, or begin again with those of another file."""
        if news.anew:
            self._found.clear()
            self.skipped = 0
        self.skipped += sum(not self._line(line) for line in news.lines if line.strip())

    def _line(self, line: bytes) -> bool:
        """Add what one line says; False where it cannot be read."""
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            return False
        results = entry.get("results") if isinstance(entry, dict) else None
        if not isinstance(results, dict):
            return False
        kimg = names.kimg_of(_text(entry.get("snapshot_pkl")))
        time = measured(entry.get("timestamp"))
        for name, value in results.items():
            number = measured(value)
            if number is not None and math.isfinite(number):
                point = kimg, math.nan if time is None else time, number
                self._found.setdefault(name, []).append(point)
        return True

    def points(self, times: Floats, kimg: Floats) -> Iterable[tuple[str, Metric]]:
        """The curves by name.

        times: Unix seconds of every tick, [ticks].
        kimg: of every tick, [ticks]. A line that names no snapshot is placed by when it was
            written.
        """
        known = np.isfinite(times)
        for name, points in self._found.items():
            if name.endswith("_floor"):  # what a perfect generator would get: no curve
                continue
            at: dict[float, float] = {}
            for place, time, value in points:
                if place is None:
                    if not known.any() or not math.isfinite(time):
                        continue
                    place = float(np.interp(time, times[known], kimg[known]))
                at[place] = value
            order = sorted(at)
            if order:
                yield name, Metric(np.array(order), np.array([at[k] for k in order]))
