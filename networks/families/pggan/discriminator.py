"""The discriminator of Progressive GAN (Karras et al. 2018, "PG", Table 2), which that of StyleGAN
(2019) is as well but for a blur and its labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn

from networks.base import Discriminator, needed_labels
from networks.families.pggan.growth import (
    channels_by_level,
    check_growth,
    fading,
    levels_in_use,
    resolution_in_use,
)
from networks.families.pggan.layers import Conv, Dense, check_activation, downscale
from networks.families.stylegan2.discriminator import minibatch_stddev
from ops import setup_filter, upfirdn2d

Labels = Literal["none", "beside", "chosen"]
"""What the last layer says of classes: nothing; their logits beside the one for real or fake
(Odena et al. 2017); or one logit for each, of which the label chooses."""


class DiscriminatorBlock(nn.Module):
    """The layers of one resolution: [N, in, R, R] -> [N, out, R / 2, R / 2].

    act, colours_act: of the convolutions, and of the layer that takes colours in.
    blur_filter: a low-pass before the resolution is halved; empty: none.
    widen_first: the first convolution changes the number of channels, not the second.
    """

    blur_filter: Tensor

    def __init__(
        self,
        inputs: int,
        outputs: int,
        img_channels: int,
        *,
        act: str,
        colours_act: str,
        blur_filter: Sequence[float],
        widen_first: bool,
    ) -> None:
        super().__init__()
        middle = outputs if widen_first else inputs
        self.fromrgb = Conv(img_channels, inputs, 1, act=colours_act)
        self.conv0 = Conv(inputs, middle, act=act)
        self.conv1 = Conv(middle, outputs, act=act, resample=-1)
        self.blurs = bool(blur_filter)
        if self.blurs:
            self.register_buffer("blur_filter", setup_filter(blur_filter), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv0(x)
        if self.blurs:
            x = upfirdn2d(x, self.blur_filter, padding=self.blur_filter.shape[-1] // 2)
        found: Tensor = self.conv1(x)
        return found


class DiscriminatorEpilogue(nn.Module):
    """[N, channels, 4, 4] -> [N, outputs]: minibatch standard deviation (PG, Section 3) and two
    hidden layers."""

    def __init__(
        self,
        channels: int,
        hidden: int,
        outputs: int,
        img_channels: int,
        *,
        act: str,
        colours_act: str,
        mbstd_group_size: int | None,
        mbstd_num_channels: int,
    ) -> None:
        super().__init__()
        self.group_size, self.num_channels = mbstd_group_size, mbstd_num_channels
        self.fromrgb = Conv(img_channels, channels, 1, act=colours_act)
        self.conv = Conv(channels + mbstd_num_channels, channels, act=act)
        self.fc = Dense(channels * 16, hidden, act)
        self.out = Dense(hidden, outputs, gain=1)

    def forward(self, x: Tensor) -> Tensor:
        if self.num_channels:
            x = minibatch_stddev(x, self.group_size, self.num_channels)
        logits: Tensor = self.out(self.fc(self.conv(x).flatten(1)))
        return logits


class PGGANDiscriminator(Discriminator):
    """img [N, img_channels, R, R], c [N, c_dim] -> logits [N, 1].

    lod: how far it has grown, as its generator. A picture may also come in the resolution that is
    in use, which is what it is reduced to first. hidden: width of the last hidden layer; None: the
    channels of the lowest level. mbstd_group_size: None is the whole batch. widen_first,
    activate_colours: as the well-known PyTorch version of StyleGAN has it, the first convolution of
    a level changes the number of channels, and colours are taken in without an activation. The rest
    as in PGGANGenerator. Its class logits have no influence on what it returns.
    """

    family = "pggan"
    labels: Labels = "beside"

    def __init__(
        self,
        c_dim: int,
        img_resolution: int,
        img_channels: int = 3,
        channels: Sequence[int] | None = None,
        channel_base: int = 8192,
        channel_max: int = 512,
        lod: float = 0.0,
        hidden: int | None = None,
        mbstd_group_size: int | None = 4,
        mbstd_num_channels: int = 1,
        activation: str = "lrelu",
        blur_filter: Sequence[float] = (),
        widen_first: bool = False,
        activate_colours: bool = True,
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        check_growth(img_resolution, lod)
        check_activation(activation)
        super().__init__()
        widths = channels_by_level(img_resolution, channels, channel_base, channel_max)
        self.config = {
            **config,
            "channels": channels and widths,
            "blur_filter": [float(tap) for tap in blur_filter],
        }
        self.c_dim, self.resolution, self.img_channels = c_dim, img_resolution, img_channels
        self.lod, colours_act = lod, activation if activate_colours else "linear"
        for level in range(len(widths) - 1, 0, -1):
            block = DiscriminatorBlock(
                widths[level],
                widths[level - 1],
                img_channels,
                act=activation,
                colours_act=colours_act,
                blur_filter=blur_filter,
                widen_first=widen_first,
            )
            self.add_module(f"b{4 << level}", block)
        outputs = {"none": 1, "beside": 1 + c_dim, "chosen": max(c_dim, 1)}[self.labels]
        self.b4 = DiscriminatorEpilogue(
            widths[0],
            hidden or widths[0],
            outputs,
            img_channels,
            act=activation,
            colours_act=colours_act,
            mbstd_group_size=mbstd_group_size,
            mbstd_num_channels=mbstd_num_channels,
        )

    def grow_to(self, lod: float) -> None:
        """Look at the levels that are in use at `lod` from now on. Raises ValueError."""
        check_growth(self.resolution, lod)
        self.lod = self.config["lod"] = lod

    def features(self, img: Tensor) -> list[Tensor]:
        used, below = levels_in_use(self.resolution, self.lod), fading(self.resolution, self.lod)
        while img.shape[-1] > resolution_in_use(self.resolution, self.lod):
            img = downscale(img)
        x: Tensor = self._level(used - 1).fromrgb(img)
        found: list[Tensor] = []
        for level in range(used - 1, 0, -1):
            x = self._level(level)(x)
            if level == used - 1 and below:
                from_below = self._level(level - 1).fromrgb(downscale(img))
                x = torch.lerp(x, from_below, below)
            found.append(x)
        return found or [x]

    def _level(self, level: int) -> Any:
        return self.get_submodule(f"b{4 << level}")

    def forward(self, img: Tensor, c: Tensor | None = None) -> Tensor:
        logits: Tensor = self.b4(self.features(img)[-1])
        if self.labels != "chosen" or not self.c_dim:
            return logits[:, :1]
        chosen = needed_labels(c, self.c_dim).to(logits.dtype)
        return (logits * chosen).sum(1, keepdim=True)
