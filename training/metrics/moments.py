"""Mean and covariance of features, taken in as they come."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Moments:
    """The first two moments of rows of numbers, float64.

    count: rows.
    mean: [d].
    cov: the covariance [d, d], divided by count − 1.
    """

    count: int
    mean: Tensor
    cov: Tensor

    @classmethod
    def of(cls, features: Tensor) -> Moments:
        """The moments of features [N, d], N ≥ 2. Raises ValueError for fewer."""
        sums = Sums(features.shape[1])
        sums.add(features)
        return sums.moments()


class Sums:
    """Sums of rows and of their products; those of several processes add up.

    tensor: float64 [d + 1, d + 1]: the products, then the sums, and in the corner the count.
    """

    def __init__(self, d: int, tensor: Tensor | None = None) -> None:
        self.tensor = torch.zeros(d + 1, d + 1, dtype=torch.float64) if tensor is None else tensor

    def add(self, features: Tensor) -> None:
        """Take in features [N, d]."""
        x = features.double().cpu()
        # With a column of ones a single product holds the count, the sums and the products.
        x = torch.cat([x, x.new_ones(len(x), 1)], dim=1)
        self.tensor.addmm_(x.T, x)

    def moments(self) -> Moments:
        """The moments of all rows. Raises ValueError for fewer than two."""
        count = round(float(self.tensor[-1, -1]))
        if count < 2:
            raise ValueError(f"a covariance of {count} rows")
        mean = self.tensor[-1, :-1] / count
        cov = (self.tensor[:-1, :-1] - count * mean.outer(mean)) / (count - 1)
        return Moments(count, mean, cov)
