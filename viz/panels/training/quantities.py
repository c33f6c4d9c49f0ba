"""Which quantities of a run are plotted, together with which others, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from common.runs.state import RunState
from common.runs.stats import KIMG, TIME


@dataclass(frozen=True)
class Curve:
    """A line in a plot.

    label: what it is called there.
    names: what it is called in stats.jsonl; the first name that was recorded counts.
    """

    label: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Plot:
    """Curves that are drawn over each other.

    name: unique among the plots; settings remember it.
    curves: its lines.
    tip: says in a tooltip what the values mean.
    shown: it is drawn unless it was hidden by hand; otherwise only where it was ticked by hand.
    metric: its values are those of `RunState.metrics`, drawn as points instead of a line.
    exact: its lines are drawn as they were recorded, however others are smoothed.
    """

    name: str
    curves: tuple[Curve, ...]
    tip: str = ""
    shown: bool = True
    metric: bool = False
    exact: bool = False


P = Plot(
    "Augmentation",
    (
        Curve("p", ("Progress/augment",)),
        Curve("r_t", ("Progress/r_t", "Loss/signs/real")),
        Curve("r_v", ("Progress/r_v",)),
    ),
    "p: probability of every augmentation. r_t: mean sign of D on real pictures, 0 where it "
    "cannot tell them from fakes, 1 where it knows them by heart. Above the target, p rises. "
    "r_v: where held-out pictures lie between real (0) and fake (1).",
)
STANDARD = (
    Plot(
        "Resolution",
        (Curve("resolution", ("Progress/resolution",)),),
        "Pixels a side that the networks have grown to. The next resolution fades in, then is "
        "trained alone.",
        exact=True,
    ),
    Plot(
        "Growth",
        (Curve("levels left (lod)", ("Progress/lod",)),),
        "How many resolutions are not in use yet (lod). On a slope one fades in: half way down, "
        "half of the picture is the enlarged one below it.",
        exact=True,
    ),
    P,
    Plot(
        "Scores of D",
        (
            Curve("real", ("Loss/scores/real",)),
            Curve("fake", ("Loss/scores/fake",)),
            Curve("held out", ("Loss/scores/validation",)),
        ),
        "D's output. Real and fake drifting apart means that D overfits; held-out pictures scored "
        "like fakes prove it.",
    ),
    Plot("Loss", (Curve("G", ("Loss/G/loss",)), Curve("D", ("Loss/D/loss",)))),
    Plot(
        "R1",
        (Curve("R1 penalty", ("Loss/r1_penalty",)),),
        "Squared gradient of D at real pictures, before the weight gamma.",
    ),
    Plot(
        "Gradient penalty",
        (Curve("gradient penalty", ("Loss/gradient_penalty",)),),
        "How far D's gradients between real and generated pictures are from length 1, as a square, "
        "before its weight (WGAN-GP).",
    ),
    Plot(
        "Path length",
        (Curve("path length penalty", ("Loss/pl_penalty",)),),
        "How unevenly pictures change along w, before its weight.",
    ),
    Plot(
        "Speed",
        (Curve("s/kimg", ("Timing/sec_per_kimg",)),),
        "Seconds for 1000 real pictures, in training alone: a run as a whole also takes pictures, "
        "snapshots and metrics.",
    ),
)
"""The plots of quantities that runs of ours record, each where its networks have them."""


def plots(state: RunState) -> tuple[Plot, ...]:
    """Return the plots that this run has something for: metrics, standard ones, and the rest."""
    found = [
        replace(p, curves=curves)
        for p in STANDARD
        if (curves := tuple(c for c in p.curves if _recorded(state, c)))
    ]
    metrics = [Plot(n, (Curve(n, (n,)),), metric=True) for n in sorted(state.metrics)]
    used = {name for plot in STANDARD for curve in plot.curves for name in curve.names}
    rest = [
        Plot(name, (Curve(name, (name,)),), shown=False)
        for name in sorted(state.series)
        if name not in (*used, KIMG, TIME) and not name.startswith("Metrics/")
    ]
    return (*metrics, *found, *(p for p in rest if _recorded(state, p.curves[0])))


def _recorded(state: RunState, curve: Curve) -> bool:
    return bool(np.isfinite(state.values(*curve.names)).any())


def is_shown(plot: Plot, choices: Mapping[str, bool]) -> bool:
    """Whether a plot is shown: as it was chosen by hand, otherwise as it is by default."""
    return choices.get(plot.name, plot.shown)
