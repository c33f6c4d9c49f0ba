"""The generator of DCGAN (Radford et al. 2016, "DC", Figure 1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from networks.base import Layer, NoiseInput, Stage, State, Style, Tap, UnmappedGenerator, no_tap
from networks.families.dcgan.layers import BatchNorm, new_weight

MAX_RESOLUTION: Final = 4096
MAX_LAYERS: Final = 16


class DenseStage(Stage):
    """The first layer of generators that begin with one: z [N, z_dim] becomes features
    [N, out, R, R]."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        resolution: int,
        *,
        bias: bool,
        norm: bool,
        epsilon: float,
        slope: float,
    ) -> None:
        super().__init__()
        self.size, self.slope = (outputs, resolution, resolution), slope
        features = outputs * resolution**2
        self.weight = new_weight(features, inputs)
        self.bias = nn.Parameter(torch.zeros(features)) if bias else None
        self.norm = BatchNorm(features, epsilon) if norm else None
        self.rows = range(1)
        self.layers = (Layer(f"b{resolution}.dense", resolution, outputs, row=0),)

    def style_weights(self) -> Iterator[Style]:
        yield Style(0, self.weight)

    def forward(self, state: State, ws: Tensor, noise: NoiseInput, tap: Tap = no_tap) -> State:
        x = F.linear(ws[:, 0].to(self.weight.dtype), self.weight, self.bias)
        x = x if self.norm is None else self.norm(x)
        x = F.leaky_relu(x, self.slope).reshape(len(x), *self.size)
        return State(tap(self.layers[0].name, x), None)


class ConvStage(Stage):
    """A transposed convolution, batch normalisation and a rectifier; the last one makes colours
    between −1 and 1 instead."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        resolution: int,
        *,
        index: int,
        stride: int,
        padding: int,
        extra: int,
        bias: bool,
        norm: bool,
        epsilon: float,
        slope: float,
        reads_w: bool,
        last: bool,
    ) -> None:
        """extra: rows and columns that are added at the lower right. resolution: of the output."""
        super().__init__()
        self.stride, self.padding, self.extra = stride, padding, extra
        self.slope, self.reads_w, self.last = slope, reads_w, last
        self.weight = new_weight(inputs, outputs, kernel, kernel)
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.norm = BatchNorm(outputs, epsilon) if norm else None
        self.rows = range(int(reads_w))
        row = 0 if reads_w else None
        name = "image" if last else f"conv{index}"
        self.layers = (Layer(f"b{resolution}.{name}", resolution, outputs, row=row),)

    def style_weights(self) -> Iterator[Style]:
        if self.reads_w:
            yield Style(0, self.weight.flatten(1).T)

    def forward(self, state: State, ws: Tensor, noise: NoiseInput, tap: Tap = no_tap) -> State:
        x = ws[:, 0, :, None, None].to(self.weight.dtype) if self.reads_w else state.x
        assert x is not None
        x = F.conv_transpose2d(x, self.weight, self.bias, self.stride, self.padding, self.extra)
        x = x if self.norm is None else self.norm(x)
        x = x.tanh() if self.last else F.leaky_relu(x, self.slope)
        x = tap(self.layers[0].name, x)
        return State(None, x) if self.last else State(x, None)


class DCGANGenerator(UnmappedGenerator):
    """Transposed convolutions from z to colours. There is no mapping network: w is z (with the
    label behind it) in one row; and neither noise inputs nor a centre to truncate towards.

    channels: of the output of each convolution; the last are the colours.
    kernels, strides, paddings, extras: of each convolution; extras are rows and columns added at
        the lower right.
    biases, norms: whether each convolution has a bias, and batch normalisation (0 or 1).
    dense_channels, dense_resolution: of a dense layer before the convolutions; 0: the first
        convolution reads z as a picture of one pixel.
    dense_bias, dense_norm: as biases and norms.
    slope: of the rectifier where it is negative; 0 is a ReLU, as published.
    epsilon: added to the variance by batch normalisation.
    Raises ValueError for what fits no such network.
    """

    family = "dcgan"

    def __init__(
        self,
        z_dim: int = 100,
        c_dim: int = 0,
        channels: Sequence[int] = (512, 256, 128, 64, 3),
        kernels: Sequence[int] = (4, 4, 4, 4, 4),
        strides: Sequence[int] = (1, 2, 2, 2, 2),
        paddings: Sequence[int] = (0, 1, 1, 1, 1),
        extras: Sequence[int] = (0, 0, 0, 0, 0),
        biases: Sequence[int] = (0, 0, 0, 0, 0),
        norms: Sequence[int] = (1, 1, 1, 1, 0),
        dense_channels: int = 0,
        dense_resolution: int = 0,
        dense_bias: bool = False,
        dense_norm: bool = True,
        slope: float = 0.0,
        epsilon: float = 1e-5,
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        lists = (kernels, strides, paddings, extras, biases, norms)
        if not 1 <= len(channels) <= MAX_LAYERS or any(len(e) != len(channels) for e in lists):
            raise ValueError("every convolution has its channels, kernel, stride and the rest")
        if min(*channels, *kernels, *strides) < 1 or min(*paddings, *extras) < 0:
            raise ValueError("channels, kernels and strides are at least 1, the rest at least 0")
        super().__init__()
        self.config = {k: [*v] if isinstance(v, Sequence) else v for k, v in config.items()}
        self.z_dim, self.c_dim, self.w_dim = z_dim, c_dim, z_dim + c_dim
        self.synthesis = nn.ModuleList()
        inputs, size = self.w_dim, 1
        if dense_channels:
            dense = DenseStage(
                inputs,
                dense_channels,
                dense_resolution,
                bias=dense_bias,
                norm=dense_norm,
                slope=slope,
                epsilon=epsilon,
            )

            self.synthesis.append(dense)
            inputs, size = dense_channels, dense_resolution
        for index, outputs in enumerate(channels):
            size = (
                (size - 1) * strides[index] - 2 * paddings[index] + kernels[index] + extras[index]
            )
            if not 1 <= size <= MAX_RESOLUTION:
                raise ValueError(f"a layer has {size} pixels a side")
            stage = ConvStage(
                inputs,
                outputs,
                kernels[index],
                size,
                index=index,
                stride=strides[index],
                padding=paddings[index],
                extra=extras[index],
                bias=bool(biases[index]),
                norm=bool(norms[index]),
                epsilon=epsilon,
                slope=slope,
                reads_w=not self.synthesis,
                last=index == len(channels) - 1,
            )
            self.synthesis.append(stage)
            inputs = outputs
        self.resolution, self.img_channels = size, channels[-1]

    @property
    def stages(self) -> Sequence[Stage]:
        return [stage for stage in self.synthesis if isinstance(stage, Stage)]
