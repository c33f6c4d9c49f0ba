"""Following a run directory while somebody writes to it: ours, NVIDIA's, or a fork's of theirs.

`RunReader(path).poll()` reads what is new and returns the whole `RunState`; the very same object
where nothing has changed. Nothing that a training run leaves half done, cuts off or takes away
makes it raise. It may wait for the disk as long as that takes: call it on a thread.
"""

from __future__ import annotations

import math
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from common.files import Signature, signature
from common.runs import locate, stats
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

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._stats = Tail(self._path / STATS)
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
            with os.scandir(self._path) as entries:
                listed = {e.name: _stat(e) for e in entries if _is_wanted(e.name)}
            found = {name: stat for name, stat in listed.items() if stat is not None}
            self._read(found, changes)
        except (FileNotFoundError, NotADirectoryError):
            # A file may go between listing and reading; the folder is asked again.
            changes["exists"] = self._path.is_dir()
        except OSError as error:
            changes["problem"] = error.strerror or str(error)
        self._polls += 1
        before = self._state
        news = {k: v for k, v in changes.items() if k in _ARRAYS or v != getattr(before, k)}
        if news:
            self._state = replace(before, **news)
        return self._state

    def _read(self, found: Mapping[str, os.stat_result], changes: dict[str, Any]) -> None:
        changes["snapshots"] = self._snapshots(found)
        changes["images"] = self._images(found)
        # Metrics may be measured long after training, and a log or an option can be edited.
        alive = (s.st_mtime for name, s in found.items() if _proves_life(name))
        changes["changed"] = max(alive, default=0.0)
        if self._is_new(OPTIONS, found):
            options = training_options(self._path)
            changes["options"] = run_options(options)
            changes["has_options"] = options is not None
        if self._is_new(LOG, found):
            changes["log"] = read_log_end(self._path / LOG)
        self._disk(changes)
        ticks_news = self._read_stats(found, changes)
        metrics_news = self._read_metrics(found)
        if ticks_news or metrics_news:
            changes["metrics"] = self._all_metrics()
            lines = (lines for _, lines in self._metrics.values())
            changes["skipped"] = self._skipped + sum(metric.skipped for metric in lines)

    def _is_new(self, name: str, found: Mapping[str, os.stat_result]) -> bool:
        if name not in found:
            return False
        now = signature(found[name])
        before, self._signatures[name] = self._signatures.get(name), now
        return now != before

    def _disk(self, changes: dict[str, Any]) -> None:
        usage = shutil.disk_usage(self._path)
        before = self._state.free
        if abs(usage.free - before) > 0.01 * before or usage.total != self._state.total:
            changes["free"], changes["total"] = usage.free, usage.total

    def _snapshots(self, found: Mapping[str, os.stat_result]) -> tuple[SnapshotFile, ...]:
        files = []
        for name, stat in found.items():
            known = read_snapshot_name(name)
            if known is None:
                continue
            path = self._path / name
            kimg = None if known.kimg is None else float(known.kimg)
            complete = self._is_complete(path, signature(stat))
            files.append(SnapshotFile(str(path), kimg, stat.st_size, stat.st_mtime_ns, complete))
        return tuple(sorted(files, key=lambda file: age(file.path, file.kimg)))

    def _is_complete(self, path: Path, now: Signature) -> bool:
        before = self._complete.get(path.name)
        if before is None or before[0] != now:
            before = self._complete[path.name] = now, locate.is_complete(path)
        return before[1]

    def _images(self, found: Mapping[str, os.stat_result]) -> tuple[ImageFile, ...]:
        files = []
        for name, stat in found.items():
            match = _IMAGE.fullmatch(name)
            if match is None:
                continue
            kind: Literal["fakes", "init", "reals"]
            kind = "reals" if match[1] else "init" if match[2] else "fakes"
            kimg = float(match[3]) if match[3] else None
            files.append(ImageFile(str(self._path / name), kind, kimg, stat.st_mtime_ns))
        order = {"reals": 0, "init": 1, "fakes": 2}
        return tuple(sorted(files, key=lambda f: (order[f.kind], -1 if f.kimg is None else f.kimg)))

    def _read_stats(self, found: Mapping[str, os.stat_result], changes: dict[str, Any]) -> bool:
        if STATS not in found:
            return False
        news = self._stats.read()
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

    def _read_metrics(self, found: Mapping[str, os.stat_result]) -> bool:
        any_news = False
        for name in found:
            if not _is_metric(name):
                continue
            if name not in self._metrics:
                self._metrics[name] = Tail(self._path / name), MetricLines()
            tail, lines = self._metrics[name]
            news = tail.read()
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


def _stat(entry: os.DirEntry[str]) -> os.stat_result | None:
    """Return what the system says of a file; None where it has just gone, or is a dead link."""
    try:
        return entry.stat()
    except FileNotFoundError:
        return None
