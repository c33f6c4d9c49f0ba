"""Gradients that are not finite: now and then they are left out, for ever they stop the run.

Float16 overflows now and then, and `optim.finite_gradients` takes that away. Where no gradient of a
phase is finite any more, nothing is learnt, and every further hour is wasted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import torch
from torch import Tensor

from common.errors import UserError
from networks.training_traits import Phase
from training.run.options import AdversarialLoss, PrecisionOption
from training.run.stats import Entry

LIMIT: Final = 32
"""So many updates of one phase in a row, all of them spoilt, end the run."""

SHARE: Final = "Gradients/nonfinite_updates"
_LOOK_EVERY: Final = 16  # steps; to look is to wait for the device
_OFTEN: Final = 0.1  # the share of updates in a tick from which on every tick is warned of


class NonFinite:
    """Counts spoilt updates on the device. Every rank counts the same: gradients are shared."""

    def __init__(self, report: Callable[[str, Tensor], None]) -> None:
        """report: takes each statistic by its name."""
        self._report = report
        self._in_a_row: dict[Phase, Tensor] = {}
        self._warned = False

    def note(self, phase: Phase, bad: Tensor) -> None:
        """An update of `phase` had `bad` numbers, 0-dim, that are not finite in its gradient."""
        spoilt = (bad > 0).to(torch.float32)
        self._report("Gradients/nonfinite", bad)
        self._report(SHARE, spoilt)
        self._in_a_row[phase] = (self._in_a_row.get(phase, 0) + 1) * spoilt

    def check(
        self, step: int, nimg: int, precision: PrecisionOption, loss: AdversarialLoss
    ) -> None:
        """Look every few steps. Raises UserError where a phase learns nothing any more."""
        if step % _LOOK_EVERY or not self._in_a_row:
            return
        phases = list(self._in_a_row)
        counts = torch.stack([self._in_a_row[phase] for phase in phases]).tolist()
        for phase, count in zip(phases, counts, strict=True):
            if count >= LIMIT:
                raise UserError(
                    f"Training stopped at {nimg / 1000:.1f} kimg: in {int(count)} updates in a row "
                    f"the gradient of {phase} was not finite, so nothing is learnt.",
                    _advice(phase, precision, loss),
                )

    def warning(self, entries: Mapping[str, Entry]) -> str | None:
        """What to tell at the end of a tick with these statistics; None where all is well.

        The first time is told, and then every tick in which it happens often.
        """
        entry = entries.get(SHARE)
        if entry is None or not entry["num"] or not entry["mean"]:
            return None
        if self._warned and entry["mean"] < _OFTEN:
            return None
        self._warned = True
        spoilt = round(entry["mean"] * entry["num"])
        return (
            f"In {spoilt} of {entry['num']} updates gradients were not finite; NaN was taken as 0."
        )


def _advice(phase: Phase, precision: PrecisionOption, loss: AdversarialLoss) -> str:
    ways = [] if precision == "fp32" else ["--precision fp32"]
    if loss == "wgan-gp":  # which has no R1, and takes no --gamma
        ways.append("--loss logistic")
    else:
        ways.append("a smaller --gamma" if phase == "Dreg" else "another --gamma")
    return f"Start a new run with --resume and an earlier snapshot, with {' or '.join(ways)}."
