"""Which snapshot of a run is the best one, by a metric."""

from __future__ import annotations

from typing import Final

import numpy as np

from common.runs.diagnosis import is_lower_better
from common.runs.state import RunState, SnapshotFile

_NEAR: Final = 0.5
"""Kimg by which the names of snapshots, which are whole numbers, may differ from the tick."""


def chosen_metric(state: RunState, wanted: str) -> str:
    """The metric that snapshots are judged by: `wanted`, or the first that the run has.

    It is empty where the run has none.
    """
    return wanted if wanted in state.metrics else min(state.metrics, default="")


def best_snapshot(state: RunState, name: str) -> tuple[SnapshotFile, int] | None:
    """The best of the snapshots that are there and whole, by the metric `name`.

    With it comes the index of its value in `state.metrics[name]`. None where no snapshot that is
    there has been measured: a run may have deleted those that were.
    """
    metric = state.metrics.get(name)
    files = [file for file in state.snapshots if file.complete and file.kimg is not None]
    if metric is None or not files:
        return None
    at = np.array([file.kimg for file in files], float)
    ranked = np.argsort(metric.value if is_lower_better(name) else -metric.value, kind="stable")
    for index in ranked.tolist():
        away = np.abs(at - metric.kimg[index])
        # Of two formats at one kimg the last is ours, which is the one that runs open.
        nearest = len(files) - 1 - int(np.argmin(away[::-1]))
        if away[nearest] <= _NEAR:
            return files[nearest], index
    return None
