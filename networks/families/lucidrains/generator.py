"""The generator of lucidrains' StyleGAN2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from networks.base import Generator, Layer, NoiseInput, Stage, State, Style, Tap, no_tap
from networks.families.lucidrains.layers import Mapping, StyledConv, ToRGB, doubled


class Block(Stage):
    """All layers of one resolution, which share a row of w.

    The first one begins with features that are learnt, and a convolution of them. Pictures are
    summed from block to block. Its program makes them from 0 to 1: twice that, less one, is summed
    here, since a constant stays what it is where a picture is doubled.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        w_dim: int,
        resolution: int,
        img_resolution: int,
        img_channels: int,
        *,
        row: int,
        image_blur: bool,
    ) -> None:
        super().__init__()
        self.name, self.first, self.image_blur = f"b{resolution}", row == 0, image_blur
        if self.first:
            self.const = nn.Parameter(torch.randn(inputs, 4, 4))
            self.input_weight = nn.Parameter(torch.randn(inputs, inputs, 3, 3))
            self.input_bias = nn.Parameter(torch.zeros(inputs))
        self.conv0 = StyledConv(inputs, outputs, w_dim, resolution, img_resolution)
        self.conv1 = StyledConv(outputs, outputs, w_dim, resolution, img_resolution)
        self.torgb = ToRGB(outputs, img_channels, w_dim)
        self.rows = range(row, row + 1)
        self.layers = tuple(self._layers(inputs, outputs, resolution, img_channels, row))

    def _layers(
        self, inputs: int, outputs: int, resolution: int, img_channels: int, row: int
    ) -> Iterator[Layer]:
        if self.first:
            yield Layer(f"{self.name}.const", resolution, inputs)
            yield Layer(f"{self.name}.input", resolution, inputs)
        facts: dict[str, Any] = {"noise": True, "row": row}
        yield Layer(f"{self.name}.conv0", resolution, outputs, styles=inputs, **facts)
        yield Layer(f"{self.name}.conv1", resolution, outputs, styles=outputs, **facts)
        yield Layer(f"{self.name}.torgb", resolution, img_channels, row=row, styles=outputs)
        yield Layer(f"{self.name}.image", resolution, img_channels)

    def style_weights(self) -> Iterator[Style]:
        affines = {"conv0": self.conv0.affine, "conv1": self.conv1.affine}
        for name, affine in {**affines, "torgb": self.torgb.affine}.items():
            yield Style(self.rows.start, affine.matrix(), f"{self.name}.{name}")

    def forward(self, state: State, ws: Tensor, noise: NoiseInput, tap: Tap = no_tap) -> State:
        conv0, conv1 = f"{self.name}.conv0", f"{self.name}.conv1"
        w = ws[:, self.rows.start].to(self.conv0.weight.dtype)
        if self.first:
            x = tap(f"{self.name}.const", self.const.expand(len(ws), -1, -1, -1))
            x = F.conv2d(x, self.input_weight, self.input_bias, padding=1)
            x = tap(f"{self.name}.input", x)
        else:
            assert state.x is not None
            x = doubled(state.x)
        x = tap(conv0, self.conv0(x, w, noise, conv0, tap))
        x = tap(conv1, self.conv1(x, w, noise, conv1, tap))
        torgb = f"{self.name}.torgb"
        rgb = tap(torgb, self.torgb(x, w, torgb, tap).to(w.dtype))
        below = rgb.new_tensor(-1.0) if state.img is None else doubled(state.img, self.image_blur)
        return State(x, tap(f"{self.name}.image", below + rgb))


class LucidrainsGenerator(Generator):
    """Mapping network and synthesis blocks of 4², 8² … img_resolution² pixels.

    z and w are equally long, and each block has one row of w.
    channels: of the layers of each block; those of the first are also the constant's.
    mapping_lr_multiplier: by which weights and biases of the mapping network are multiplied.
    image_blur: a low-pass follows each doubling of the picture.
    Raises ValueError for what no such network has.
    """

    family = "lucidrains"
    grows = True
    c_dim = 0

    def __init__(
        self,
        z_dim: int,
        img_resolution: int,
        channels: Sequence[int],
        img_channels: int = 3,
        mapping_layers: int = 8,
        mapping_lr_multiplier: float = 0.1,
        image_blur: bool = True,
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        if not channels or img_resolution != 2 << len(channels):
            raise ValueError(f"{len(channels)} blocks do not make {img_resolution} pixels a side")
        super().__init__()
        self.config = {**config, "channels": [int(count) for count in channels]}
        self.z_dim = self.w_dim = z_dim
        self.num_ws, self.image_blur = len(channels), image_blur
        self.resolution, self.img_channels = img_resolution, img_channels
        self.mapping = Mapping(z_dim, mapping_layers, mapping_lr_multiplier)
        self.synthesis = nn.ModuleDict()
        for row, width in enumerate(channels):
            block = Block(
                channels[max(row - 1, 0)],
                width,
                z_dim,
                4 << row,
                img_resolution,
                img_channels,
                row=row,
                image_blur=image_blur,
            )
            self.synthesis[block.name] = block

    @property
    def w_avg(self) -> Tensor:
        return self.mapping.w_avg

    @property
    def stages(self) -> Sequence[Stage]:
        return cast("list[Stage]", list(self.synthesis.values()))

    def map(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        return cast(Tensor, self.mapping(z))

    def preview(self, img: Tensor) -> Tensor:
        while img.shape[-1] < self.resolution:
            img = doubled(img, self.image_blur)
        return img
