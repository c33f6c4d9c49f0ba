"""The face of every discriminator."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from common.precision import Precision


class Discriminator(nn.Module):
    """The face of every discriminator: img [N, img_channels, R, R], c [N, c_dim] -> [N, 1].

    family, config, c_dim, resolution, img_channels: as in Generator.
    """

    family: str
    config: dict[str, Any]
    c_dim: int
    resolution: int
    img_channels: int

    def set_precision(self, precision: Precision) -> None:
        """As in Generator."""

    def forward(self, img: Tensor, c: Tensor | None = None) -> Tensor:
        """Logits: positive for what looks real."""
        raise NotImplementedError

    def features(self, img: Tensor) -> list[Tensor]:
        """What img looks like on the way to the logits, from fine to coarse: maps [N, C, H, W].

        Raises NotImplementedError where a family does not tell.
        """
        raise NotImplementedError
