"""The generator of R3GAN (Huang et al. 2024, "R3", Section 3 and Appendix)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from networks.base import Layer, NoiseInput, Stage, State, Tap, UnmappedGenerator, no_tap
from networks.families.r3gan.layers import BASE, Conv, Linear, Resample, Residual, Stages


class R3GANStage(Stage):
    """All layers of one resolution: what leads there, residual blocks, and in the last one colours.

    The first is a learnt constant of 4x4 pixels, whose channels are scaled by a linear function of
    z and of what is learnt of the class. w: z, with the label behind it.
    """

    def __init__(
        self, name: str, resolution: int, residuals: Sequence[Residual], width: int
    ) -> None:
        super().__init__()
        self.name, self.rows = name, range(0)
        self.blocks = len(residuals)
        layers = []
        for index, block in enumerate(residuals):
            self.add_module(f"res{index}", block)
            hidden = len(block.conv0.weight)
            layers += [
                Layer(f"{name}.res{index}.conv0", resolution, hidden),
                Layer(f"{name}.res{index}.conv1", resolution, hidden),
                Layer(f"{name}.res{index}", resolution, width),
            ]
        self.layers = tuple(layers)
        self.colours: Conv | None = None

    def finish(self, img_channels: int) -> None:
        """Make it the last one, which gives the picture."""
        resolution, width = self.layers[-1].resolution, self.layers[-1].channels
        self.colours = Conv(width, img_channels)
        self.layers = (*self.layers, Layer(f"{self.name}.image", resolution, img_channels))

    def begin(self, state: State, ws: Tensor) -> Tensor:
        """Features [N, width, R, R] of what came before."""
        raise NotImplementedError

    def forward(self, state: State, ws: Tensor, noise: NoiseInput, tap: Tap = no_tap) -> State:
        x = tap(self.layers[0].name, self.begin(state, ws))
        for index in range(self.blocks):
            x = self.get_submodule(f"res{index}")(x, f"{self.name}.res{index}", tap)
        if self.colours is None:
            return State(x, None)
        return State(None, tap(self.layers[-1].name, self.colours(x)))


class FirstStage(R3GANStage):
    """From z and the label to features of 4x4 pixels."""

    def __init__(
        self, z_dim: int, c_dim: int, embed_features: int, residuals: Sequence[Residual], width: int
    ) -> None:
        super().__init__(f"b{BASE}", BASE, residuals, width)
        self.z_dim, self.rows = z_dim, range(1)
        self.layers = (Layer(f"{self.name}.basis", BASE, width, row=0), *self.layers)
        self.basis = nn.Parameter(torch.randn(width, BASE, BASE))
        self.linear = Linear(z_dim + (embed_features if c_dim else 0), width)
        self.embed = Linear(c_dim, embed_features) if c_dim else None

    def begin(self, state: State, ws: Tensor) -> Tensor:
        w = ws[:, 0].to(self.basis.dtype)
        if self.embed is not None:
            w = torch.cat([w[:, : self.z_dim], self.embed(w[:, self.z_dim :])], 1)
        x: Tensor = self.basis * self.linear(w)[:, :, None, None]
        return x


class UpStage(R3GANStage):
    """From the resolution before to twice of it."""

    def __init__(
        self, inputs: int, resolution: int, residuals: Sequence[Residual], width: int, taps: int
    ) -> None:
        super().__init__(f"b{resolution}", resolution, residuals, width)
        self.layers = (Layer(f"{self.name}.up", resolution, width), *self.layers)
        self.up = Resample(inputs, width, taps, up=True)

    def begin(self, state: State, ws: Tensor) -> Tensor:
        assert state.x is not None
        x: Tensor = self.up(state.x)
        return x


class R3GANGenerator(UnmappedGenerator):
    """z, with the label behind it, scales a learnt picture of 4x4 pixels; then come residual blocks
    and twice as many pixels a side until the last stage, which makes colours. There is no mapping
    network: w is z (and the label) in one row; and neither noise nor a centre to truncate towards.

    widths, hidden, groups, blocks, kernel: as in `Stages`, from 4x4 pixels on.
    embed_features: how many numbers are learnt of a class.
    filter_size: taps of the low-pass filter before each upsampling.
    Raises ValueError for what no such network has.
    """

    family = "r3gan"

    def __init__(
        self,
        z_dim: int,
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
        if z_dim < 1 or img_channels < 1 or c_dim < 0 or (c_dim and embed_features < 1):
            raise ValueError("z, colours and what is learnt of a class have at least one number")
        super().__init__()
        self.config = {k: [*v] if isinstance(v, Sequence) else v for k, v in config.items()}
        self.z_dim, self.c_dim, self.w_dim = z_dim, c_dim, z_dim + c_dim
        self.resolution, self.img_channels = BASE << (len(widths) - 1), img_channels
        made: list[R3GANStage] = []
        for index, width in enumerate(widths):
            residuals = stages.residuals(index)
            if index == 0:
                made.append(FirstStage(z_dim, c_dim, embed_features, residuals, width))
            else:
                resolution = BASE << index
                made.append(UpStage(widths[index - 1], resolution, residuals, width, filter_size))
        made[-1].finish(img_channels)
        self.synthesis = nn.ModuleDict({stage.name: stage for stage in made})

    @property
    def stages(self) -> Sequence[Stage]:
        return cast("list[Stage]", list(self.synthesis.values()))
