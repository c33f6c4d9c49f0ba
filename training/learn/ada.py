"""The controller of adaptive discriminator augmentation (Karras et al. 2020, "ADA", Section 3).

Overfitting is what the discriminator's outputs show:

    r_t = E[sign(D_train)]                                          (0: none, 1: complete)
    r_v = (E[D_train] − E[D_validation]) / (E[D_train] − E[D_generated])

Every few minibatches p takes a step of fixed size up where r is above its target, and down where
it is below.

r_t and r_v are of the pictures of Dmain alone. The reference trainer also counts the logits of its
R1 step: the same pictures, augmented once more, every 16th time. The expectation is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, nan

import torch
from torch import Tensor

from training.run.options import Augmentation, Heuristic

# Means that the two heuristics are made of, by the names of the statistics they come from.
_OBSERVED = (
    "Loss/signs/real",
    "Loss/scores/real",
    "Loss/scores/validation",
    "Loss/scores/fake",
)


@dataclass(frozen=True)
class AdaOptions:
    """How p is adapted.

    mode: `ada` adapts p, `fixed` keeps it, `noaug` keeps it at 0.
    heuristic: what is compared with the target, r_t (`rt`) or r_v (`rv`).
    target: the value that it is held at; the paper has 0.6 for r_t and 0.5 for r_v.
    interval: minibatches between two steps of p.
    kimg: thousands of real pictures in which p could go from 0 to 1; 500 from scratch, 100 in
        transfer learning.
    p: the probability of augmentations at the start, 0 to 1.
    Raises ValueError for values out of range.
    """

    mode: Augmentation = "ada"
    heuristic: Heuristic = "rt"
    target: float = 0.6
    interval: int = 4
    kimg: float = 500
    p: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.p <= 1:
            raise ValueError(f"p is between 0 and 1, not {self.p}")
        if self.interval < 1 or self.kimg <= 0:
            raise ValueError(
                f"interval is at least 1 and kimg above 0, not {self.interval} and {self.kimg}"
            )


class Controller:
    """Keeps p up to date. Between two updates nothing waits for a GPU.

    p: the probability of augmentations now.
    r_t, r_v: the signs of overfitting in the last interval; NaN where nothing was observed.
    minibatches: how many there have been in the whole run.
    """

    def __init__(
        self,
        p: Tensor,
        options: AdaOptions,
        *,
        batch: int,
        total: Callable[[Tensor], Tensor] = lambda sums: sums,
    ) -> None:
        """A controller that writes into `p`, 0-dim, the buffer of the augmentation pipeline.

        batch: real pictures of a minibatch, of all ranks together.
        total: gives the sum over all ranks of a tensor; all of them call it once every interval.
        """
        self.buffer, self.options, self.batch, self.total = p, options, batch, total
        self.r_t = self.r_v = nan
        self.sums = torch.zeros(len(_OBSERVED), 2, dtype=torch.float64, device=p.device)
        self.minibatches = 0
        self._set(0.0 if options.mode == "noaug" else options.p)

    @property
    def step_size(self) -> float:
        """How far p moves in one step."""
        return self.batch * self.options.interval / (self.options.kimg * 1000)

    def observe(self, name: str, values: Tensor) -> None:
        """Take note of a statistic of any shape; one whose name is not needed is ignored."""
        if name in _OBSERVED:
            # The numerator and the count of a mean.
            sums = self.sums[_OBSERVED.index(name)]
            sums[0] += values.detach().sum(dtype=torch.float64)
            sums[1] += values.numel()

    def update(self) -> bool:
        """To be called after every minibatch; returns whether an interval has ended with it."""
        self.minibatches += 1
        if self.minibatches % self.options.interval:
            return False
        sums = self.total(self.sums).tolist()
        self.sums.zero_()
        signs, train, validation, fake = (s / n if n else nan for s, n in sums)
        self.r_t = signs
        self.r_v = (train - validation) / (train - fake) if train != fake else nan
        r = self.r_t if self.options.heuristic == "rt" else self.r_v
        if self.options.mode == "ada" and isfinite(r):
            above = (r > self.options.target) - (r < self.options.target)
            self._set(min(max(self.p + above * self.step_size, 0.0), 1.0))
        return True

    def state_dict(self) -> dict[str, Tensor]:
        """What an exact continuation of this rank needs."""
        numbers = torch.tensor([self.p, self.minibatches, self.r_t, self.r_v], dtype=torch.float64)
        return {"numbers": numbers, "sums": self.sums.clone()}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on where `state_dict` was called."""
        p, minibatches, self.r_t, self.r_v = state["numbers"].tolist()
        self.minibatches = int(minibatches)
        self.sums.copy_(state["sums"])
        self._set(p)

    def _set(self, p: float) -> None:
        # Kept in double precision: hundreds of thousands of small steps add up.
        self.p = p
        self.buffer.fill_(p)
