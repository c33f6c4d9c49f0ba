"""The discriminator of R3GAN (Huang et al. 2024, "R3"): its generator the other way round."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from networks.base import Discriminator, needed_labels
from networks.families.r3gan.layers import BASE, Conv, Linear, Resample, Stages, new_weight


class DiscriminatorStage(nn.Module):
    """The residual blocks of one resolution, and what leads to half of it; `down` is None in the
    last one."""

    def __init__(self, stages: Stages, index: int, taps: int) -> None:
        super().__init__()
        blocks = stages.residuals(index)
        self.blocks = len(blocks)
        for number, block in enumerate(blocks):
            self.add_module(f"res{number}", block)
        self.down: Resample | None = None
        if index + 1 < len(stages.widths):
            inputs, outputs = stages.widths[index : index + 2]
            self.down = Resample(inputs, outputs, taps, up=False)

    def forward(self, x: Tensor) -> Tensor:
        for number in range(self.blocks):
            x = self.get_submodule(f"res{number}")(x)
        return x


class R3GANDiscriminator(Discriminator):
    """img [N, img_channels, R, R], c [N, c_dim] -> logits [N, 1].

    Every channel of the last 4x4 pixels is weighted into one number; of labels, the logit is the
    product with what is learnt of them (projection, Miyato & Koyama 2018).
    widths, hidden, groups, blocks, kernel: as in `Stages`, from the picture on.
    embed_features, filter_size: as in R3GANGenerator. Raises ValueError for what no network has.
    """

    family = "r3gan"

    def __init__(
        self,
        c_dim: int = 0,
        img_channels: int = 3,
        widths: Sequence[int] = (768, 768, 768, 768),
        hidden: Sequence[int] = (1536, 1536, 1536, 1536),
        groups: Sequence[int] = (96, 96, 96, 96),
        blocks: Sequence[int] = (2, 2, 2, 2),
        kernel: int = 3,
        embed_features: int = 0,
        filter_size: int = 4,
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        stages = Stages(widths, hidden, groups, blocks, kernel)
        if img_channels < 1 or c_dim < 0 or (c_dim and embed_features < 1):
            raise ValueError("colours and what is learnt of a class have at least one number")
        super().__init__()
        self.config = {k: [*v] if isinstance(v, Sequence) else v for k, v in config.items()}
        self.c_dim, self.img_channels = c_dim, img_channels
        self.resolution = BASE << (len(widths) - 1)
        self.colours = Conv(img_channels, widths[0])
        self.levels = nn.ModuleDict(
            {
                f"b{self.resolution >> index}": DiscriminatorStage(stages, index, filter_size)
                for index in range(len(widths))
            }
        )
        self.basis = new_weight(widths[-1], 1, BASE, BASE)
        self.linear = Linear(widths[-1], embed_features if c_dim else 1)
        gain = max(1, embed_features) ** -0.5
        self.embed = Linear(c_dim, embed_features, gain) if c_dim else None

    def features(self, img: Tensor) -> list[Tensor]:
        """After the blocks of each resolution."""
        x, found = self.colours(img.to(self.basis.dtype)), []
        for level in self.levels.values():
            assert isinstance(level, DiscriminatorStage)
            x = level(x)
            found.append(x)
            x = x if level.down is None else level.down(x)
        return found

    def forward(self, img: Tensor, c: Tensor | None = None) -> Tensor:
        x = F.conv2d(self.features(img)[-1], self.basis, groups=len(self.basis)).flatten(1)
        logits: Tensor = self.linear(x)
        if self.embed is None:
            return logits
        embedded = self.embed(needed_labels(c, self.c_dim).to(x.dtype))
        product: Tensor = logits * embedded
        return product.sum(1, keepdim=True)
