"""What the first rank tells the user and writes into the run directory.

A disk that is full stops no training: files are written whole or not at all, so the last good ones
stay, a line says what is missing, and the next snapshot tries again. Only the last one of a run
must be written: there the error ends the command.
"""

from __future__ import annotations

import contextlib
import math
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import psutil
import torch
from tqdm import tqdm

from common.errors import UserError
from common.units import log_duration
from networks.snapshots.for_nvidia import write_for_nvidia
from networks.snapshots.snapshot import write_snapshot
from networks.training_traits import PHASES
from training.learn import samples
from training.learn.parts import Parts
from training.learn.reporter import Reporter
from training.metrics import report
from training.metrics.bar import bar
from training.metrics.collect import in_words
from training.metrics.evaluate import Outcome
from training.run import state
from training.run.events import Events
from training.run.options import Options, to_json
from training.run.position import Position
from training.run.rundir import RunDir
from training.run.stats import NOTHING, Entry, Line, scalar


class RunReporter(Reporter):
    """The reporter of the first rank."""

    def __init__(
        self,
        options: Options,
        run: RunDir,
        grid: samples.Grid,
        facts: Mapping[str, Any],
        device: torch.device,
        *,
        data: Mapping[str, Any],
        seconds: float = 0.0,
    ) -> None:
        """A reporter of the run with these options, into its directory `run`.

        grid: what the grids of generated pictures show.
        facts: about the data set, for the metadata of snapshots.
        data: about what is trained on, for the state: by it a continued run knows its data again.
        seconds: how long earlier sessions took.
        """
        self.options, self.run, self.grid, self.device = options, run, grid, device
        self.data = data
        self.metadata = {**facts, "training_options": to_json(options)}
        self._began = time.monotonic() - seconds
        self._tick_began = time.monotonic()
        self._tick_nimg = 0
        self._maintenance = 0.0
        tqdm.set_lock(threading.RLock())  # its own would be shared between processes
        self._bar: Any = None
        self._events: Events | None = None

    @contextlib.contextmanager
    def running(self, nimg: int, total: int) -> Iterator[None]:
        """The progress line with the time left, where somebody watches."""
        self._events = Events(self.run.path, nimg=nimg, log=self.log)
        self._maintenance = time.monotonic() - self._tick_began
        self._tick_began, self._tick_nimg = time.monotonic(), nimg
        with tqdm(
            total=total,
            initial=nimg,
            unit=" img",
            unit_scale=True,
            disable=None,
            file=sys.stderr,
            dynamic_ncols=True,
            desc=self.run.path.name.partition("-")[0],
            leave=False,
        ) as self._bar:
            try:
                yield
            finally:
                self._bar = None
                self._events.close()

    def progress(self, nimg: int) -> None:
        """Move the progress line on."""
        self._bar.update(nimg - self._bar.n)

    def log(self, text: str) -> None:
        """A line on the terminal and in log.txt."""
        tqdm.write(text, file=sys.stdout)
        with self._told():
            self.run.log(text)

    def tick(
        self, at: Position, entries: Mapping[str, Entry], timings: Mapping[str, Entry]
    ) -> Line:
        """A line in log.txt and on the terminal; returns the one for stats.jsonl."""
        now = time.monotonic()
        total, tick = now - self._began, now - self._tick_began
        per_kimg = tick / max(at.nimg - self._tick_nimg, 1) * 1000
        memory = psutil.Process().memory_info().rss / 2**30
        gpu = self._peak_gpu_gb()
        p, ratio = entries["Progress/augment"]["mean"], f"r_{self.options.ada_heuristic[1]}"
        r = entries[f"Progress/{ratio}"]["mean"]
        self.log(
            f"tick {at.tick:<5d} kimg {at.nimg / 1000:<8.1f} time {log_duration(total):<12s} "
            f"sec/tick {tick:<7.1f} sec/kimg {per_kimg:<7.2f} "
            f"maintenance {self._maintenance:<6.1f} cpumem {memory:<6.2f} gpumem {gpu:<6.2f} "
            f"augment {p:<6.3f} {ratio} {'-' if math.isnan(r) else f'{r:.3f}'}{_grown(entries)}"
        )
        self._tick_ended, self._tick_nimg = now, at.nimg
        return {
            **entries,
            "Progress/tick": scalar(at.tick),
            "Progress/kimg": scalar(at.nimg / 1000),
            "Timing/total_sec": scalar(total),
            "Timing/sec_per_tick": scalar(tick),
            "Timing/sec_per_kimg": scalar(per_kimg),
            "Timing/maintenance_sec": scalar(self._maintenance),
            "Timing/total_hours": scalar(total / 3600),
            "Timing/total_days": scalar(total / 86400),
            "Resources/cpu_mem_gb": scalar(memory),
            "Resources/peak_gpu_mem_gb": scalar(gpu),
            **{f"Timing/{phase}": timings.get(phase, NOTHING) for phase in PHASES},
        }

    def write(self, line: Line) -> None:
        """A line in stats.jsonl, and the same for TensorBoard."""
        with self._told():
            self.run.append_stats({**line, "timestamp": time.time()})
            if self._events is not None:
                self._events.write(line)

    def measuring(self, title: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """A second progress line, for metrics."""
        return bar(title, total)

    def metrics(self, outcomes: Sequence[Outcome], nimg: int) -> Line:
        """Lines in metric-*.jsonl and in log.txt; returns what the tick's line gets of them."""
        found: Line = {}
        for outcome in outcomes:
            name = outcome.metric.name
            if outcome.failure is not None:
                self.warn(f"{name} failed: {in_words(outcome.failure)}")
                continue
            snapshot = self.run.snapshot(nimg // 1000, self._suffix)
            with self._told():
                line = report.line(outcome, snapshot, self.run.path, self.options.num_gpus)
                self.run.append_metric(name, line)
            self.log(f"kimg {nimg / 1000:<8.1f} {report.words(outcome)}")
            # A floor is of the data, the same at every tick.
            values = {k: v for k, v in outcome.results.items() if k != f"{name}_floor"}
            found |= {f"Metrics/{key}": scalar(value) for key, value in values.items()}
        if self._bar is not None:
            shown = (f"{k.removeprefix('Metrics/')} {v['mean']:.4g}" for k, v in found.items())
            self._bar.set_postfix_str(", ".join(shown))
        return found

    @property
    def _suffix(self) -> str:
        return f".{self.options.snapshot_format}"

    def warn(self, text: str) -> None:
        """A warning on the terminal and in log.txt."""
        self.log(f"Warning: {text} Training goes on.")

    def failed(self, error: UserError) -> None:
        """A line in log.txt alone."""
        with self._told():
            self.run.log(f"Error: {error}")

    def next_tick(self) -> None:
        """The time since the last tick ended was for maintenance."""
        self._tick_began = time.monotonic()
        self._maintenance = self._tick_began - self._tick_ended

    def fakes(self, parts: Parts, nimg: int | None) -> None:
        """Write a grid of what the averaged generator makes."""
        path = self.run.fakes(None if nimg is None else nimg // 1000)
        with self._told():
            samples.write_fakes(path, parts.G_ema, self.grid, self.options.batch_gpu, self.device)

    def save(
        self,
        parts: Parts,
        at: Position,
        ranks: list[bytes],
        pending: Line | None = None,
        *,
        final: bool,
        snapshot: bool = True,
    ) -> None:
        """Write the snapshot, then the state beside it, then remove old snapshots."""
        saved = False
        with contextlib.nullcontext() if final else self._told():
            if snapshot:
                self._write_snapshot(parts, at)
            tensors = parts.tensors()
            for rank, blob in enumerate(ranks):
                tensors |= state.prefixed(f"rank{rank}", state.from_bytes(blob))
            document = {
                **at.as_json(),
                "ranks": len(ranks),
                **self.data,
                "seconds": time.monotonic() - self._began,
                "stats_size": self.run.stats_size(),
                "pending": pending,
            }
            state.write(self.run.state, tensors, document)
            saved = True
        if saved and self.options.keep is not None:
            with self._told():  # what is left over is no reason to fail, at the end either
                self.run.thin(self.options.keep, self._suffix)

    def _write_snapshot(self, parts: Parts, at: Position) -> None:
        path, p = self.run.snapshot(at.nimg // 1000, self._suffix), float(parts.augment.p)
        if self.options.snapshot_format == "pkl":
            write_for_nvidia(path, parts.networks, metadata=self.metadata, augment_p=p)
        else:
            write_snapshot(
                path, parts.networks, metadata=self.metadata, kimg=at.nimg / 1000, augment_p=p
            )

    def stopped(self, nimg: int) -> None:
        """Say how to go on."""
        self.log(
            f"Stopped at {nimg / 1000:.1f} kimg; everything is saved. "
            f"Go on with: ganscope train --continue {self.run.path}"
        )

    def finished(self, nimg: int) -> None:
        """Say how to look at the run."""
        self.log(f"Done: {nimg / 1000:.1f} kimg. Look at them with: ganscope {self.run.path}")

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except UserError as error:
            text = f"Warning: {error} Training goes on; files written before are whole."
            tqdm.write(text, file=sys.stderr)

    def _peak_gpu_gb(self) -> float:
        if self.device.type != "cuda":
            return 0.0
        peak = torch.cuda.max_memory_allocated(self.device) / 2**30
        torch.cuda.reset_peak_memory_stats(self.device)
        return peak


def _grown(entries: Mapping[str, Entry]) -> str:
    """The end of a tick's line while networks grow: the resolution in use, and the levels left."""
    lod = entries.get("Progress/lod", NOTHING)["mean"]
    if not lod > 0:  # grown to the end, or not a number where networks do not grow
        return ""
    return f"  resolution {entries['Progress/resolution']['mean']:.0f} lod {lod:.2f}"
