"""The StyleGAN2 discriminator (Karras et al. 2020, "SG2"; conditioning and mixed precision as in
Karras et al. 2020, "ADA"). Tensor names are those of the ADA snapshots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import Any

import torch
from torch import Tensor, nn

from common.precision import Precision
from networks.base import Discriminator
from networks.families.stylegan2.generator import (
    check_config,
    full_config,
    lowest_half_resolution,
    width,
)
from networks.families.stylegan2.layers import Conv, Dense, Mapping
from ops import downsample2d, setup_filter


class DiscriminatorBlock(nn.Module):
    """[N, in, R, R], img [N, img_channels, R, R] -> [N, out, R / 2, R / 2] (SG2, Figure 7)."""

    resample_filter: Tensor

    def __init__(
        self,
        inputs: int,
        middle: int,
        outputs: int,
        img_channels: int,
        *,
        architecture: str,
        half_by_default: bool,
        act: str,
        resample_filter: Sequence[float],
        clamp: float | None,
    ) -> None:
        super().__init__()
        self.architecture = architecture
        self.half_by_default, self.half_now = half_by_default, False
        self.register_buffer("resample_filter", setup_filter(resample_filter))
        common: dict[str, Any] = {"resample_filter": resample_filter, "act": act, "clamp": clamp}
        self.sees_image = inputs == 0 or architecture == "skip"
        if self.sees_image:
            self.fromrgb = Conv(img_channels, middle, 1, **common)
        self.conv0 = Conv(middle, middle, 3, **common)
        self.conv1 = Conv(middle, outputs, 3, down=2, **common)
        if architecture == "resnet":
            self.skip = Conv(
                middle, outputs, 1, bias=False, down=2, resample_filter=resample_filter
            )

    @property
    def convolutions(self) -> Iterator[nn.Module]:
        """In the order in which FreezeD counts them."""
        for name in ("fromrgb", "conv0", "conv1", "skip"):
            if hasattr(self, name):
                yield self.get_submodule(name)

    def forward(self, x: Tensor | None, img: Tensor | None) -> tuple[Tensor, Tensor | None]:
        dtype = torch.float16 if self.half_now else self.conv0.weight.dtype
        x = None if x is None else x.to(dtype)
        if self.sees_image:
            assert img is not None
            y = self.fromrgb(img.to(dtype))
            x = y if x is None else x + y
            img = downsample2d(img, self.resample_filter) if self.architecture == "skip" else None
        assert x is not None
        if self.architecture == "resnet":
            y = self.skip(x, sqrt(0.5))
            return y + self.conv1(self.conv0(x), sqrt(0.5)), img
        return self.conv1(self.conv0(x)), img


def minibatch_stddev(x: Tensor, group_size: int | None, num_channels: int) -> Tensor:
    """x [N, C, H, W] with `num_channels` maps appended (Progressive GAN, Section 3).

    Each is constant: the standard deviation over a group of samples, averaged over its share of
    the channels and all pixels. group_size: None means the whole batch. Raises ValueError where
    the batch does not divide into groups.
    """
    n, c, h, w = x.shape
    size = n if group_size is None else min(group_size, n)
    if n % size:
        raise ValueError(f"a batch of {n} does not divide into groups of {size}")
    groups = x.reshape(size, n // size, num_channels, c // num_channels, h, w)
    deviation = (groups.var(0, unbiased=False) + 1e-8).sqrt().mean((2, 3, 4))
    maps = deviation.repeat(size, 1)[:, :, None, None].expand(-1, -1, h, w)
    return torch.cat([x, maps], 1)


class Epilogue(nn.Module):
    """[N, channels, 4, 4] -> [N, 1]: minibatch standard deviation, two hidden layers, and the
    inner product with the mapped label where there is one (Miyato & Koyama 2018, eq. 3)."""

    def __init__(
        self,
        channels: int,
        cmap_dim: int,
        img_channels: int,
        *,
        architecture: str,
        mbstd_group_size: int | None,
        mbstd_num_channels: int,
        act: str,
        clamp: float | None,
    ) -> None:
        super().__init__()
        self.cmap_dim, self.sees_image = cmap_dim, architecture == "skip"
        self.group_size, self.num_channels = mbstd_group_size, mbstd_num_channels
        if self.sees_image:
            self.fromrgb = Conv(img_channels, channels, 1, act=act)
        self.conv = Conv(channels + mbstd_num_channels, channels, 3, act=act, clamp=clamp)
        self.fc = Dense(channels * 16, channels, act)
        self.out = Dense(channels, cmap_dim or 1)

    def forward(self, x: Tensor, img: Tensor | None, cmap: Tensor | None) -> Tensor:
        x = x.to(self.conv.weight.dtype)
        if self.sees_image:
            assert img is not None
            x = x + self.fromrgb(img)
        if self.num_channels:
            x = minibatch_stddev(x, self.group_size, self.num_channels)
        x = self.out(self.fc(self.conv(x).flatten(1)))
        return x if cmap is None else (x * cmap).sum(1, keepdim=True) / sqrt(self.cmap_dim)


class StyleGAN2Discriminator(Discriminator):
    """img [N, img_channels, R, R], c [N, c_dim] -> logits [N, 1].

    cmap_dim: width of the mapped label; None: the channels of the last layer. freeze_layers: so
    many convolutions from the picture on are not trained (FreezeD, Mo et al. 2020): their
    weights are buffers. The rest as in StyleGAN2Generator. Raises ValueError for pictures of less
    than 8 pixels a side.
    """

    family = "stylegan2"

    def __init__(
        self,
        c_dim: int,
        img_resolution: int,
        img_channels: int = 3,
        architecture: str = "resnet",
        channel_base: int = 32768,
        channel_max: int = 512,
        num_fp16_res: int = 4,
        conv_clamp: float | None = 256,
        cmap_dim: int | None = None,
        mapping_layers: int = 8,
        mbstd_group_size: int | None = 4,
        mbstd_num_channels: int = 1,
        freeze_layers: int = 0,
        activation: str = "lrelu",
        resample_filter: Sequence[float] = (1, 3, 3, 1),
        mapping_activation: str | None = None,
        channels: Sequence[int] | None = None,
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        check_config(img_resolution, architecture, activation, mapping_activation)
        if img_resolution < 8:  # it has a block above the last layers at least, which sees colours
            raise ValueError(f"img_resolution is a power of two from 8 on, not {img_resolution}")
        super().__init__()
        self.config = full_config(config)
        self.c_dim, self.resolution, self.img_channels = c_dim, img_resolution, img_channels
        half_from = lowest_half_resolution(img_resolution, num_fp16_res)

        def outputs(resolution: int) -> int:
            return width(resolution, channel_base, channel_max, channels)

        self.resolutions = []
        resolution = img_resolution
        while resolution > 4:
            block = DiscriminatorBlock(
                0 if resolution == img_resolution else outputs(resolution),
                outputs(resolution),
                outputs(resolution // 2),
                img_channels,
                architecture=architecture,
                half_by_default=resolution >= half_from,
                act=activation,
                resample_filter=resample_filter,
                clamp=conv_clamp,
            )
            self.add_module(f"b{resolution}", block)
            self.resolutions.append(resolution)
            resolution //= 2
        mapped = 0
        if c_dim:
            mapped = outputs(4) if cmap_dim is None else cmap_dim
            self.mapping = Mapping(
                0,
                c_dim,
                mapped,
                layers=mapping_layers,
                act=mapping_activation or activation,
                w_avg_beta=None,
            )
        self.b4 = Epilogue(
            outputs(4),
            mapped,
            img_channels,
            architecture=architecture,
            mbstd_group_size=mbstd_group_size,
            mbstd_num_channels=mbstd_num_channels,
            act=activation,
            clamp=conv_clamp,
        )
        layers = [layer for block in self.blocks for layer in block.convolutions]
        for layer in layers[:freeze_layers]:
            for name, value in list(layer.named_parameters()):
                delattr(layer, name)
                layer.register_buffer(name, value.detach())

    @property
    def blocks(self) -> list[DiscriminatorBlock]:
        blocks = [self.get_submodule(f"b{resolution}") for resolution in self.resolutions]
        return [block for block in blocks if isinstance(block, DiscriminatorBlock)]

    def set_precision(self, precision: Precision) -> None:
        for block in self.blocks:
            block.half_now = precision == "float16" and block.half_by_default

    def features(self, img: Tensor) -> list[Tensor]:
        x: Tensor | None = None
        picture: Tensor | None = img
        found = []
        for block in self.blocks:
            x, picture = block(x, picture)
            assert x is not None
            found.append(x)
        return found

    def forward(self, img: Tensor, c: Tensor | None = None) -> Tensor:
        x, picture = None, img
        for block in self.blocks:
            x, picture = block(x, picture)
        logits: Tensor = self.b4(x, picture, self.mapping(None, c) if self.c_dim else None)
        return logits
