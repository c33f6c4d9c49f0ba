"""Statistics of a tick: accumulated on the device, read once, averaged over all ranks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypedDict

import torch
from torch import Tensor


class Entry(TypedDict):
    """A quantity in a line of stats.jsonl.

    num: how many values were reported.
    mean, std: their mean and standard deviation; NaN where there were none.
    """

    num: int
    mean: float
    std: float


Line = dict[str, Entry]
"""A line of stats.jsonl: every quantity of a tick, by name."""

NOTHING: Entry = {"num": 0, "mean": math.nan, "std": math.nan}


def scalar(value: float) -> Entry:
    """A quantity that was measured once."""
    return {"num": 1, "mean": float(value), "std": 0.0}


class Statistics:
    """Counts, sums and sums of squares of what was reported, by name.

    Reporting queues work on the device and waits for nothing. A name once reported stays: ranks
    that report the same names agree on their order.
    """

    def __init__(
        self, device: torch.device | str, total: Callable[[Tensor], Tensor] | None = None
    ) -> None:
        """Statistics kept on `device`; `total` gives the sum over all ranks of a float64 tensor."""
        self.device = torch.device(device)
        self._total = total or (lambda value: value)
        self._moments: dict[str, Tensor] = {}

    @torch.no_grad()
    def report(self, name: str, value: Tensor) -> None:
        """Count every element of `value`."""
        x = value.detach().double()
        moments = torch.stack([torch.full_like(x.sum(), x.numel()), x.sum(), x.square().sum()])
        if name in self._moments:
            self._moments[name] += moments
        else:
            self._moments[name] = moments

    def read(self) -> dict[str, Entry]:
        """Everything since the last call, over all ranks; waits for the device."""
        if not self._moments:
            return {}
        names = sorted(self._moments)
        table = self._total(torch.stack([self._moments[name] for name in names])).tolist()
        for moments in self._moments.values():
            moments.zero_()
        return {name: _entry(*row) for name, row in zip(names, table, strict=True)}

    def tensors(self) -> dict[str, Tensor]:
        """What this rank has accumulated: by name, float64 [3] of count, sum and sum of squares."""
        return {name: moments.clone() for name, moments in self._moments.items()}

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on where `tensors` was called."""
        self._moments = {name: value.to(self.device).clone() for name, value in tensors.items()}


def _entry(num: float, total: float, squares: float) -> Entry:
    if num == 0:
        return NOTHING
    mean = total / num
    variance = squares / num - mean**2
    std = variance if math.isnan(variance) else math.sqrt(max(variance, 0.0))
    return {"num": int(num), "mean": mean, "std": std}
