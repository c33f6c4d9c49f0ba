"""The handles: how they are pushed towards their targets, and found again (Pan et al. 2023)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import torch
from torch import Tensor

from common.dragging import DragPoint
from networks.base import Generator
from networks.dragging.features import FeatureMap, rate

SUPERVISED: Final = 3 / 512
"""Half the side of what is moved with a handle, as a share of the picture (r₁ in the paper)."""
SEARCHED: Final = 8 / 512
"""Half the side of where a handle is looked for (r₂; the paper has 12, of larger pictures)."""
SAMPLES: Final = 0.75
"""Both reach at least so many samples of the features: no further, for what looks alike is near."""
LEAST: Final = 2.0
"""Pixels to every side where a handle is looked for at least, since a step moves it by one."""
FINEST: Final = 0.25
"""Pixels between two places where a handle is looked for, at least."""

Found: TypeAlias = Mapping[int, tuple[Tensor, Tensor]]
"""By the id of a point: the place of its handle [2], x and y in pixels, and the features [C] that
it is known by, which were there when it was placed."""


class Handles:
    """Points, and where in the features of a layer their handles are.

    found: where; also of points that were there before a process took over and are yet to be set.
    """

    def __init__(self, G: Generator, features: FeatureMap, device: torch.device) -> None:
        self._G, self._features, self._device = G, features, device
        self._points: tuple[DragPoint, ...] = ()
        self.found: Found = {}

    def __bool__(self) -> bool:
        """Whether there is any point."""
        return bool(self._points)

    @torch.no_grad()
    def set(self, points: Sequence[DragPoint], features: Tensor) -> None:
        """Take these points. Those with a known id stay where they were found.

        features: [1, C, H, W], by which the others are known from now on.
        """
        found = {}
        for point in points:
            place = torch.tensor(point.handle, device=self._device, dtype=torch.float32)
            new = place, self._features.at(features, place)
            found[point.id] = self.found.get(point.id, new)
        self._points, self.found = tuple(points), found

    @property
    def places(self) -> tuple[tuple[float, float], ...]:
        """Where they are: x and y in pixels, in the order of the points."""
        places = (self.found[point.id][0].tolist() for point in self._points)
        return tuple((x, y) for x, y in places)

    @property
    def distance(self) -> float:
        """The mean distance of handle and target, in pixels; 0 without any."""
        return float(self._ways().norm(dim=1).mean()) if self else 0.0

    @property
    def farthest(self) -> float:
        """The distance of that which is farthest from its target, in pixels; 0 without any."""
        return float(self._ways().norm(dim=1).max()) if self else 0.0

    def push(self, features: Tensor) -> Tensor:
        """How far what is beside each handle, towards its target, is from what is at the handle.

        Motion supervision (Section 3.2, equation 1): its gradient moves the one onto the other.
        features: [1, C, H, W].
        """
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
    def find(self, features: Tensor) -> None:
        """Point tracking (Section 3.2, equation 2): the place with the nearest features.

        features: as they are now, [1, C, H, W].
        """
        reach = max(LEAST, self._reach(SEARCHED))
        patch = _square(reach, self._spacing, self._device)
        height, width = self._G.img_shape
        edge = torch.tensor([width, height], device=self._device)
        found = {}
        for id, (place, known) in self.found.items():
            around = torch.minimum((place + patch).clamp(min=0), edge)
            apart = (self._features.at(features, around) - known).abs().sum(1)
            found[id] = around[apart.argmin()], known
        self.found = found

    def state(self) -> dict[str, Tensor]:
        """All that is needed to go on."""
        places = {f"place.{id}": place for id, (place, _) in self.found.items()}
        return places | {f"known.{id}": known for id, (_, known) in self.found.items()}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` returned, among others. Raises KeyError and ValueError."""
        ids = [name.removeprefix("place.") for name in state if name.startswith("place.")]
        self.found = {
            int(id): (state[f"place.{id}"].to(self._device), state[f"known.{id}"].to(self._device))
            for id in ids
        }

    def _places(self) -> Tensor:
        """[n, 2]."""
        return torch.stack([self.found[point.id][0] for point in self._points])

    def _ways(self) -> Tensor:
        """From handles to targets, in pixels: [n, 2]."""
        targets = torch.tensor(
            [point.target for point in self._points], dtype=torch.float32, device=self._device
        )
        return targets - self._places()

    @property
    def _spacing(self) -> float:
        """Pixels between two places that are looked at: some of them in every sample."""
        return max(FINEST, self._G.resolution / 512)

    def _reach(self, share: float) -> float:
        """A share of the picture in pixels, no less than SAMPLES of the features."""
        sample = self._G.resolution / rate(self._features.layer)
        return max(share * self._G.resolution, SAMPLES * sample)


def _square(reach: float, spacing: float, device: torch.device) -> Tensor:
    """The places of a square about 0 of sides 2·reach, every `spacing` or so: [k², 2]."""
    side = torch.linspace(-reach, reach, 2 * round(reach / spacing) + 1, device=device)
    y, x = torch.meshgrid(side, side, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], 1)
