"""How pictures leave a growing generator (Karras et al. 2018, "PG", Figure 2)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from networks.base import Layer, NoiseInput, Stage, State, Tap, no_tap
from networks.families.pggan.growth import fading, levels_in_use
from networks.families.pggan.layers import Conv, upscale


class Colours(nn.Module):
    """Turns the features of one level into colours, and blends them with the picture from below.

    below: the weight of the enlarged picture from below, in 0…1; None where this level's own
        colours are not needed, because a level above has taken over.
    """

    def __init__(self, name: str, inputs: int, img_channels: int, resolution: int) -> None:
        super().__init__()
        self.torgb = Conv(inputs, img_channels, 1, gain=1)
        self.below: float | None = 0.0
        self._places = tuple(
            Layer(f"{name}.{kind}", resolution, img_channels) for kind in ("torgb", "image")
        )

    def grow_to(self, below: float | None) -> tuple[Layer, ...]:
        """Take another share from below: the places that can be tapped now."""
        self.below = below
        return () if below is None else self._places if below else self._places[1:]

    def forward(self, x: Tensor, img: Tensor | None, tap: Tap) -> Tensor | None:
        """Features x, and the picture of the level below -> the picture of this one."""
        if self.below is None:
            return None
        rgb = self.torgb(x)
        if self.below:
            assert img is not None
            rgb = torch.lerp(tap(self._places[0].name, rgb), upscale(img), self.below)
        return tap(self._places[1].name, rgb)


class GrowingBlock(Stage):
    """All layers of one resolution, and the colours that are made of them.

    features: the places that can be tapped before the colours.
    """

    features: tuple[Layer, ...]
    colours: Colours

    def grow_to(self, below: float | None) -> None:
        """below: as in `Colours.below`."""
        self.layers = self.features + self.colours.grow_to(below)


class Enlargement(Stage):
    """Pixels doubled as often as there are levels that are not in use yet."""

    def __init__(self, times: int, img_channels: int, resolution: int) -> None:
        super().__init__()
        self.times, self.rows = times, range(0)
        self.layers = (Layer(f"b{resolution}.image", resolution, img_channels),)

    def forward(self, state: State, ws: Tensor, noise: NoiseInput, tap: Tap = no_tap) -> State:
        img = state.img
        assert img is not None
        for _ in range(self.times):
            img = upscale(img)
        return State(None, tap(self.layers[0].name, img))


def grown_to(
    lod: float, blocks: Sequence[GrowingBlock], img_resolution: int, img_channels: int
) -> list[Stage]:
    """The stages of a network at `lod`: the blocks in use, each of which takes its share from
    below, and what brings their picture to `img_resolution`.

    blocks: one for each resolution from 4 to `img_resolution`.
    """
    used, below = levels_in_use(img_resolution, lod), fading(img_resolution, lod)
    shares: list[float | None] = [None] * used
    shares[-1] = below
    if below:
        shares[-2] = 0.0
    for block, share in zip(blocks, shares, strict=False):
        block.grow_to(share)
    missing = len(blocks) - used
    if not missing:
        return [*blocks]
    return [*blocks[:used], Enlargement(missing, img_channels, img_resolution)]


def in_use(stages: Sequence[Stage]) -> Sequence[Stage]:
    """The stages that are learnt: those of `grown_to` without what only enlarges their picture."""
    return stages[:-1] if isinstance(stages[-1], Enlargement) else stages
