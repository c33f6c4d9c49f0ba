"""Run directories as trainers leave them, for the tests of what reads them."""

from __future__ import annotations

import json
import math

import numpy as np

from common.runs.facts import Metric, RunOptions
from common.runs.state import RunState
from common.runs.stats import KIMG, TIME
from common.runs.ticks import Ticks
from tests.paths import DATA

REAL = DATA / "earth64-run"
START = 1_700_000_000.0


def entry(mean: float, num: int = 1) -> dict[str, float]:
    return {"num": num, "mean": mean, "std": 0.0}


def line(kimg: float, time: float = START, **values: float) -> bytes:
    """A line of stats.jsonl. values: p, r_t, or anything else with / written as __."""
    names = {"p": "Progress/augment", "r_t": "Loss/signs/real"}
    quantities = {names.get(n, n.replace("__", "/")): entry(v) for n, v in values.items()}
    stats = {**quantities, KIMG: entry(kimg), "timestamp": time}
    return json.dumps(stats).encode() + b"\n"


def state(
    kimg: np.ndarray, *, seconds: float = 60.0, total: float | None = None, **series: np.ndarray
) -> RunState:
    """A run in memory, a tick every `seconds`; series named as in `line`."""
    ticks = Ticks()
    names = {"p": "Progress/augment", "r_t": "Loss/signs/real"}
    for i, at in enumerate(kimg):
        values = {names.get(n, n.replace("__", "/")): float(v[i]) for n, v in series.items()}
        known = {n: v for n, v in values.items() if not math.isnan(v)}
        ticks.append({KIMG: float(at), TIME: START + seconds * i, **known})
    options = RunOptions(target=0.6, total_kimg=total, aug="ada")
    return RunState("/runs/00000-test", ticks.series(), ticks.starts, options=options)


def metric(kimg: list[float], value: list[float]) -> Metric:
    return Metric(np.array(kimg, float), np.array(value, float))
