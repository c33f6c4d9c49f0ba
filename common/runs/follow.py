"""Following a run directory while somebody writes to it: ours, NVIDIA's, or a fork's of theirs.

`RunReader(path).poll()` reads what is new and returns the whole `RunState`; the very same object
where nothing has changed. Nothing that a training run leaves half done, cuts off or takes away
makes it raise. It may wait for the disk as long as that takes: call it on a thread.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from common.files import Signature
from common.runs import stats
from common.runs.disk import HERE, Disk, Facts
from common.runs.facts import Metric, MetricLines, read_log_end, run_options, training_options
from common.runs.names import LOG, OPTIONS, STATS, age, read_snapshot_name
from common.runs.state import ImageFile, RunState, SnapshotFile
from common.runs.stats import KIMG, TIME
from common.runs.tail import Tail
from common.runs.ticks import Ticks

_IMAGE: Final = re.compile(r"(?:(reals)|fakes(?:(_init)|(\d{1,9}))?)\.(?:png|jpe?g)")
_ARRAYS: Final = ("series", "metrics")


class RunReader:
    """Reads one run directory again and again, and keeps what it has read of it."""

    def __init__(self, path: str | Path, disk: Disk = HERE) -> None:
        """Make one.

        path: of the run directory.
        disk: the one that it lies on.
        """
        self._path = Path(path)
        self._disk = disk
        self._stats = Tail(self._path / STATS, disk)
        self._ticks = Ticks()
        self._skipped = 0
        self._metrics: dict[str, tuple[Tail, MetricLines]] = {}
        self._complete: dict[str, tuple[Signature, bool]] = {}
        self._signatures: dict[str, Signature] = {}
        self._state = RunState(str(path))
        self._polls = 0

    def poll(self) -> RunState:
        """Read what is new and return all that is known now.

        Errors of the disk are told in `RunState.problem`.
        """
        changes: dict[str, Any] = {"exists": True, "problem": ""}
        try:
            listed = self._disk.scan(str(self._path))
            wanted = (facts for facts in listed if _is_wanted(facts.name))
            self._read({facts.name: facts for facts in wanted if facts.kind != "lost"}, changes)
        except (FileNotFoundError, NotADirectoryError):
            # A file may go between listing and reading; the folder is asked again.
            (folder,) = self._disk.look((str(self._path),))
            changes["exists"] = folder is not None and folder.kind == "folder"
        except OSError as error:
            changes["problem"] = error.strerror or str(error)
        self._polls += 1
        before = self._state
        news = {k: v for k, v in changes.items() if k in _ARRAYS or v != getattr(before, k)}
        if news:
            self._state = replace(before, **news)
        return self._state

    def _read(self, found: Mapping[str, Facts], changes: dict[str, Any]) -> None:
        changes["snapshots"] = self._snapshots(found)
        changes["images"] = self._images(found)
        # Metrics may be measured long after training, and a log or an option can be edited.
        alive = (s.modified for name, s in found.items() if _proves_life(name))
        changes["changed"] = max(alive, default=0.0)
        if self._is_new(OPTIONS, found):
            options = training_options(self._path, self._disk)
            changes["options"] = run_options(options)
            changes["has_options"] = options is not None
        if self._is_new(LOG, found):
            changes["log"] = read_log_end(self._path / LOG, self._disk)
        self._measure_room(changes)
        ticks_news = self._read_stats(found, changes)
        metrics_news = self._read_metrics(found)
        if ticks_news or metrics_news:
            changes["metrics"] = self._all_metrics()
            lines = (lines for _, lines in self._metrics.values())
            changes["skipped"] = self._skipped + sum(metric.skipped for metric in lines)

    def _is_new(self, name: str, found: Mapping[str, Facts]) -> bool:
        if name not in found:
            return False
        now = found[name].signature
        before, self._signatures[name] = self._signatures.get(name), now
        return now != before

    def _measure_room(self, changes: dict[str, Any]) -> None:
        usage = self._disk.room(str(self._path))
        before = self._state.free
        if abs(usage.free - before) > 0.01 * before or usage.total != self._state.total:
            changes["free"], changes["total"] = usage.free, usage.total

    def _snapshots(self, found: Mapping[str, Facts]) -> tuple[SnapshotFile, ...]:
        files = []
        self._look_at_ends(found)
        for name, facts in found.items():
            known = read_snapshot_name(name)
            if known is None:
                continue
            path = self._path / name
            kimg = None if known.kimg is None else float(known.kimg)
            complete = self._complete.get(name) == (facts.signature, True)
            files.append(SnapshotFile(str(path), kimg, facts.size, facts.modified_ns, complete))
        return tuple(sorted(files, key=lambda file: age(file.path, file.kimg)))

    def _look_at_ends(self, found: Mapping[str, Facts]) -> None:
        """Learn which snapshots are written to their end, of those that are new or have changed."""
        new = {
            name: facts.signature
            for name, facts in found.items()
            if read_snapshot_name(name) is not None
            and self._complete.get(name, (None,))[0] != facts.signature
        }
        while new:
            whole = self._disk.complete(tuple(str(self._path / name) for name in new))
            for name, complete in zip([*new], whole, strict=False):
                self._complete[name] = new.pop(name), complete

    def _images(self, found: Mapping[str, Facts]) -> tuple[ImageFile, ...]:
        files = []
        for name, facts in found.items():
            match = _IMAGE.fullmatch(name)
            if match is None:
                continue
            kind: Literal["fakes", "init", "reals"]
            kind = "reals" if match[1] else "init" if match[2] else "fakes"
            kimg = float(match[3]) if match[3] else None
            files.append(ImageFile(str(self._path / name), kind, kimg, facts.modified_ns))
        order = {"reals": 0, "init": 1, "fakes": 2}
        return tuple(sorted(files, key=lambda f: (order[f.kind], -1 if f.kimg is None else f.kimg)))

    def _read_stats(self, found: Mapping[str, Facts], changes: dict[str, Any]) -> bool:
        if STATS not in found:
            return False
        news = self._stats.read(found[STATS].signature)
        if news is None:
            return False
        if news.anew:
            self._ticks, self._skipped = Ticks(), 0
        for line in news.lines:
            values = stats.parse(line)
            if math.isfinite(values.get(KIMG, math.nan)):
                self._ticks.append(values)
            elif line.strip():
                self._skipped += 1
        changes["series"] = self._ticks.series()
        changes["starts"] = self._ticks.starts
        changes["reading"] = news.more
        if news.lines and self._polls and not self._state.reading:
            changes["lively"] = True
        return True

    def _read_metrics(self, found: Mapping[str, Facts]) -> bool:
        any_news = False
        for name in found:
            if not _is_metric(name):
                continue
            if name not in self._metrics:
                self._metrics[name] = Tail(self._path / name, self._disk), MetricLines()
            tail, lines = self._metrics[name]
            news = tail.read(found[name].signature)
            if news is not None:
                lines.take(news)
                any_news = True
        return any_news

    def _all_metrics(self) -> dict[str, Metric]:
        series = self._ticks.series()
        kimg = series[KIMG]
        metrics = {}
        for name, values in series.items():
            known = np.isfinite(values)
            if name.startswith("Metrics/") and known.any():
                metrics[name.removeprefix("Metrics/")] = Metric(kimg[known], values[known])
        for _, lines in self._metrics.values():
            metrics.update(lines.points(series[TIME], kimg))
        return metrics


def _is_metric(name: str) -> bool:
    return name.startswith("metric-") and name.endswith(".jsonl")


def _is_wanted(name: str) -> bool:
    if name in (STATS, OPTIONS, LOG) or _is_metric(name):
        return True
    return read_snapshot_name(name) is not None or _IMAGE.fullmatch(name) is not None


def _proves_life(name: str) -> bool:
    """Whether only training writes such a file: ticks and snapshots."""
    return name == STATS or read_snapshot_name(name) is not None
