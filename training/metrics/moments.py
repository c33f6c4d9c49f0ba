"""Mean and covariance of features, taken in as they come."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Moments:
    """Of `count` rows: mean [d] and covariance [d, d] (divided by count − 1), float64."""

    count: int
    mean: Tensor
    cov: Tensor

    @classmethod
    def of(cls, features: Tensor) -> Moments:
        """features [N, d], N ≥ 2."""
        sums = Sums(features.shape[1])
        sums.add(features)
        return sums.moments()


class Sums:
    """Sums of rows and of their products; those of several processes add up."""

    def __init__(self, d: int, tensor: Tensor | None = None) -> None:
        self.tensor = torch.zeros(d + 1, d + 1, dtype=torch.float64) if tensor is None else tensor

    def add(self, features: Tensor) -> None:
        """features [N, d]: with a column of ones, one product holds count, sums and products."""
        x = features.double().cpu()
        x = torch.cat([x, x.new_ones(len(x), 1)], dim=1)
        self.tensor.addmm_(x.T, x)

    def moments(self) -> Moments:
        """Raises ValueError for fewer than two rows."""
        count = round(float(self.tensor[-1, -1]))
        if count < 2:
            raise ValueError(f"a covariance of {count} rows")
        mean = self.tensor[-1, :-1] / count
        cov = (self.tensor[:-1, :-1] - count * mean.outer(mean)) / (count - 1)
        return Moments(count, mean, cov)
