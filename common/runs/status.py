"""The state of a training run in words: progress, speed, time left."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from common.runs.state import RunState, SnapshotFile
from common.runs.ticks import Floats
from common.units import ago, kimg_number, rough_duration

STALLED: Final = 5.0
"""A run has stalled after this many of the usual times between two ticks."""


def status(state: RunState, now: float) -> tuple[str, ...]:
    """The state of a run in a few phrases: progress, speed, time left, last snapshot, p."""
    options, kimg = state.options, last(state.kimg)
    phrases = []
    if math.isnan(kimg):
        phrases.append("No tick yet")
    elif options.total_kimg is None:
        phrases.append(f"{kimg_number(kimg)} kimg")
    elif state.complete:
        phrases.append(f"Complete at {kimg_number(kimg)} kimg")
    else:
        phrases.append(f"{kimg_number(kimg)} of {options.total_kimg:,.6g} kimg")
    phrases.extend(_growth(state))
    speed = state.seconds_per_kimg
    if math.isfinite(speed):
        phrases.append(f"{speed:.3g} s/kimg in all")
        if options.total_kimg is not None and is_running(state, now):
            phrases.append(f"{rough_duration((options.total_kimg - kimg) * speed)} left")
    newest = newest_snapshot(state)
    if newest is not None:
        name = "snapshot" if newest.kimg is None else f"snapshot {newest.kimg:,.7g} kimg"
        phrases.append(f"{name}, {ago(now - newest.modified / 1e9)}")
    phrases.extend(_augmentation(state))
    return tuple(phrases)


def _growth(state: RunState) -> Iterator[str]:
    """How far networks have grown that do, as long as they have not grown to the end."""
    resolution, lod = last(state.values("Progress/resolution")), last(state.values("Progress/lod"))
    if math.isnan(resolution) or math.isnan(lod) or not lod:
        return
    full, below = int(resolution) << math.floor(lod), lod - math.floor(lod)
    text = f"{resolution:.0f}×{resolution:.0f} of {full}×{full}"
    yield text if not below else f"{text}, fading in: {1 - below:.0%}"


def _augmentation(state: RunState) -> Iterator[str]:
    p, r_t = last(state.p), last(state.r_t)
    if state.options.aug == "noaug" or math.isnan(p):
        return
    text = f"p {p:.3f}"
    target = state.options.target
    if target is not None and math.isfinite(r_t) and state.options.heuristic == "rt":
        text += f" (r_t {r_t:.2f}, target {target:g})"
    yield text


def newest_snapshot(state: RunState) -> SnapshotFile | None:
    """The complete snapshot that was written last; None where there is none."""
    whole = [snapshot for snapshot in state.snapshots if snapshot.complete]
    return max(whole, key=lambda s: s.modified, default=None)


def is_running(state: RunState, now: float) -> bool:
    """Whether more ticks are to be expected, as far as the folder tells."""
    over = state.complete or state.log.ended or bool(state.log.error) or not state.exists
    return not over and len(state.kimg) > 0 and not waits(state, now)


def waits(state: RunState, now: float) -> float:
    """Seconds since the last sign of life, where they are suspiciously many; else 0."""
    times = state.times[np.isfinite(state.times)]
    if len(times) < 3:
        return 0.0
    waited = now - max(float(times[-1]), state.changed)
    clock = state.clock
    # A tick that computes a metric may take many times as long as the others.
    longest = float(np.diff(clock[np.isfinite(clock)]).max(initial=0.0))
    usual = state.seconds_per_tick
    limit = max(STALLED * usual, 1.5 * longest, 30.0)
    return waited if math.isfinite(usual) and waited > limit else 0.0


def last(values: Floats) -> float:
    """The newest finite value, NaN where there is none."""
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else math.nan
