"""The StyleGAN2 generator, as in "Analyzing and Improving the Image Quality of StyleGAN"
(Karras et al. 2020, "SG2") and "Training Generative Adversarial Networks with Limited Data"
(Karras et al. 2020, "ADA"). Tensor names are those of the ADA snapshots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import Any, cast

import torch
from torch import Tensor, nn

from common.precision import Precision
from networks.base import (
    Generator,
    Layer,
    NoiseInput,
    Stage,
    State,
    Tap,
    no_tap,
)
from networks.families.stylegan2.layers import Conv, Dense, Mapping, scaled
from ops import ACTIVATIONS, bias_act, modulated_conv2d, setup_filter, upsample2d

ARCHITECTURES = ("orig", "skip", "resnet")


class StyledConv(nn.Module):
    """Modulated 3x3 convolution, noise, bias, activation (SG2, Figure 2d).

    [N, in, H / up, W / up] and w [N, w_dim] -> [N, out, H, W].
    """

    resample_filter: Tensor
    noise_const: Tensor

    def __init__(
        self,
        inputs: int,
        outputs: int,
        w_dim: int,
        resolution: int,
        *,
        up: int = 1,
        act: str = "lrelu",
        resample_filter: Sequence[float] = (1, 3, 3, 1),
        clamp: float | None = None,
        use_noise: bool = True,
    ) -> None:
        super().__init__()
        self.up, self.act, self.clamp, self.use_noise = up, act, clamp, use_noise
        self.affine = Dense(w_dim, inputs, bias=1)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("resample_filter", setup_filter(resample_filter))
        if use_noise:
            self.register_buffer("noise_const", torch.randn(resolution, resolution))
            self.noise_strength = nn.Parameter(torch.zeros([]))

    def forward(
        self, x: Tensor, w: Tensor, noise: NoiseInput, name: str, gain: float = 1.0
    ) -> Tensor:
        sample = noise.sample(name, self.noise_const, len(x)) if self.use_noise else None
        x = modulated_conv2d(
            x,
            self.weight,
            self.affine(w),
            noise=None if sample is None else sample * self.noise_strength,
            f=self.resample_filter,
            up=self.up,
            padding=1,
            flip_weight=self.up == 1,
        )
        gain_ = ACTIVATIONS[self.act].gain * gain
        return bias_act(
            x,
            self.bias.to(x.dtype),
            self.act,
            gain=gain_,
            clamp=scaled(self.clamp, gain),
            inplace=True,
        )


class ToRGB(nn.Module):
    """Modulated 1x1 convolution without demodulation (SG2, Appendix B): features -> colours."""

    def __init__(self, inputs: int, outputs: int, w_dim: int, clamp: float | None) -> None:
        super().__init__()
        self.clamp = clamp
        self.affine = Dense(w_dim, inputs, bias=1)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 1, 1))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.weight_gain = 1 / sqrt(inputs)

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        styles = self.affine(w) * self.weight_gain
        x = modulated_conv2d(x, self.weight, styles, demodulate=False)
        return bias_act(x, self.bias.to(x.dtype), clamp=self.clamp, inplace=True)


class Block(Stage):
    """All layers of one resolution (SG2, Figure 7), a stage.

    half: compute the features in float16; the picture is always summed in full precision.
    """

    resample_filter: Tensor

    def __init__(
        self,
        inputs: int,
        outputs: int,
        w_dim: int,
        resolution: int,
        img_channels: int,
        *,
        first_row: int,
        architecture: str,
        last: bool,
        half_by_default: bool,
        act: str,
        resample_filter: Sequence[float],
        clamp: float | None,
        use_noise: bool,
    ) -> None:
        super().__init__()
        self.name = f"b{resolution}"
        self.half_by_default, self.half_now = half_by_default, False
        self.register_buffer("resample_filter", setup_filter(resample_filter))
        styled: dict[str, Any] = {
            "act": act,
            "resample_filter": resample_filter,
            "clamp": clamp,
            "use_noise": use_noise,
        }
        if inputs == 0:
            self.const = nn.Parameter(torch.randn(outputs, resolution, resolution))
        else:
            self.conv0 = StyledConv(inputs, outputs, w_dim, resolution, up=2, **styled)
        self.conv1 = StyledConv(outputs, outputs, w_dim, resolution, **styled)
        self.first, self.colours = inputs == 0, last or architecture == "skip"
        if self.colours:
            self.torgb = ToRGB(outputs, img_channels, w_dim, clamp)
        self.residual = architecture == "resnet" and not self.first
        if self.residual:
            self.skip = Conv(inputs, outputs, 1, bias=False, up=2, resample_filter=resample_filter)
        self.num_convs = 1 if self.first else 2
        self.rows = range(first_row, first_row + self.num_convs + self.colours)
        self.layers = tuple(self._layers(resolution, outputs, img_channels, use_noise))

    def _layers(
        self, resolution: int, channels: int, img_channels: int, use_noise: bool
    ) -> Iterator[Layer]:
        dtype, row = torch.float16 if self.half_by_default else torch.float32, self.rows[0]

        def layer(name: str, width: int = channels, **facts: Any) -> Layer:
            return Layer(f"{self.name}.{name}", resolution, width, **{"dtype": dtype, **facts})

        if self.first:
            yield layer("const")
        if self.residual:
            yield layer("skip")
        for i in range(self.num_convs):
            yield layer(f"conv{2 - self.num_convs + i}", noise=use_noise, row=row + i)
        if self.residual:
            yield layer("sum")
        if self.colours:
            yield layer("torgb", img_channels, row=row + self.num_convs, dtype=torch.float32)
            yield layer("image", img_channels, dtype=torch.float32)

    def forward(self, state: State, ws: Tensor, noise: NoiseInput, tap: Tap = no_tap) -> State:
        full = self.conv1.weight.dtype
        dtype = torch.float16 if self.half_now else full
        w = iter(ws[:, self.rows.start : self.rows.stop].to(full).unbind(1))
        conv0, conv1 = f"{self.name}.conv0", f"{self.name}.conv1"
        # A residual sum of two unit variances is scaled back to one (SG2, Section 4.1).
        gain = sqrt(0.5) if self.residual else 1.0

        if self.first:
            x = self.const.to(dtype).expand(len(ws), -1, -1, -1)
            x = tap(f"{self.name}.const", x)
        else:
            assert state.x is not None
            x = state.x.to(dtype) if self.half_now else state.x
        if self.residual:
            y = tap(f"{self.name}.skip", self.skip(x, gain))
        if not self.first:
            x = tap(conv0, self.conv0(x, next(w), noise, conv0))
        x = tap(conv1, self.conv1(x, next(w), noise, conv1, gain))
        if self.residual:
            x = tap(f"{self.name}.sum", y + x)

        img = state.img
        if img is not None:
            img = upsample2d(img, self.resample_filter)
        if self.colours:
            rgb = tap(f"{self.name}.torgb", self.torgb(x, next(w)).to(full))
            img = tap(f"{self.name}.image", rgb if img is None else img + rgb)
        return State(x, img)


class StyleGAN2Generator(Generator):
    """Mapping network and synthesis blocks of 4², 8² … img_resolution² pixels.

    channels(res) = min(channel_base // res, channel_max). architecture: how pictures leave the
    network (SG2, Figure 7): `skip` sums a picture of every resolution, `resnet` and `orig` take
    the last one. num_fp16_res: so many top resolutions compute in float16 after
    `set_precision("float16")`, kept in range by clamping features to ±conv_clamp (ADA, Appendix D).
    """

    family = "stylegan2"

    def __init__(
        self,
        z_dim: int,
        c_dim: int,
        w_dim: int,
        img_resolution: int,
        img_channels: int = 3,
        mapping_layers: int = 8,
        mapping_lr_multiplier: float = 0.01,
        embed_features: int | None = None,
        layer_features: int | None = None,
        channel_base: int = 32768,
        channel_max: int = 512,
        num_fp16_res: int = 4,
        conv_clamp: float | None = 256,
        architecture: str = "skip",
        resample_filter: Sequence[float] = (1, 3, 3, 1),
        activation: str = "lrelu",
        use_noise: bool = True,
        w_avg_beta: float = 0.995,
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        check_config(img_resolution, architecture, activation)
        super().__init__()
        self.config = {**config, "resample_filter": [float(tap) for tap in resample_filter]}
        self.z_dim, self.c_dim, self.w_dim = z_dim, c_dim, w_dim
        self.resolution, self.img_channels = img_resolution, img_channels
        self.mapping = Mapping(
            z_dim,
            c_dim,
            w_dim,
            layers=mapping_layers,
            embed_features=embed_features,
            layer_features=layer_features,
            act=activation,
            lr=mapping_lr_multiplier,
            w_avg_beta=w_avg_beta,
        )
        self.synthesis = nn.ModuleDict()
        half_from = lowest_half_resolution(img_resolution, num_fp16_res)
        row, inputs, resolution = 0, 0, 4
        while resolution <= img_resolution:
            outputs = min(channel_base // resolution, channel_max)
            block = Block(
                inputs,
                outputs,
                w_dim,
                resolution,
                img_channels,
                first_row=row,
                architecture=architecture,
                last=resolution == img_resolution,
                half_by_default=resolution >= half_from,
                act=activation,
                resample_filter=resample_filter,
                clamp=conv_clamp,
                use_noise=use_noise,
            )
            self.synthesis[block.name] = block
            # The row of a block's colours is that of the next block's first convolution.
            row, inputs, resolution = row + block.num_convs, outputs, resolution * 2
        self.num_ws = row + 1

    @property
    def w_avg(self) -> Tensor:
        return self.mapping.w_avg

    @property
    def stages(self) -> Sequence[Stage]:
        return cast("list[Stage]", list(self.synthesis.values()))

    def map(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        return cast(Tensor, self.mapping(z, c))

    def update_w_avg(self, w: Tensor) -> None:
        """Move w_avg towards the mean of w [N, w_dim]; training calls it with every batch."""
        self.mapping.update_w_avg(w)

    def set_precision(self, precision: Precision) -> None:
        for block in self.synthesis.values():
            if isinstance(block, Block):
                block.half_now = precision == "float16" and block.half_by_default


def lowest_half_resolution(img_resolution: int, num_fp16_res: int) -> int:
    """The lowest resolution that computes in float16: never below 8x8."""
    return max(img_resolution * 2 >> num_fp16_res, 8)


def check_config(img_resolution: int, architecture: str, activation: str) -> None:
    """Raises ValueError for what no StyleGAN2 network has."""
    if img_resolution < 4 or img_resolution & (img_resolution - 1):
        raise ValueError(f"img_resolution is a power of two from 4 on, not {img_resolution}")
    if architecture not in ARCHITECTURES:
        raise ValueError(f"architecture is one of {', '.join(ARCHITECTURES)}, not {architecture}")
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation is one of {', '.join(ACTIVATIONS)}, not {activation}")
