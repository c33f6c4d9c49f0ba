"""The synthesis network of StyleGAN2 one resolution at a time, as in "Analyzing and Improving the
Image Quality of StyleGAN" (Karras et al. 2020, "SG2")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from networks.base import Layer, NoiseInput, Stage, State, Style, Tap, no_tap, styled
from networks.families.stylegan2.layers import Conv, Dense, scaled
from ops import ACTIVATIONS, bias_act, modulated_conv2d, setup_filter, upsample2d


class StyledConv(nn.Module):
    """Modulated 3x3 convolution, noise, bias and activation (SG2, Figure 2d).

    It turns features [N, in, H / up, W / up] and w [N, w_dim] into [N, out, H, W].
    """

    resample_filter: Tensor
    noise_const: Tensor

    def __init__(
        self,
        inputs: int,
        outputs: int,
        w_dim: int,
        shape: tuple[int, int],
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
            self.register_buffer("noise_const", torch.randn(shape))
            self.noise_strength = nn.Parameter(torch.zeros([]))

    def forward(
        self,
        x: Tensor,
        w: Tensor,
        noise: NoiseInput,
        name: str,
        gain: float = 1.0,
        tap: Tap = no_tap,
    ) -> Tensor:
        sample = noise.sample(name, self.noise_const, len(x)) if self.use_noise else None
        x = modulated_conv2d(
            x,
            self.weight,
            styled(tap, name, self.affine(w)),
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
    """Turns features into colours by a 1x1 convolution without demodulation (SG2, Appendix B)."""

    def __init__(self, inputs: int, outputs: int, w_dim: int, clamp: float | None) -> None:
        super().__init__()
        self.clamp = clamp
        self.affine = Dense(w_dim, inputs, bias=1)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 1, 1))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.weight_gain = 1 / sqrt(inputs)

    def forward(self, x: Tensor, w: Tensor, name: str, tap: Tap = no_tap) -> Tensor:
        styles = styled(tap, name, self.affine(w)) * self.weight_gain
        x = modulated_conv2d(x, self.weight, styles, demodulate=False)
        return bias_act(x, self.bias.to(x.dtype), clamp=self.clamp, inplace=True)


class Block(Stage):
    """A stage: all layers of one resolution (SG2, Figure 7).

    half_by_default: whether it was trained with features in float16.
    features: what it computes them in, None for the precision of its weights; the picture is always
        summed in that.
    shape: height and width of its features.
    resample_filter: that of the picture; those of features lie in the convolutions.
    output_resolution: to so many pixels a side its picture is brought at the end, where that is
        another size.
    """

    resample_filter: Tensor

    def __init__(
        self,
        inputs: int,
        outputs: int,
        w_dim: int,
        resolution: int,
        shape: tuple[int, int],
        img_channels: int,
        *,
        first_row: int,
        architecture: str,
        last: bool,
        half_by_default: bool,
        act: str,
        resample_filter: Sequence[float],
        image_filter: Sequence[float],
        output_resolution: int | None,
        clamp: float | None,
        use_noise: bool,
    ) -> None:
        super().__init__()
        self.name = f"b{resolution}"
        self.output_resolution = output_resolution
        self.half_by_default = half_by_default
        self.features: torch.dtype | None = None
        self.register_buffer("resample_filter", setup_filter(image_filter))
        styled: dict[str, Any] = {
            "act": act,
            "resample_filter": resample_filter,
            "clamp": clamp,
            "use_noise": use_noise,
        }
        if inputs == 0:
            self.const = nn.Parameter(torch.randn(outputs, *shape))
        else:
            self.conv0 = StyledConv(inputs, outputs, w_dim, shape, up=2, **styled)
        self.conv1 = StyledConv(outputs, outputs, w_dim, shape, **styled)
        self.first, self.colours = inputs == 0, last or architecture == "skip"
        if self.colours:
            self.torgb = ToRGB(outputs, img_channels, w_dim, clamp)
        self.residual = architecture == "resnet" and not self.first
        if self.residual:
            self.skip = Conv(inputs, outputs, 1, bias=False, up=2, resample_filter=resample_filter)
        self.num_convs = 1 if self.first else 2
        self.rows = range(first_row, first_row + self.num_convs + self.colours)
        self.layers = tuple(self._layers(shape, inputs, outputs, img_channels, use_noise))

    def _layers(
        self,
        shape: tuple[int, int],
        inputs: int,
        channels: int,
        img_channels: int,
        use_noise: bool,
    ) -> Iterator[Layer]:
        oblong = shape if shape[0] != shape[1] else None
        dtype, row = torch.float16 if self.half_by_default else torch.float32, self.rows[0]

        def layer(name: str, width: int = channels, **facts: Any) -> Layer:
            facts = {"dtype": dtype, "oblong": oblong, **facts}
            return Layer(f"{self.name}.{name}", max(shape), width, **facts)

        if self.first:
            yield layer("const")
        if self.residual:
            yield layer("skip")
        for i in range(self.num_convs):
            # What modulates a convolution is its input.
            styles = channels if self.first or i else inputs
            name = f"conv{2 - self.num_convs + i}"
            yield layer(name, noise=use_noise, row=row + i, styles=styles)
        if self.residual:
            yield layer("sum")
        if self.colours:
            facts = {"row": row + self.num_convs, "dtype": torch.float32, "styles": channels}
            yield layer("torgb", img_channels, **facts)
            yield layer("image", img_channels, dtype=torch.float32)

    def style_weights(self) -> Iterator[Style]:
        convs = {"conv1": self.conv1} if self.first else {"conv0": self.conv0, "conv1": self.conv1}
        for row, (name, conv) in enumerate(convs.items(), self.rows.start):
            yield Style(row, conv.affine.matrix(), f"{self.name}.{name}")
        if self.colours:
            weight, gain = self.torgb.affine.matrix(), self.torgb.weight_gain
            yield Style(self.rows[-1], weight, f"{self.name}.torgb", gain)

    def forward(self, state: State, ws: Tensor, noise: NoiseInput, tap: Tap = no_tap) -> State:
        full = self.conv1.weight.dtype
        dtype = self.features or full
        w = iter(ws[:, self.rows.start : self.rows.stop].to(full).unbind(1))
        conv0, conv1 = f"{self.name}.conv0", f"{self.name}.conv1"
        # A residual sum of two unit variances is scaled back to one (SG2, Section 4.1).
        gain = sqrt(0.5) if self.residual else 1.0

        if self.first:
            x = self.const.to(dtype).expand(len(ws), -1, -1, -1)
            x = tap(f"{self.name}.const", x)
        else:
            assert state.x is not None
            x = state.x if self.features is None else state.x.to(dtype)
        if self.residual:
            y = tap(f"{self.name}.skip", self.skip(x, gain))
        if not self.first:
            x = tap(conv0, self.conv0(x, next(w), noise, conv0, tap=tap))
        x = tap(conv1, self.conv1(x, next(w), noise, conv1, gain, tap))
        if self.residual:
            x = tap(f"{self.name}.sum", y + x)

        img = state.img
        if img is not None:
            img = upsample2d(img, self.resample_filter)
        if self.colours:
            torgb = f"{self.name}.torgb"
            rgb = tap(torgb, self.torgb(x, next(w), torgb, tap).to(full))
            img = tap(f"{self.name}.image", rgb if img is None else img + rgb)
            if self.output_resolution is not None:
                img = F.adaptive_avg_pool2d(img, self.output_resolution)
        return State(x, img)
