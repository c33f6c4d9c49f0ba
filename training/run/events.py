"""TensorBoard's events in the run directory: the lines of stats.jsonl once more, for its plots."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common.errors import reason
from common.runs.names import STATS
from training.run.stats import Line


class Events:
    """Writes lines of statistics where TensorBoard finds them.

    They are a copy: where the disk takes no more of them, `log` is told once and training goes on.
    """

    def __init__(self, run: Path, *, nimg: int, log: Callable[[str], None]) -> None:
        """Append to the events of `run`; without the package, `log` is told and nothing written.

        nimg: pictures shown so far: what an interrupted session wrote beyond them is hidden, from
            the next whole kimg on, since an event says no more of where it is. What it wrote before
            them in the same kimg stays: it is not written again.
        """
        self._writer: Any = None
        self._log = log
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            log("No TensorBoard events: install ganscope[train] to have them.")
            return
        try:
            self._writer = SummaryWriter(str(run), purge_step=nimg // 1000 + 1 if nimg else None)
        except OSError as error:
            log(f"No TensorBoard events: cannot write to {run}: {reason(error)}.")

    def write(self, line: Line) -> None:
        """Every quantity of a tick, over kimg and the seconds of the run."""
        if self._writer is None:
            return
        kimg = math.floor(line["Progress/kimg"]["mean"])
        seconds = line["Timing/total_sec"]["mean"]
        try:
            for name, entry in line.items():
                if entry["num"]:
                    self._writer.add_scalar(name, entry["mean"], kimg, walltime=seconds)
            self._writer.flush()
        except OSError as error:
            self._give_up(error)

    def close(self) -> None:
        """Nothing is written after this."""
        if self._writer is None:
            return
        try:
            self._writer.close()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        # Its thread has ended with the error, and nothing that it is given is written any more.
        self._writer = None
        self._log(
            f"No further TensorBoard events: {reason(error)}. What they show is in {STATS} too."
        )
