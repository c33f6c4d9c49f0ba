"""The discriminator of StyleGAN (Karras et al. 2019, "SG"): that of Progressive GAN with a blur
before each halving (SG, Appendix C), and one logit for each class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from networks.families.pggan.discriminator import PGGANDiscriminator


class StyleGAN1Discriminator(PGGANDiscriminator):
    """As PGGANDiscriminator. blur_filter: the low-pass before each halving; empty: none."""

    family = "stylegan1"
    labels: Literal["chosen"] = "chosen"

    def __init__(
        self,
        c_dim: int,
        img_resolution: int,
        img_channels: int = 3,
        channels: Sequence[int] | None = None,
        channel_base: int = 16384,
        channel_max: int = 512,
        lod: float = 0.0,
        hidden: int | None = None,
        mbstd_group_size: int | None = 4,
        mbstd_num_channels: int = 1,
        activation: str = "lrelu",
        blur_filter: Sequence[float] = (1, 2, 1),
        widen_first: bool = False,
        activate_colours: bool = True,
    ) -> None:
        super().__init__(
            c_dim,
            img_resolution,
            img_channels,
            channels,
            channel_base,
            channel_max,
            lod,
            hidden,
            mbstd_group_size,
            mbstd_num_channels,
            activation,
            blur_filter,
            widen_first,
            activate_colours,
        )
