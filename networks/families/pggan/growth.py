"""How far a progressive network has grown (Karras et al. 2018, "PG", Section 2 and Figure 2).

`lod` counts the levels of detail that are not in use yet: 0 draws at full resolution, 1 at half of
it. Between whole numbers a level fades in: at 0.25 the last one has three quarters of the weight,
and the enlarged picture of the level below has the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import floor
from typing import Any, TypeVar

from torch import nn

T = TypeVar("T")

MAX_RESOLUTION = 8192


def check_growth(img_resolution: int, lod: float) -> None:
    """Raises ValueError for a resolution or a lod that no network has."""
    if not 4 <= img_resolution <= MAX_RESOLUTION or img_resolution & (img_resolution - 1):
        raise ValueError(f"img_resolution is a power of two from 4 on, not {img_resolution}")
    if not 0 <= lod <= levels(img_resolution) - 1:
        raise ValueError(f"lod is from 0 to {levels(img_resolution) - 1}, not {lod}")


def levels(img_resolution: int) -> int:
    """How many resolutions there are from 4 to `img_resolution`."""
    return img_resolution.bit_length() - 2


def levels_in_use(img_resolution: int, lod: float) -> int:
    """How many of them have an influence on the picture."""
    return levels(img_resolution) - floor(lod)


def fading(img_resolution: int, lod: float) -> float:
    """The weight of the enlarged picture from below, in 0…1, while the last level fades in."""
    return lod - floor(lod)


def cut_down(
    config: Mapping[str, Any], tensors: Mapping[str, T], img_resolution: int, lod: float
) -> tuple[dict[str, Any], dict[str, T]]:
    """The config and the tensors of a network without its levels above `img_resolution`.

    Raises ValueError where it has no such resolution or lod.
    """
    check_growth(img_resolution, lod)
    if img_resolution > config["img_resolution"]:
        raise ValueError(f"it has no level of {img_resolution} pixels")
    widths = channels_by_level(
        config["img_resolution"], config["channels"], config["channel_base"], config["channel_max"]
    )
    kept = {}
    for name, tensor in tensors.items():
        level = re.match(r"(?:synthesis\.)?b(\d+)\.", name)
        if level is None or int(level[1]) <= img_resolution:
            kept[name] = tensor
    channels = widths[: levels(img_resolution)]
    return {**config, "img_resolution": img_resolution, "lod": lod, "channels": channels}, kept


def grows(network: nn.Module) -> bool:
    """Whether a network is one that grows."""
    return "lod" in getattr(network, "config", {})


def at_resolution(network: nn.Module, img_resolution: int | None, weight: float) -> nn.Module:
    """A network as it was when it drew `img_resolution` pixels a side (None: as many as it does).

    weight: of the last level, in 0…1, while it fades in.
    Raises ValueError for a resolution that it never had.
    """
    given: Any = network
    resolution = given.config["img_resolution"] if img_resolution is None else img_resolution
    config, tensors = cut_down(given.config, given.state_dict(), resolution, 1 - weight)
    smaller: nn.Module = type(given)(**config)
    smaller.load_state_dict(tensors)
    return smaller.eval().requires_grad_(False)


def channels_by_level(
    img_resolution: int, channels: Sequence[int] | None, channel_base: int, channel_max: int
) -> list[int]:
    """How wide the layers of each resolution from 4 on are.

    channels: them, where they follow no rule; else min(channel_base / resolution, channel_max).
    Raises ValueError where there are more or fewer of them than resolutions.
    """
    count = levels(img_resolution)
    found = [*channels] if channels else []
    if channels is None:
        found = [max(min(channel_base >> (level + 2), channel_max), 1) for level in range(count)]
    if len(found) != count or any(width != int(width) or width < 1 for width in found):
        raise ValueError(f"channels are {count} numbers, one for each resolution, not {channels}")
    return [int(width) for width in found]


def resolution_in_use(img_resolution: int, lod: float) -> int:
    """Pixels a side of the last level that has an influence on the picture."""
    return img_resolution >> floor(lod)
