"""The discriminator of DCGAN (Radford et al. 2016, "DC", Section 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from networks.base import Discriminator, needed_labels
from networks.families.dcgan.layers import BatchNorm, new_weight

SLOPE: Final = 0.2
"""Of the leaky ReLU where it is negative (DC, Section 3)."""
_LAST: Final = 4  # pixels a side that are left for the last convolution


class Halving(nn.Module):
    """[N, in, R, R] -> [N, out, R / 2, R / 2]."""

    def __init__(self, inputs: int, outputs: int, norm: bool) -> None:
        super().__init__()
        self.weight = new_weight(outputs, inputs, 4, 4)
        self.norm = BatchNorm(outputs) if norm else None

    def forward(self, x: Tensor) -> Tensor:
        x = F.conv2d(x, self.weight, stride=2, padding=1)
        x = x if self.norm is None else self.norm(x)
        return F.leaky_relu(x, SLOPE)


class DCGANDiscriminator(Discriminator):
    """img [N, img_channels, R, R], c [N, c_dim] -> logits [N, 1]: what the published network gives
    to its sigmoid.

    channels: of each layer, every one of which halves the resolution until 4 pixels a side.
    norms: whether each has batch normalisation (0 or 1).
    Labels are laid over the picture as further channels, each of which is constant.
    Raises ValueError for what fits no such network.
    """

    family = "dcgan"

    def __init__(
        self,
        c_dim: int = 0,
        img_resolution: int = 64,
        img_channels: int = 3,
        channels: Sequence[int] = (64, 128, 256, 512),
        norms: Sequence[int] = (0, 1, 1, 1),
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        if img_resolution != _LAST << len(channels) or len(norms) != len(channels):
            raise ValueError(f"{len(channels)} layers do not bring {img_resolution} pixels to 4")
        super().__init__()
        self.config = {k: [*v] if isinstance(v, Sequence) else v for k, v in config.items()}
        self.c_dim, self.resolution, self.img_channels = c_dim, img_resolution, img_channels
        widths = [img_channels + c_dim, *channels]
        self.halvings = nn.ModuleList(
            Halving(widths[index], widths[index + 1], bool(norm))
            for index, norm in enumerate(norms)
        )
        self.out = new_weight(1, widths[-1], _LAST, _LAST)

    def features(self, img: Tensor) -> list[Tensor]:
        """As in Discriminator, with no label."""
        return self._features(img, img.new_zeros(len(img), self.c_dim))

    def _features(self, img: Tensor, c: Tensor) -> list[Tensor]:
        x = torch.cat([img, c[:, :, None, None].expand(-1, -1, *img.shape[2:])], 1)
        found = []
        for halving in self.halvings:
            x = halving(x)
            found.append(x)
        return found

    def forward(self, img: Tensor, c: Tensor | None = None) -> Tensor:
        label = needed_labels(c, self.c_dim) if self.c_dim else img.new_zeros(len(img), 0)
        return F.conv2d(self._features(img, label.to(img.dtype))[-1], self.out).flatten(1)
