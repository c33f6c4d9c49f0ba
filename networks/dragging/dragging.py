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
from networks.base import Generator, Layer, Scene
from networks.dragging.ending import ending
from networks.dragging.features import (
    FeatureMap,
    Seen,
    default_layer,
    rate,
    usable_layers,
)
from networks.dragging.holding import Holding, detached, looseness
from networks.frozen import frozen_copy
from networks.projection.saved import Saved
from ops import first_gradients

SUPERVISED: Final = 3 / 512
"""Half the side of what is moved with a handle, as a share of the picture (r₁ in the paper)."""
SEARCHED: Final = 8 / 512
"""Half the side of where a handle is looked for (r₂; the paper has 12, of larger pictures)."""
SAMPLES: Final = 0.75
"""Both reach at least so many samples of the features: no further, for what looks alike is near."""
LEAST: Final = 2.0
"""Pixels to every side where a handle is looked for at least, since a step moves it by one."""
MOMENTUM: Final = 0.7
"""How much of the direction of a step comes from those before it."""
SOFT: Final = 0.03
"""How softly what must not move is held, times the weight of the settings."""
FINEST: Final = 0.25
"""Pixels between two places where a handle is looked for, at least."""
_SEEDS: Final = 512


class _Best(NamedTuple):
    """The nearest that the handles came, the place where they began included.

    distance: their mean distance to the targets. moved: the rows of w. tracked: where they were.
    """

    distance: float
    moved: Tensor
    tracked: dict[int, tuple[Tensor, Tensor]]


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
        self._features = FeatureMap(self._G, _layer(self._G, settings.layer), scene)
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
            raise _same_for_all(self._G, self._features.layer.name)
        self._origin = detached(self._seen)
        self._holding: Holding | None = None  # where something must not move
        self._heading: Tensor | None = None  # the mean direction of the last steps, as _moved
        self._points: tuple[DragPoint, ...] = ()
        self._tracked: dict[int, tuple[Tensor, Tensor]] = {}  # by id: place [2], features [C]
        self._best: _Best | None = None

    # -- what is dragged ----------------------------------------------------------------------

    @torch.no_grad()
    def set_points(self, points: Sequence[DragPoint]) -> None:
        """Drag these from now on. Those with a known id go on from where they were found."""
        tracked = {}
        for point in points:
            place = torch.tensor(point.handle, device=self._device, dtype=torch.float32)
            new = place, self._features.at(self._now, place)
            tracked[point.id] = self._tracked.get(point.id, new)
        self._points, self._tracked = tuple(points), tracked
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
        self._best = self._here() if self._points else None

    @property
    def handles(self) -> tuple[tuple[float, float], ...]:
        """Where the handles are now: x and y in pixels, in the order of the points."""
        places = (self._tracked[point.id][0].tolist() for point in self._points)
        return tuple((x, y) for x, y in places)

    @property
    def ws(self) -> Tensor:
        """The w where it stands: [1, num_ws, w_dim]."""
        return self._whole(self._moved).detach()

    @property
    def ending(self) -> Ending:
        """Why there is nothing left to do; empty where there is."""
        if not self._points:
            return "arrived"
        return ending(self.distances, float(self._ways().norm(dim=1).max()))

    def _whole(self, moved: Tensor) -> Tensor:
        return torch.cat([moved, self._start[:, self._rows :]], 1)

    def _places(self) -> Tensor:
        """[n, 2]."""
        return torch.stack([self._tracked[point.id][0] for point in self._points])

    def _ways(self) -> Tensor:
        """From handles to targets, in pixels: [n, 2]."""
        targets = torch.tensor(
            [point.target for point in self._points], dtype=torch.float32, device=self._device
        )
        return targets - self._places()

    # -- how it is dragged --------------------------------------------------------------------

    def now(self) -> DragStep:
        """What the last step has come to."""
        return DragStep(self.done, self.handles, self.distance, self.ending)

    def step(self) -> DragStep:
        """Move w once, and find the handles again. Nothing where there is no point."""
        if self._points:
            self._move()
            self._track()
            self.done += 1
            self.distances.append(self.distance)
            if self._best is None or self.distance < self._best.distance:
                self._best = self._here()
        return self.now()

    def _here(self) -> _Best:
        return _Best(self.distance, self._moved.detach().clone(), dict(self._tracked))

    @torch.no_grad()
    def settle(self) -> DragStep:
        """Go back to where the handles were nearest to these targets."""
        if self._best is not None:
            self._moved.copy_(self._best.moved)
            self._tracked = dict(self._best.tracked)
            self._seen = self._look()
        return self.now()

    @property
    def distance(self) -> float:
        """The mean distance of handle and target, in pixels; 0 without any."""
        return float(self._ways().norm(dim=1).mean()) if self._points else 0.0

    def _move(self) -> None:
        """Motion supervision (Section 3.2, equation 1)."""
        features = self._seen.features
        with first_gradients(), torch.enable_grad():
            loss, holding = self._motion(features), self._holding
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

    def _motion(self, features: Tensor) -> Tensor:
        """How far what is beside each handle, towards its target, is from what is at the handle."""
        places, ways = self._places(), self._ways()
        lengths = ways.norm(dim=1, keepdim=True)
        longest = lengths.new_tensor(max(1.0, self._G.resolution / 512))
        steps = ways / lengths.clamp(min=1e-6) * torch.minimum(lengths, longest)
        patch = _square(self._reach(SUPERVISED), self._spacing, places.device)
        here = places[:, None] + patch
        still = self._features.at(features.detach(), here)
        moved = self._features.at(features, here + steps[:, None])
        # A handle that has arrived is not pushed on, only held where it is.
        return (moved - still).abs().mean((1, 2)).sum()

    @torch.no_grad()
    def _track(self) -> None:
        """Point tracking (Section 3.2, equation 2): the place with the nearest features."""
        self._seen = self._look()
        now = self._now
        reach = max(LEAST, self._reach(SEARCHED))
        patch = _square(reach, self._spacing, self._device)
        height, width = self._G.img_shape
        edge = torch.tensor([width, height], device=self._device)
        for id, (place, known) in self._tracked.items():
            around = torch.minimum((place + patch).clamp(min=0), edge)
            apart = (self._features.at(now, around) - known).abs().sum(1)
            self._tracked[id] = around[apart.argmin()], known

    @property
    def _spacing(self) -> float:
        """Pixels between two places that are looked at: some of them in every sample."""
        return max(FINEST, self._G.resolution / 512)

    def _reach(self, share: float) -> float:
        """A share of the picture in pixels, no less than SAMPLES of the features."""
        sample = self._G.resolution / rate(self._features.layer)
        return max(share * self._G.resolution, SAMPLES * sample)

    # -- going on elsewhere -------------------------------------------------------------------

    def state(self) -> bytes:
        """All that is needed to go on in another process: a safetensors file."""
        saved = Saved({"done": self.done}, {"moved": self._moved})
        if self._holding is not None:
            saved.put("held.", self._holding.state())
        if self._heading is not None:
            saved.put("", {"heading": self._heading})
        saved.put("place.", {str(id): place for id, (place, _) in self._tracked.items()})
        saved.put("known.", {str(id): known for id, (_, known) in self._tracked.items()})
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
        known = saved.under("known.")
        for id, place in saved.under("place.").items():
            self._tracked[int(id)] = place.to(self._device), known[id].to(self._device)
        self._seen = self._look()


def _layer(G: Generator, name: str) -> Layer:
    layers = {layer.name: layer for layer in usable_layers(G)}
    if not layers:
        raise UserError("This network has no maps of features, so its points cannot be dragged.")
    if name and name not in layers:
        known = [layer.name for layer in G.layers]
        if name in known and known.index(name) < known.index(next(iter(layers))):
            raise _same_for_all(G, name)
        raise UserError(
            f"The network has no layer {name!r} to drag points by.",
            f"Choose from: {', '.join(layers)}.",
        )
    return layers[name] if name else default_layer(G)


def _same_for_all(G: Generator, name: str) -> UserError:
    """What to tell of a layer that w has no effect on."""
    others = ", ".join(layer.name for layer in usable_layers(G) if layer.name != name)
    return UserError(
        f"The output of {name} is the same for every latent.", f"Choose from: {others}."
    )


def _spread(G: Generator) -> float:
    """How far the numbers of w are from their mean, as a root mean square over 512 seeds."""
    device = next(G.parameters()).device
    z = np.random.RandomState(0).randn(_SEEDS, G.z_dim).astype(np.float32)
    c = torch.eye(G.c_dim, device=device)[torch.arange(_SEEDS) % G.c_dim] if G.c_dim else None
    with torch.no_grad():
        w = G.map(torch.from_numpy(z).to(device), c).float()
    return float((w - w.mean(0)).square().mean().sqrt())


def _square(reach: float, spacing: float, device: torch.device) -> Tensor:
    """The places of a square about 0 of sides 2·reach, every `spacing` or so: [k², 2]."""
    side = torch.linspace(-reach, reach, 2 * round(reach / spacing) + 1, device=device)
    y, x = torch.meshgrid(side, side, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], 1)
