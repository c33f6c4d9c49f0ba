"""What to do where a run cannot be continued, by what there is of it."""

from __future__ import annotations

from pathlib import Path

from common.runs.facts import training_options
from common.runs.locate import snapshots
from common.runs.names import OPTIONS


def instead_of_continuing(run: Path) -> str:
    """The remedy: its newest whole snapshot to start from, or, where there is none, to start anew.

    Raises UserError where the folder cannot be read.
    """
    whole = [snapshot.path for snapshot in snapshots(run) if snapshot.complete]
    if whole:
        return f"Start a new run with --resume {whole[-1]}."
    data = (training_options(run) or {}).get("training_set_kwargs", {})
    path = data.get("path") if isinstance(data, dict) else None
    return (
        f"It has no snapshot to start from either. Start anew: train --outdir {run.parent} "
        f"--data {path or 'DATA'}; the other options are in {OPTIONS} there."
    )
