"""Distances between two sets of features, from their definitions. float64 where sums are long.

x and y are [N, d] features, one row a picture. Nothing here knows of networks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import torch
from torch import Tensor

from training.metrics.moments import Moments

_ROWS: Final = 4096  # a matrix of pairs is made of so many rows at a time


def frechet(a: Moments, b: Moments) -> float:
    """|μa − μb|² + tr(Σa + Σb − 2 (Σa Σb)^½), ≥ 0 (Heusel et al. 2017, equation 6).

    The trace of the root is the sum of the roots of the eigenvalues of Σa^½ Σb Σa^½, which is
    symmetric: no root of a matrix that is not. Raises ValueError for features of other lengths.
    """
    if a.mean.shape != b.mean.shape:
        raise ValueError(f"features of {len(a.mean)} and of {len(b.mean)} numbers")
    values, vectors = torch.linalg.eigh(a.cov)
    root = (vectors * values.clamp(min=0).sqrt()) @ vectors.T
    cross = torch.linalg.eigvalsh(root @ b.cov @ root).clamp(min=0).sqrt().sum()
    means = (a.mean - b.mean).square().sum()
    # What rounding leaves below zero of two equal sets is zero.
    return max(float(means + a.cov.trace() + b.cov.trace() - 2 * cross), 0.0)


def kernel(x: Tensor, y: Tensor) -> float:
    """The unbiased estimate of MMD² with k(x, y) = (x·y / d + 1)³, over all pairs.

    Bińkowski et al. 2018, "Demystifying MMD GANs", equation 4. It can be below zero.
    """
    m, n = len(x), len(y)
    within = _kernel_sum(x, x, diagonal=False) / (m * (m - 1))
    within += _kernel_sum(y, y, diagonal=False) / (n * (n - 1))
    return within - 2 * _kernel_sum(x, y) / (m * n)


def kernel_of_subsets(
    x: Tensor, y: Tensor, *, subsets: int = 100, size: int = 1000, seed: int = 0
) -> float:
    """The mean of `kernel` over random subsets of `size` rows, as published values are made.

    Bińkowski et al. 2018, Section 4. seed: of the draws.
    """
    rng = np.random.default_rng(seed)
    size = min(size, len(x), len(y))
    total = 0.0
    for _ in range(subsets):
        rows = [torch.from_numpy(rng.choice(len(f), size, replace=False)) for f in (x, y)]
        total += kernel(x[rows[0].to(x.device)], y[rows[1].to(y.device)])
    return total / subsets


def _kernel_sum(x: Tensor, y: Tensor, *, diagonal: bool = True) -> float:
    total = 0.0
    d = x.shape[1]
    for first, rows in _blocks(x):
        values = (rows @ y.T / d + 1).pow(3)
        if not diagonal:
            values[:, first : first + len(rows)].fill_diagonal_(0)
        total += float(values.sum(dtype=torch.float64))
    return total


def precision_recall(real: Tensor, fake: Tensor, k: int = 3) -> tuple[float, float]:
    """The share of `fake` within the manifold of `real`, and the other way round: each in 0…1.

    A manifold is the union of balls about its points that reach to their k-th nearest neighbours
    (Kynkäänniemi et al. 2019, equations 1 and 2). Each set needs more than k points.
    """
    return _within(fake, real, k), _within(real, fake, k)


def _within(x: Tensor, manifold: Tensor, k: int) -> float:
    radii = torch.cat(
        [
            torch.cdist(rows, manifold).kthvalue(k + 1, dim=1).values  # one of them is itself
            for _, rows in _blocks(manifold)
        ]
    )
    inside = sum(
        int((torch.cdist(rows, manifold) <= radii).any(dim=1).sum()) for _, rows in _blocks(x)
    )
    return inside / len(x)


def inception_score(logits: Tensor, parts: int = 10) -> tuple[float, float]:
    """exp(E KL(p(y|x) ‖ p(y))) of each of `parts` equal parts: mean and standard deviation.

    logits [N, classes] (Salimans et al. 2016, Section 4). 1 to the number of classes.
    """
    scores = []
    for part in logits.double().tensor_split(parts):
        log_p = part.log_softmax(dim=1)
        log_marginal = log_p.logsumexp(dim=0) - np.log(len(part))
        divergence = (log_p.exp() * (log_p - log_marginal)).sum(dim=1).mean()
        scores.append(float(divergence.exp()))
    return float(np.mean(scores)), float(np.std(scores))


def _blocks(x: Tensor) -> Iterator[tuple[int, Tensor]]:
    for first in range(0, len(x), _ROWS):
        yield first, x[first : first + _ROWS]
