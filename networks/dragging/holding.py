"""Steps that leave a part of the features where it is.

How far w disturbs what is held is a quadratic form, |J·δ|² with the Jacobian J of what is held.
JᵀJ is known from a few of its random projections Jᵀs, each of which costs one pass backwards (a
sketch: Halko, Martinsson & Tropp 2011, Section 1.3). The step that follows a gradient g is then
(JᵀJ + ε)⁻¹ g, of which little is left where the held part would move; by the identity of Woodbury
it takes a system of as many equations as there are projections.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from networks.dragging.features import Seen

KEPT: Final = 128
"""How many projections are known at most; new ones take the place of the oldest."""
FIRST: Final = 64
"""How many are made before the first step."""
EACH: Final = 2
"""How many are made for each step, since J changes on the way."""
CHEAP: Final = 128 * 16 * 16
"""Numbers of a map of features up to which these hold; of larger ones fewer are made first."""
RESTORED: Final = 0.5
"""The share of what was disturbed that a step takes back."""
STALL: Final = 6
"""Steps without progress after which the hold becomes looser by half."""
PROGRESS: Final = 0.1
"""Pixels that the mean distance must have become less to be progress."""
LOOSEST: Final = 1024.0
"""How much looser it becomes at most."""
FIRM: Final = 16.0
"""How loose it may be at most where what is held has changed by DISTURBED;"""
DISTURBED: Final = 0.15
"""as a share of the change of the rest. Networks differ in how far a hold has to give way before
anything moves,"""
STEEP: Final = 3
"""so the limit follows from what it has cost: it falls with this power of the share."""


class _Map:
    """One of the maps that are held."""

    def __init__(self, weights: Tensor, origin: Tensor) -> None:
        """weights: as those of `Holding`. origin: [1, C, h, w], of any resolution."""
        scale = (origin.std() * origin.numel() ** 0.5).clamp(min=1e-12)
        self._held = F.interpolate(weights, size=origin.shape[2:], mode="area")
        self._weights = self._held / scale
        self._origin = origin

    def apart(self, now: Tensor) -> Tensor:
        """How far it is from where it was, in units of its spread: [C · h · w]."""
        apart: Tensor = (now - self._origin) * self._weights
        return apart.flatten()

    def disturbed(self, now: Tensor) -> float:
        """How much what is held has changed, as a share of the change of the rest."""
        change = (now - self._origin).abs().mean(1, keepdim=True)
        outside, inside = (
            (change * part).sum() / part.sum().clamp(min=1e-12)
            for part in (self._held, 1 - self._held)
        )
        return float(outside / inside.clamp(min=1e-12))


def detached(seen: Seen) -> Seen:
    """What was seen, without the way it was made."""
    return Seen(seen.features.detach(), None if seen.image is None else seen.image.detach())


class Holding:
    """What is held of a map of features, and how steps avoid disturbing it.

    weights: how much each sample is held, [1, 1, H, W] from 0 to 1.
    """

    def __init__(self, weights: Tensor, origin: Seen) -> None:
        """origin: what is to stay."""
        self.weights = weights
        self._maps = [_Map(weights, origin.features)]
        if origin.image is not None:
            self._maps.append(_Map(weights, origin.image))
        self._rows: Tensor | None = None  # the projections, [k, number of parameters]
        self._made = 0

    def step(
        self, seen: Seen, gradient: Tensor, parameters: Tensor, softness: float
    ) -> tuple[Tensor, Tensor]:
        """Return the direction of a step, of length 1, and what takes disturbances back.

        seen: of `parameters`, with its graph. gradient: along which a step shall go.
        softness: ε as a share of the trace of JᵀJ; the more, the less is held.
        The second is in the units of the parameters; both have their shape.
        """

        held = self._held(seen)

        def project(along: Tensor, *, last: bool) -> Tensor:
            (found,) = torch.autograd.grad(held, [parameters], along, retain_graph=not last)
            row: Tensor = found.flatten()
            return row

        self._look(project, held)
        assert self._rows is not None
        apart = held.detach()
        length = float(apart.norm())
        back = project(apart / max(length, 1e-12), last=True)
        with torch.no_grad():
            count = len(self._rows)
            # What is disturbed now is known for certain, so it counts as much as all the others.
            # Little is left of what is subtracted below: single precision would be too coarse.
            rows = torch.cat([self._rows, count**0.5 * back[None]]).double()
            square = rows @ rows.T
            damping = softness * rows[:-1].square().sum(1).mean().clamp(min=1e-20)
            inverse = torch.linalg.inv(square + damping * torch.eye(count + 1).to(rows))

            def solved(g: Tensor) -> Tensor:  # (JᵀJ + ε)⁻¹ g
                g = g.double()
                found: Tensor = (g - rows.T @ (inverse @ (rows @ g))) / damping
                return found.float()

            direction = solved(gradient.flatten())
            direction = direction / direction.norm().clamp(min=1e-20)
            restored = -RESTORED * count * length * solved(back)
        return direction.view_as(parameters), restored.view_as(parameters)

    def disturbed(self, seen: Seen) -> float:
        """How much what is held of the picture has changed, as a share of the change of the rest.

        Where no picture is made at that layer it is that of the features.
        """
        now = seen.features if seen.image is None else seen.image
        return self._maps[-1].disturbed(now.detach())

    def _held(self, seen: Seen) -> Tensor:
        """How far all that is held is from where it was, as one row of numbers."""
        maps = [seen.features] if seen.image is None else [seen.features, seen.image]
        return torch.cat([one.apart(now) for one, now in zip(self._maps, maps, strict=True)])

    def _look(self, project: Callable[..., Tensor], held: Tensor) -> None:
        """Make new projections."""
        wanted = EACH
        if self._rows is None:
            wanted = max(EACH, round(FIRST * min(1.0, CHEAP / held.numel())))
        new = []
        for _ in range(wanted):
            random = torch.Generator().manual_seed(self._made)
            along = torch.randn(held.shape, generator=random).to(held.device)
            new.append(project(along, last=False))
            self._made += 1
        rows = torch.stack(new)
        known = rows if self._rows is None else torch.cat([self._rows, rows])
        self._rows = known[-KEPT:]

    # -- going on elsewhere -------------------------------------------------------------------

    def state(self) -> dict[str, Tensor]:
        """All that is needed to go on."""
        state = {"weights": self.weights, "made": torch.tensor(self._made)}
        return state if self._rows is None else {**state, "rows": self._rows}

    @classmethod
    def restored(cls, state: Mapping[str, Tensor], origin: Seen) -> Holding:
        """Go on from what `state` returned. Raises KeyError and RuntimeError."""
        holding = cls(state["weights"].to(origin.features.device), origin)
        holding._made = int(state["made"])
        if "rows" in state:
            holding._rows = state["rows"].to(origin.features.device)
        return holding


def looseness(distances: Sequence[float], disturbed: float) -> float:
    """How much looser than at first the hold is: twice as much after every STALL in vain.

    distances: the mean distance of handle and target after each step.
    disturbed: as `Holding.disturbed` tells.
    """
    loose, best, since = 1.0, float("inf"), 0
    for distance in distances:
        since += 1
        if distance < best - PROGRESS:
            best, since = distance, 0
        elif since >= STALL:
            loose, since = min(2 * loose, LOOSEST), 0
    limit = FIRM * (DISTURBED / max(disturbed, 1e-6)) ** STEEP
    return min(loose, max(1.0, limit))
