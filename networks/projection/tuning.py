"""Pivotal tuning: the network itself is fitted around the w that was found (Roich et al. 2021)."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Final

import torch
from torch import Tensor, nn

from networks.base import Generator, NoiseInput
from networks.features.distance import Distance
from networks.projection.adam import Adam
from ops import first_gradients

RATE: Final = 3e-4
"""The learning rate of weights (Roich et al. 2021, Section 4)."""
PIXELS: Final = 30.0
"""The weight of the mean square of pixels: features alone leave small shifts of colour."""
_LOCALITY: Final = 0.1
_STEP: Final = 30.0
_EVERY: Final = 4  # steps between two that hold the surroundings: each costs two pictures more


class Tuning:
    """The weights of a network that follow one picture, while its surroundings are held.

    tuned: the network whose weights move; mapping and w_avg stay as they are.
    """

    def __init__(
        self, G: Generator, distance: Distance, target: Tensor, ws: Tensor, noise: NoiseInput
    ) -> None:
        """ws: the pivot, [1, num_ws, w_dim]. noise: that it is drawn with."""
        self._G, self._ws, self._noise, self._distance = G, ws, noise, distance
        self._target, self._apart = target, distance.to(target)
        self.tuned = copy.deepcopy(G)
        self._weights = {
            name: weight
            for stage in self.tuned.stages
            for name, weight in _named(self.tuned, stage).items()
        }
        for weight in self._weights.values():
            weight.requires_grad_(True)
        self._adam = Adam(list(self._weights.values()), [1.0] * len(self._weights))
        self._steps = 0

    def step(self, draw: Callable[[], Tensor]) -> tuple[float, Tensor]:
        """One step. draw: gives a random w [1, w_dim] of the network.

        Returns the distance before the step, and the picture that it is of.
        """
        with first_gradients(), torch.enable_grad():
            img = self.tuned.render(self._ws, self._noise)
            distance = self._apart(img).sum()
            loss = distance + PIXELS * (img - self._target).square().mean()
            if self._steps % _EVERY == 0:
                loss = loss + _EVERY * _LOCALITY * self._surroundings(draw())
            gradients = torch.autograd.grad(loss, list(self._weights.values()), allow_unused=True)
        found = [
            torch.zeros_like(weight) if gradient is None else gradient
            for gradient, weight in zip(gradients, self._weights.values(), strict=True)
        ]
        self._adam.step(found, RATE)
        self._steps += 1
        return distance.item(), img.detach()

    def _surroundings(self, w: Tensor) -> Tensor:
        """How far pictures near the pivot are from what the network made of them before
        (Roich et al. 2021, equations 4 and 5)."""
        away = w[:, None] - self._ws
        near = self._ws + _STEP * away / away.norm(dim=2, keepdim=True).clamp(min=1e-8)
        with torch.no_grad():
            before = self._G.render(near)
        after = self.tuned.render(near)
        apart = self._distance.to(before)(after).sum()
        return apart + PIXELS * (after - before).square().mean()

    def state(self) -> dict[str, Tensor]:
        """All that changes, by name."""
        weights = {f"weight.{name}": w.detach() for name, w in self._weights.items()}
        adam = {f"adam.{name}": value for name, value in self._adam.state().items()}
        return {**weights, **adam, "steps": torch.tensor(self._steps)}

    @torch.no_grad()
    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` returned."""
        for name, weight in self._weights.items():
            weight.copy_(state[f"weight.{name}"])
        self._adam.restore(
            {k.removeprefix("adam."): v for k, v in state.items() if k.startswith("adam.")}
        )
        self._steps = int(state["steps"])


def _named(G: nn.Module, stage: nn.Module) -> dict[str, nn.Parameter]:
    own = {id(weight) for weight in stage.parameters()}
    return {name: weight for name, weight in G.named_parameters() if id(weight) in own}
