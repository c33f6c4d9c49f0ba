"""Dragging points of a picture to where they shall be (Pan et al. 2023, "Drag Your GAN").

In turns w takes a step by which what is at the handles moves a little towards the targets (motion
supervision, Section 3.2), and the handles are found again by their features (point tracking).
Whoever advances it may stop between any two steps, change the points, and go on, also in another
process from the bytes of `state`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError
from torch import Tensor

from common.dragging import DragPoint, DragSettings, DragStep, Ending
from common.errors import UserError
from networks.base import Generator, Scene
from networks.dragging.ending import ending
from networks.dragging.features import FeatureMap, Seen, layer_named, same_for_all
from networks.dragging.handles import Found, Handles
from networks.dragging.holding import Holding, detached, looseness
from networks.frozen import frozen_copy
from networks.projection.saved import Saved
from ops import first_gradients

MOMENTUM: Final = 0.7
"""How much of the direction of a step comes from those before it."""
SOFT: Final = 0.03
"""How softly what must not move is held, times the weight of the settings."""
_SEEDS: Final = 512


class _Best(NamedTuple):
    """The nearest that the handles came, the place where they began included.

    distance: their mean distance to the targets. moved: the rows of w. found: where they were.
    """

    distance: float
    moved: Tensor
    found: Found


class Dragging:
    """Points being dragged.

    settings: how.
    done: how many steps were taken.
    distances: the mean distance of handle and target after each step, since the points were last
        changed.
    """

    def __init__(
        self,
        G: Generator,
        ws: Tensor,
        scene: Scene,
        settings: DragSettings,
    ) -> None:
        """G: is copied, so others may use it meanwhile.

        ws: of the picture, [1, num_ws, w_dim].
        scene: what else the picture is made with.
        Raises UserError where the network has no such layer, or w has no effect on it.
        """
        self.settings = settings
        self._G = frozen_copy(G)
        self._features = FeatureMap(self._G, layer_named(self._G, settings.layer), scene)
        self._device = next(self._G.parameters()).device
        self._start = ws.to(self._device, torch.float32).clone()
        rows = settings.rows if settings.rows is not None else self._features.rows
        self._rows = max(1, min(rows, self._G.num_ws))
        self._rate = settings.rate * _spread(self._G)
        self._moved = self._start[:, : self._rows].clone().requires_grad_(True)
        self.done = 0
        self.distances: list[float] = []
        self._seen = self._look()
        if not self._seen.features.requires_grad:
            raise same_for_all(self._G, self._features.layer.name)
        self._origin = detached(self._seen)
        self._holding: Holding | None = None  # where something must not move
        self._heading: Tensor | None = None  # the mean direction of the last steps, as _moved
        self._handles = Handles(self._G, self._features, self._device)
        self._best: _Best | None = None

    # -- what is dragged ----------------------------------------------------------------------

    def set_points(self, points: Sequence[DragPoint]) -> None:
        """Drag these from now on. Those with a known id go on from where they were found."""
        self._handles.set(points, self._now)
        self._progress()

    @torch.no_grad()
    def set_mask(self, mask: Tensor | None) -> None:
        """Let only a part of the picture move.

        mask: [n, n] over the picture, 1 where it may move and 0 where not; None: everywhere.
        """
        holding, before = None, self._holding
        if mask is not None and self.settings.hold > 0:
            held = 1 - mask.to(self._device, torch.float32)
            weights = self._features.weights(held, self._origin.features)
            if before is not None and torch.equal(before.weights, weights):
                holding = before
            elif weights.any():
                holding = Holding(weights, self._origin)
        if holding is not before:
            self._heading = None
        self._holding = holding
        self._progress()

    def _progress(self) -> None:
        """Measure the progress from here."""
        self.distances = []
        self._best = self._here() if self._handles else None

    @property
    def handles(self) -> tuple[tuple[float, float], ...]:
        """Where the handles are now: x and y in pixels, in the order of the points."""
        return self._handles.places

    @property
    def ws(self) -> Tensor:
        """The w where it stands: [1, num_ws, w_dim]."""
        return self._whole(self._moved).detach()

    @property
    def ending(self) -> Ending:
        """Why there is nothing left to do; empty where there is."""
        return ending(self.distances, self._handles.farthest)

    def _whole(self, moved: Tensor) -> Tensor:
        return torch.cat([moved, self._start[:, self._rows :]], 1)

    # -- how it is dragged --------------------------------------------------------------------

    def now(self) -> DragStep:
        """What the last step has come to."""
        return DragStep(self.done, self.handles, self.distance, self.ending)

    def step(self) -> DragStep:
        """Move w once, and find the handles again. Nothing where there is no point."""
        if self._handles:
            self._move()
            self._seen = self._look()
            self._handles.find(self._now)
            self.done += 1
            self.distances.append(self.distance)
            if self._best is None or self.distance < self._best.distance:
                self._best = self._here()
        return self.now()

    def _here(self) -> _Best:
        return _Best(self.distance, self._moved.detach().clone(), self._handles.found)

    @torch.no_grad()
    def settle(self) -> DragStep:
        """Go back to where the handles were nearest to these targets."""
        if self._best is not None:
            self._moved.copy_(self._best.moved)
            self._handles.found = self._best.found
            self._seen = self._look()
        return self.now()

    @property
    def distance(self) -> float:
        """The mean distance of handle and target, in pixels; 0 without any."""
        return self._handles.distance

    def _move(self) -> None:
        """Take a step of w that pushes the handles."""
        with first_gradients(), torch.enable_grad():
            loss, holding = self._handles.push(self._seen.features), self._holding
            (gradient,) = torch.autograd.grad(loss, [self._moved], retain_graph=holding is not None)
            if holding is None:
                direction, back = gradient / gradient.norm().clamp(min=1e-20), None
            else:
                loose = looseness(self.distances, holding.disturbed(self._seen))
                softness = SOFT / self.settings.hold * loose
                direction, back = holding.step(self._seen, gradient, self._moved, softness)
        self._go(direction, back)

    @torch.no_grad()
    def _go(self, direction: Tensor, back: Tensor | None) -> None:
        """Move w against a direction of length 1, and by what takes a disturbance back."""
        before = direction if self._heading is None else self._heading
        self._heading = MOMENTUM * before + (1 - MOMENTUM) * direction
        self._moved.sub_(self._rate * self._moved.numel() ** 0.5 * self._heading)
        if back is not None:
            self._moved.add_(back)

    def _look(self) -> Seen:
        """What is seen of w where it stands, from which the next step goes on."""
        with first_gradients(), torch.enable_grad():
            return self._features.of(self._whole(self._moved))

    @property
    def _now(self) -> Tensor:
        return self._seen.features.detach()

    # -- going on elsewhere -------------------------------------------------------------------

    def state(self) -> bytes:
        """All that is needed to go on in another process: a safetensors file."""
        saved = Saved({"done": self.done}, {"moved": self._moved})
        if self._holding is not None:
            saved.put("held.", self._holding.state())
        if self._heading is not None:
            saved.put("", {"heading": self._heading})
        saved.put("", self._handles.state())
        return saved.to_bytes()

    @classmethod
    def resume(
        cls, G: Generator, ws: Tensor, scene: Scene, settings: DragSettings, state: bytes
    ) -> Dragging:
        """Go on from the bytes of `state`, with the same network, w and settings. Raises UserError.

        The points have to be set again.
        """
        dragging = cls(G, ws, scene, settings)
        try:
            dragging._restore(Saved.from_bytes(state))
        except (SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as error:
            raise UserError(
                "The saved state of the drag cannot be read, or is of another network.",
                "Begin again.",
            ) from error
        return dragging

    @torch.no_grad()
    def _restore(self, saved: Saved) -> None:
        self._moved.copy_(saved.tensors["moved"])
        self.done = saved.facts["done"]
        if held := saved.under("held."):
            self._holding = Holding.restored(held, self._origin)
        if "heading" in saved.tensors:
            self._heading = saved.tensors["heading"].to(self._device)
        self._handles.restore(saved.tensors)
        self._seen = self._look()


def _spread(G: Generator) -> float:
    """How far the numbers of w are from their mean, as a root mean square over 512 seeds."""
    device = next(G.parameters()).device
    z = np.random.RandomState(0).randn(_SEEDS, G.z_dim).astype(np.float32)
    c = torch.eye(G.c_dim, device=device)[torch.arange(_SEEDS) % G.c_dim] if G.c_dim else None
    with torch.no_grad():
        w = G.map(torch.from_numpy(z).to(device), c).float()
    return float((w - w.mean(0)).square().mean().sqrt())
