"""What the numbers of a training run mean, in words: what deserves attention, why, and what helps.

The thresholds for p and r_t follow Karras et al., "Training Generative Adversarial Networks with
Limited Data" (2020), Sections 2.2 (leaks above p ≈ 0.8) and 3 (r_t as a sign of overfitting).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from common.runs.facts import Metric
from common.runs.state import RunState
from common.runs.status import is_running, last, waits
from common.runs.ticks import Floats
from common.units import kimg_number, rough_duration

Severity = Literal["error", "warning", "note"]

P_HIGH: Final = 0.8
"""Above this p augmentations leak into the generated pictures (Section 2.2)."""
R_T_HIGH: Final = 0.9
"""From here on D tells nearly every real picture by heart."""
R_T_LOW: Final = 0.0
"""At this r_t and below D cannot tell real pictures from generated ones."""
FOR_A_WHILE: Final = 8
"""So many ticks in a row are no accident."""
HIGHER_IS_BETTER: Final = ("is", "pr", "inception", "coverage", "density", "recall")
"""How the names of metrics begin that are scores, not distances."""
_ORDER: Final = {"error": 0, "warning": 1, "note": 2}
_GIB: Final = 1 << 30


@dataclass(frozen=True)
class Remark:
    """Something about a run that deserves attention.

    kind: what it is about, the same for as long as it holds.
    severity: an `error` ends or spoils the run, a `warning` may, a `note` is good to know.
    text: what is the matter, in one line.
    remedy: why that is so, and what to do about it.
    """

    kind: str
    severity: Severity
    text: str
    remedy: str


def diagnose(state: RunState, now: float) -> tuple[Remark, ...]:
    """What deserves attention in a run, the gravest first. now: in Unix seconds."""
    checks = (_folder, _log, _losses, _p, _p_climbing, _r_t, _metrics, _stalled, _disk, _lines)
    remarks = [remark for check in checks for remark in check(state, now)]
    return tuple(sorted(remarks, key=lambda remark: _ORDER[remark.severity]))


# ---------------------------------------------------------------------------------------------
# The run as a process
# ---------------------------------------------------------------------------------------------


def _folder(state: RunState, now: float) -> Iterator[Remark]:
    if not state.exists:
        yield Remark(
            "folder",
            "error",
            f"{state.path} is not there any more.",
            "It was moved, deleted or unmounted. What was read stays on the screen; where the "
            "folder comes back, it is followed again.",
        )
    elif state.problem:
        yield Remark(
            "folder",
            "error",
            f"{state.path} cannot be read: {state.problem}.",
            "Check the permissions and the connection; it is tried again every second.",
        )


def _log(state: RunState, now: float) -> Iterator[Remark]:
    if state.log.error:
        yield Remark(
            "log",
            "error",
            f"Training ended with an error: {state.log.error}",
            "log.txt in the run directory has the whole story.",
        )


def _stalled(state: RunState, now: float) -> Iterator[Remark]:
    over = state.complete or state.log.ended or state.log.error or not state.exists
    if over or not len(state.kimg) or not (waited := waits(state, now)):
        return
    usual = rough_duration(state.seconds_per_tick)
    if state.lively:
        yield Remark(
            "stalled",
            "warning",
            f"Stalled: no tick for {rough_duration(waited)}, usually one every {usual}.",
            "Look at the terminal and at log.txt: the process may have been killed, wait for the "
            "data, or be out of memory.",
        )
    else:
        yield Remark(
            "stopped",
            "note",
            f"Not running: the last tick was {rough_duration(waited)} ago.",
            f"Ticks came every {usual}, and the log does not say that training ended. Fine if it "
            "was stopped on purpose; a run of ganscope goes on with `train --continue RUN`.",
        )


def _disk(state: RunState, now: float) -> Iterator[Remark]:
    if not state.total or not is_running(state, now):
        return
    snapshot = max((s.bytes for s in state.snapshots[-2:]), default=0)
    few = 2 * snapshot + _GIB
    # Five percent of a large disk are plenty: there it takes fewer than twenty snapshots, too.
    low = state.free < 0.05 * state.total and state.free < 20 * few
    if state.free >= few and not low:
        return
    yield Remark(
        "disk",
        "error" if state.free < few else "warning",
        f"The disk is nearly full: {state.free / _GIB:.1f} GiB are left.",
        "A snapshot that does not fit is lost. Free some space, or let the run keep fewer "
        "snapshots (`train --continue RUN --keep 5`).",
    )


def _lines(state: RunState, now: float) -> Iterator[Remark]:
    if state.skipped > max(2, 0.02 * len(state.kimg)):
        yield Remark(
            "lines",
            "note",
            f"{state.skipped} lines of statistics could not be read and are left out.",
            "They are cut off or no JSON: two processes may write to the same folder.",
        )


# ---------------------------------------------------------------------------------------------
# Training itself
# ---------------------------------------------------------------------------------------------


def _losses(state: RunState, now: float) -> Iterator[Remark]:
    bad = [
        name.removeprefix("Loss/")
        for name, values in state.series.items()
        if name.startswith("Loss/") and np.isinf(_measured(values)[-3:]).any()
    ]
    if bad:
        yield Remark(
            "loss",
            "error",
            f"Not finite: {', '.join(sorted(bad))}.",
            "The networks diverge. Go back to an earlier snapshot; a larger --gamma, a smaller "
            "learning rate or --precision fp32 keeps it from happening again.",
        )


def _p(state: RunState, now: float) -> Iterator[Remark]:
    p = last(state.p)
    if p > P_HIGH:
        yield Remark(
            "p",
            "warning",
            f"p is {p:.2f}: above {P_HIGH} augmentations may leak into the pictures.",
            "D needs nearly all pictures augmented not to overfit, so there is too little data. "
            "Collect more, use --mirror, or start from a trained network with --resume. Look for "
            "rotated or discoloured pictures among the fakes.",
        )


def _p_climbing(state: RunState, now: float) -> Iterator[Remark]:
    total, kimg, p = state.options.total_kimg, state.kimg, state.p
    if len(kimg) < 3 * FOR_A_WHILE or state.options.aug == "fixed":
        return
    late = total is not None and kimg[-1] >= 0.9 * total
    part = kimg >= kimg[-1] - 0.25 * (kimg[-1] - max(kimg[0], 0.0))
    part &= np.isfinite(p)
    if not late or part.sum() < 4:
        return
    rise = _slope(kimg[part], p[part]) * float(np.ptp(kimg[part]))
    if rise >= 0.05 and p[part][-1] >= p[part].max() - 0.02:
        yield Remark(
            "p climbing",
            "warning",
            f"p still climbs at the end: by {rise:.2f} over the last quarter.",
            "D overfits more and more, so longer training will hardly help. Compare the last "
            "snapshots with earlier ones; more data or --resume would.",
        )


def _r_t(state: RunState, now: float) -> Iterator[Remark]:
    r_t = _measured(state.r_t)[-FOR_A_WHILE:]
    if len(r_t) < FOR_A_WHILE or state.options.heuristic != "rt":
        return
    if state.options.loss == "wgan-gp":
        return  # its scores are known up to a constant: their signs mean nothing
    adaptive = state.options.aug == "ada"
    p = _measured(state.p)[-FOR_A_WHILE:]
    if (r_t >= R_T_HIGH).all():
        rising = adaptive and len(p) > 1 and p[-1] > p[0] and p[-1] <= P_HIGH
        yield Remark(
            "r_t high",
            "note" if rising else "warning",
            f"r_t stays at {np.median(r_t):.2f}: D is sure of nearly every real picture.",
            "It learns them by heart. p is rising against it; wait until r_t comes down."
            if rising
            else "It learns them by heart, and pictures will stop getting better. Train with "
            "--aug ada, more data, or from a trained network with --resume.",
        )
    elif (r_t <= R_T_LOW).all():
        yield Remark(
            "r_t low",
            "warning",
            f"r_t stays at {np.median(r_t):.2f}: D cannot tell real pictures from fakes.",
            "G gets no direction from it. Look at reals.png: are the data what they should be? "
            "Otherwise p, --gamma or the learning rate is too high.",
        )


def _metrics(state: RunState, now: float) -> Iterator[Remark]:
    for name, metric in state.metrics.items():
        if not is_lower_better(name):
            continue
        best = rising_since(metric)
        if best is None:
            continue
        at = float(metric.kimg[best])
        known = np.isfinite(state.p)
        p = [0.0, 0.0]
        if known.any():
            p = np.interp([at, metric.kimg[-1]], state.kimg[known], state.p[known]).tolist()
        climbs = p[1] - p[0] >= 0.05
        text = f"{name} rises: best {metric.value[best]:.3g} at {kimg_number(at)} kimg, "
        text += f"now {metric.value[-1]:.3g}"
        yield Remark(
            f"metric {name}",
            "warning" if climbs else "note",
            text + (f", while p rose from {p[0]:.2f} to {p[1]:.2f}." if climbs else "."),
            (
                "Over-augmented or overfitting. "
                if climbs
                else "It may come down again; if it does not, training is past its best. "
            )
            + f"Use the snapshot at {kimg_number(at)} kimg, and compare it with the newest.",
        )


def is_lower_better(name: str) -> bool:
    """Whether a metric is a distance (FID, KID, PPL …) and not a score."""
    return not name.lower().startswith(HIGHER_IS_BETTER)


def rising_since(metric: Metric) -> int | None:
    """The index of the lowest value, where the last few lie clearly above it and go up.

    The trend is the median of the slopes between all pairs of the last values (Theil 1950, Sen
    1968), which one bad evaluation does not turn.
    """
    best = int(np.argmin(metric.value))
    since = max(best, len(metric.value) - 7)
    kimg, value = metric.kimg[since:], metric.value[since:]
    if len(value) < 4:
        return None
    scale = abs(float(np.median(value))) or 1.0
    above = bool((value[-3:] > metric.value[best] + 0.03 * scale).all())
    trend = _slope(kimg, value) * float(np.ptp(kimg))
    return best if above and trend >= 0.03 * scale else None


def _slope(x: Floats, y: Floats) -> float:
    """The median of the slopes between all pairs of points (Theil 1950, Sen 1968)."""
    if len(x) > 200:
        pick = np.linspace(0, len(x) - 1, 200).astype(int)
        x, y = x[pick], y[pick]
    i, j = np.triu_indices(len(x), 1)
    steps = x[j] - x[i]
    slopes = (y[j] - y[i])[steps > 0] / steps[steps > 0]
    return float(np.median(slopes)) if len(slopes) else 0.0


def _measured(values: Floats) -> Floats:
    return values[~np.isnan(values)]
