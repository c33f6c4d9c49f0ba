"""W as it lies: its centre, its spread, and how far from its customs a w is."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from networks.base import Generator

SAMPLES: Final = 10_000
_SAMPLES_SEED: Final = 123  # any: always the same, so that projections can be repeated
_BATCH: Final = 1000
_SMALLEST: Final = 1e-4  # of the largest variance: directions that W hardly uses are not free


@dataclass(frozen=True)
class Space:
    """Facts about W, from 10,000 samples (StyleGAN2, Appendix D).

    mean: the average w, [w_dim].
    spread: the root of the mean squared distance to it.
    centre, axes: of W after the last activation is undone, [w_dim], [w_dim, w_dim]; along the axes
        that is nearly a unit normal distribution (Zhu et al. 2020, Section 3.1).
    """

    mean: Tensor
    spread: float
    centre: Tensor
    axes: Tensor

    def unlikeliness(self, ws: Tensor) -> Tensor:
        """The mean squared coordinate of ws [1, rows, w_dim] there: about 1 for W itself."""
        return ((_undone(ws) - self.centre) @ self.axes).square().mean()


def measure(G: Generator, c: Tensor | None) -> Space:
    """The facts about W of a network, of one class c [1, c_dim] where it has classes."""
    device = next(G.parameters()).device
    z = np.random.RandomState(_SAMPLES_SEED).randn(SAMPLES, G.z_dim).astype(np.float32)
    parts = []
    with torch.no_grad():
        for batch in torch.split(torch.from_numpy(z), _BATCH):
            labels = None if c is None else c.expand(len(batch), -1)
            parts.append(G.map(batch.to(device), labels).float().cpu())
        w = torch.cat(parts)
        mean = w.mean(0)
        spread = sqrt((w - mean).square().sum(1).mean().item())
        undone = _undone(w).double()
        values, vectors = torch.linalg.eigh(undone.T.cov())
        values = values.clamp(min=_SMALLEST * max(values.max().item(), 1e-12))
        axes = vectors / values.sqrt()
    return Space(
        mean.to(device), spread, undone.mean(0).float().to(device), axes.float().to(device)
    )


def _undone(w: Tensor) -> Tensor:
    # The mapping network ends in a leaky rectifier of slope 0.2; its inverse has slope 5.
    return F.leaky_relu(w, 5.0)
