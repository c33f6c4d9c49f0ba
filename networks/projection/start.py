"""Where the search begins: the seed whose picture is nearest to the target."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from networks.base import Generator, NoiseInput, State
from networks.features.distance import Distance

SIZE = 64
"""Pixels a side that seeds are compared at, where the network makes small pictures on the way and
the distance takes any size."""
BATCH = 8


class Seeds:
    """Compares the pictures of seeds 0, 1, 2 … with a target, some at a time.

    total: how many seeds.
    done: how many were compared.
    best: the w [1, w_dim] of the nearest so far, and its distance.
    """

    def __init__(
        self,
        G: Generator,
        distance: Distance,
        target: Tensor,
        c: Tensor | None,
        total: int,
    ) -> None:
        self._G, self._c = G, c
        self.total, self.done = total, 0
        self.best: tuple[Tensor, float] | None = None
        self._stages = len(G.stages)
        if distance.any_size:
            for index, stage in enumerate(G.stages):
                if stage.layers[-1].name.endswith(".image") and stage.layers[-1].resolution >= SIZE:
                    self._stages = index + 1
                    break
        size = G.stages[self._stages - 1].layers[-1].resolution
        self._apart: Callable[[Tensor], Tensor] = distance.to(
            F.avg_pool2d(target, target.shape[-1] // size)
        )

    @torch.no_grad()
    def advance(self) -> tuple[Tensor, float]:
        """Compare the next seeds. Returns the best so far."""
        numbers = range(self.done, min(self.done + BATCH, self.total))
        z = [np.random.RandomState(n).randn(self._G.z_dim).astype(np.float32) for n in numbers]
        device = next(self._G.parameters()).device
        c = None if self._c is None else self._c.expand(len(z), -1)
        w = self._G.map(torch.from_numpy(np.stack(z)).to(device), c)
        state, ws = State(None, None), w[:, None].expand(-1, self._G.num_ws, -1)
        for stage in list(self._G.stages)[: self._stages]:
            state = stage(state, ws, NoiseInput())
        assert state.img is not None
        distances = self._apart(state.img.float())
        index = int(distances.argmin())
        if self.best is None or distances[index].item() < self.best[1]:
            self.best = w[index : index + 1], distances[index].item()
        self.done += len(z)
        return self.best
