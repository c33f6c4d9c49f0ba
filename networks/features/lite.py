"""Features of EfficientNet-Lite0: a perceptual distance whose weights come in a package.

It is not LPIPS and not comparable with it: another network, and no weights fitted to judgements.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor

from networks.features.distance import Distance, enlarged, in_colour, reduced, unit
from networks.features.efficientnet import INSTALL, lite0

BLOCKS: Final = (0, 2, 4, 10, 15)
"""After which blocks it is looked at: the last one of each resolution, 1/2 to 1/32."""
SMALLEST: Final = 32
"""Pixels a side that its blocks need."""
_REMEDY: Final = f"{INSTALL} Or choose another distance (discriminator, pixels)."


def load(device: torch.device) -> Distance:
    """The distance of channel-normalised features. Raises UserError without its packages."""
    network, _ = lite0(_REMEDY)
    network.to(device, memory_format=torch.channels_last)
    return Distance("lite", lambda img: _look(network, img))


def _look(network: Any, img: Tensor) -> list[Tensor]:
    # (x − 127) / 128 of levels 0…255, as in its training.
    x = (in_colour(enlarged(reduced(img), SMALLEST)) * 127.5 + 0.5) / 128
    x = x.contiguous(memory_format=torch.channels_last)
    x = network._swish(network._bn0(network._conv_stem(x)))
    maps = []
    for index, block in enumerate(network._blocks[: BLOCKS[-1] + 1]):
        x = block(x)
        if index in BLOCKS:
            maps.append(unit(x))
    return maps
