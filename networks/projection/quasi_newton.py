"""L-BFGS (Nocedal & Wright 2006, Algorithm 7.4), one evaluation at a time, with a memory that can
be saved and put back."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Final

import torch
from torch import Tensor

_MEMORY: Final = 20
"""Of how many moves it remembers how the gradient changed."""
_FIRST: Final = 0.01
"""The root mean square of a move of which nothing is known."""
_ENOUGH: Final = 1e-4
"""How much of the fall that the slope promises a move has to bring (Armijo's condition)."""
_SHORTEST: Final = 1e-3
"""Of a move: where even that leads upwards, what is remembered is wrong."""


class QuasiNewton:
    """Moves one tensor downhill, to where its value and gradient are wanted next."""

    def __init__(self, tensor: Tensor) -> None:
        self._tensor = tensor
        self._from: Tensor | None = None
        self._gradient, self._direction = torch.empty(0), torch.empty(0)
        self._value, self._slope, self._length = 0.0, 0.0, 0.0
        self._moves: list[Tensor] = []
        self._changes: list[Tensor] = []

    @torch.no_grad()
    def step(self, value: float, gradient: Tensor) -> None:
        """value, gradient: where the tensor stands. A place that is higher than the one before is
        left for one nearer to that."""
        g, x = gradient.flatten(), self._tensor.flatten()
        if self._from is not None:
            promised = self._length * self._slope
            if not value <= self._value + _ENOUGH * promised:
                self._retreat(value, promised)
                return
            move, change = x - self._from, g - self._gradient
            if torch.dot(move, change) > 1e-8 * change.square().sum():  # it curves upwards
                self._moves = [*self._moves, move][-_MEMORY:]
                self._changes = [*self._changes, change][-_MEMORY:]
        self._from, self._value, self._gradient = x.clone(), value, g.clone()
        self._set_out()

    def _set_out(self) -> None:
        self._direction = self._downhill(self._gradient)
        self._slope = torch.dot(self._direction, self._gradient).item()
        norm = self._gradient.norm().item()
        first = _FIRST * sqrt(len(self._gradient)) / norm if norm else 0.0
        self._length = 1.0 if self._moves else first
        self._go()

    def _retreat(self, value: float, promised: float) -> None:
        """Go back to where a parabola through what is known is lowest."""
        rise = value - self._value - promised
        shrink = -promised / (2 * rise) if rise > 0 and rise < float("inf") else 0.0
        self._length *= min(0.5, max(0.1, shrink))
        if self._moves and self._length < _SHORTEST:
            self._moves, self._changes = [], []
            self._set_out()
        else:
            self._go()

    def _go(self) -> None:
        assert self._from is not None
        self._tensor.copy_((self._from + self._length * self._direction).view_as(self._tensor))

    def _downhill(self, gradient: Tensor) -> Tensor:
        """−H g, where H is the inverse of the curvature that the moves showed."""
        q, shares = -gradient, []
        pairs = list(zip(self._moves, self._changes, strict=True))
        for move, change in reversed(pairs):
            shares.append(torch.dot(move, q) / torch.dot(move, change))
            q = q - shares[-1] * change
        if pairs:
            move, change = pairs[-1]
            q = q * (torch.dot(move, change) / torch.dot(change, change))
        for (move, change), share in zip(pairs, reversed(shares), strict=True):
            q = q + move * (share - torch.dot(change, q) / torch.dot(move, change))
        return q

    def state(self) -> dict[str, Tensor]:
        """What it remembers, by name; empty before the first step."""
        if self._from is None:
            return {}
        numbers = torch.tensor([self._value, self._slope, self._length], dtype=torch.float64)
        kept = {"from": self._from, "gradient": self._gradient, "direction": self._direction}
        if self._moves:
            kept |= {"moves": torch.stack(self._moves), "changes": torch.stack(self._changes)}
        return {**kept, "numbers": numbers}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` returned."""
        if not state:
            return
        here = {name: value.to(self._tensor.device) for name, value in state.items()}
        self._from, self._gradient = here["from"], here["gradient"]
        self._direction = here["direction"]
        self._moves = list(here["moves"]) if "moves" in here else []
        self._changes = list(here["changes"]) if "changes" in here else []
        self._value, self._slope, self._length = state["numbers"].tolist()
