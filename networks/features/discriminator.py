"""Features of the discriminator that was trained with a generator: they fit its data, and every
training snapshot holds them."""

from __future__ import annotations

from torch import Tensor

from networks.base import Discriminator
from networks.features.distance import Distance, unit


def load(D: Discriminator) -> Distance:
    """The distance of the channel-normalised outputs of all blocks, at full resolution.

    D: in eval mode and without gradients; takes pictures of the generator's resolution.
    """

    def look(img: Tensor) -> list[Tensor]:
        return [unit(found) for found in D.features(img)]

    return Distance("discriminator", look, any_size=False)
