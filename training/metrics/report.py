"""Values as lines of JSON, in the layout that tools made for NVIDIA's read, and in words."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from common.units import log_duration
from training.metrics.evaluate import Outcome


def line(outcome: Outcome, snapshot: Path, folder: Path | None, num_gpus: int) -> dict[str, Any]:
    """An outcome as a line of metric-NAME.jsonl, with what the value depends on besides.

    snapshot: what was measured; named relative to `folder`, that of the run, where it is in it.
    num_gpus: how many computed it.
    """
    name = str(snapshot)
    if folder is not None and folder in snapshot.parents:
        name = snapshot.relative_to(folder).as_posix()
    return {
        "results": dict(outcome.results),
        "metric": outcome.metric.name,
        "total_time": outcome.seconds,
        "total_time_str": log_duration(outcome.seconds),
        "num_gpus": num_gpus,
        "snapshot_pkl": name,
        "timestamp": time.time(),
        "feature_network": outcome.network,
        "num_generated": outcome.metric.generated,
        **outcome.facts,
    }


def words(outcome: Outcome) -> str:
    """An outcome in a line.

    For example `fd2k_lite 31.2 (floor 12.4 between 2 × 500 real), 2,000 generated and 1,000 real,
    1m 02s`.
    """
    name = outcome.metric.name
    values = {
        key.removeprefix(name).lstrip("_"): f"{value:.4g}" for key, value in outcome.results.items()
    }
    floor = values.pop("floor", None)
    text = name + "".join(f" {f'{key} ' if key else ''}{value}" for key, value in values.items())
    if floor is not None:
        text += f" (floor {floor} between 2 × {outcome.facts['num_floor']:,} real)"
    text += f", {outcome.metric.generated:,} generated"
    if "num_real" in outcome.facts:
        text += f" and {outcome.facts['num_real']:,} real"
    return f"{text}, {log_duration(outcome.seconds)}"
