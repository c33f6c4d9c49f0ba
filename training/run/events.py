"""TensorBoard's events in the run directory: the lines of stats.jsonl once more, for its plots."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from training.run.stats import Line


class Events:
    """Writes lines of statistics where TensorBoard finds them."""

    def __init__(self, run: Path, *, nimg: int, log: Callable[[str], None]) -> None:
        """Append to the events of `run`; without the package, `log` is told and nothing written.

        nimg: pictures shown so far: what an interrupted session wrote beyond them is hidden.
        """
        self._writer: Any = None
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            log("No TensorBoard events: install ganscope[train] to have them.")
            return
        self._writer = SummaryWriter(str(run), purge_step=nimg // 1000 if nimg else None)

    def write(self, line: Line) -> None:
        """Every quantity of a tick, over kimg and the seconds of the run."""
        if self._writer is None:
            return
        kimg = math.floor(line["Progress/kimg"]["mean"])
        seconds = line["Timing/total_sec"]["mean"]
        for name, entry in line.items():
            if entry["num"]:
                self._writer.add_scalar(name, entry["mean"], kimg, walltime=seconds)
        self._writer.flush()

    def close(self) -> None:
        """Nothing is written after this."""
        if self._writer is not None:
            self._writer.close()
