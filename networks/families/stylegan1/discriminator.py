"""The discriminator of StyleGAN (Karras et al. 2019, "SG"): that of Progressive GAN with a blur
before each halving (SG, Appendix C), and one logit for each class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from networks.families.pggan.discriminator import PGGANDiscriminator


class StyleGAN1Discriminator(PGGANDiscriminator):
    """As PGGANDiscriminator, whose arguments `others` are.

    blur_filter: the low-pass before each halving; empty: none.
    """

    family = "stylegan1"
    labels: Literal["chosen"] = "chosen"

    def __init__(
        self,
        c_dim: int,
        img_resolution: int,
        *,
        channel_base: int = 16384,
        blur_filter: Sequence[float] = (1, 2, 1),
        **others: Any,
    ) -> None:
        super().__init__(
            c_dim, img_resolution, channel_base=channel_base, blur_filter=blur_filter, **others
        )
