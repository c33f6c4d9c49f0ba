"""The synthesis network of StyleGAN one resolution at a time (Karras et al. 2019, "SG")."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from networks.base import Layer, NoiseInput, State, Style, Tap, no_tap, styled
from networks.families.pggan.colours import Colours, GrowingBlock
from networks.families.pggan.layers import Biased, Conv, Dense, DenseInput, normalize_pixels
from ops import setup_filter, upfirdn2d


@dataclass(frozen=True)
class LayerPlan:
    """What the layers of a network do. The published ones differ from Progressive GAN's in all of
    it (SG, Table 1).

    act: the activation.
    use_noise: noise is added to the features, scaled for each channel by itself.
    pixel_norm: features are normalised in every pixel, as in Progressive GAN.
    instance_norm: they are normalised over all pixels of each channel (SG, eq. 1).
    norm_epsilon: added to the variance by it.
    use_styles: w scales and shifts them then (SG, eq. 1).
    blur_filter: a low-pass after each doubling of the resolution; empty: none.
    bias_before_blur: the bias of a blurred convolution is blurred with it, as in the well-known
        PyTorch version; otherwise it comes after the noise.
    """

    act: str
    use_noise: bool
    pixel_norm: bool
    instance_norm: bool
    norm_epsilon: float
    use_styles: bool
    blur_filter: tuple[float, ...]
    bias_before_blur: bool


class Epilogue(nn.Module):
    """What follows each convolution: noise, bias, activation, normalisation and style."""

    noise_const: Tensor

    def __init__(self, channels: int, w_dim: int, resolution: int, plan: LayerPlan) -> None:
        super().__init__()
        self.plan = plan
        if plan.use_noise:
            self.register_buffer("noise_const", torch.randn(resolution, resolution))
            self.noise_strength = nn.Parameter(torch.zeros(channels))
        if plan.use_styles:
            self.affine = Dense(w_dim, channels * 2, gain=1)

    def forward(
        self,
        x: Tensor,
        finish: Callable[[Tensor], Tensor],
        w: Tensor,
        noise: NoiseInput,
        name: str,
        tap: Tap,
    ) -> Tensor:
        """x: what a convolution made; finish: its bias and activation; w [N, w_dim].

        Of its styles the first half scales, less one, and the second half shifts.
        """
        if self.plan.use_noise:
            sample = noise.sample(name, self.noise_const, len(x))
            if sample is not None:
                x = x + sample.to(x.dtype) * self.noise_strength[:, None, None].to(x.dtype)
        x = finish(x)
        if self.plan.pixel_norm:
            x = normalize_pixels(x)
        if self.plan.instance_norm:
            x = normalize_instances(x, self.plan.norm_epsilon)
        if self.plan.use_styles:
            styles = styled(tap, name, self.affine(w))
            scale, shift = styles[:, :, None, None].chunk(2, 1)
            x = torch.addcmul(shift.to(x.dtype), x, scale.to(x.dtype) + 1)
        return x


def normalize_instances(x: Tensor, epsilon: float) -> Tensor:
    """x [N, C, H, W] with mean 0 and variance 1 in every channel by itself (SG, eq. 1)."""
    x = x - x.mean((2, 3), keepdim=True)
    return x * (x.square().mean((2, 3), keepdim=True) + epsilon).rsqrt()


class Constant(Biased):
    """The first layer of a style-based generator: features that are learnt (SG, Section 2)."""

    def __init__(self, channels: int, act: str) -> None:
        super().__init__(channels, act)
        self.const = nn.Parameter(torch.ones(channels, 4, 4))

    def linear(self, x: Tensor) -> Tensor:
        """x [N, …] only says how many. A copy, because `finish` overwrites it."""
        return self.const.expand(len(x), -1, -1, -1).clone()


class Block(GrowingBlock):
    """All layers of one resolution: two convolutions, or the first layer and one convolution.

    constant_input: the first layer is learnt and not made of w.
    """

    blur_filter: Tensor

    def __init__(
        self,
        inputs: int,
        outputs: int,
        w_dim: int,
        resolution: int,
        img_channels: int,
        *,
        first_row: int,
        constant_input: bool,
        plan: LayerPlan,
    ) -> None:
        super().__init__()
        self.name, self.plan, self.first = f"b{resolution}", plan, resolution == 4
        self.constant_input = constant_input
        self.input: Biased
        if not self.first:
            self.input = Conv(inputs, outputs, act=plan.act, resample=1)
        elif constant_input:
            self.input = Constant(outputs, plan.act)
        else:
            self.input = DenseInput(w_dim, outputs, plan.act)
        self.conv1 = Conv(outputs, outputs, act=plan.act)
        self.epilogue0 = Epilogue(outputs, w_dim, resolution, plan)
        self.epilogue1 = Epilogue(outputs, w_dim, resolution, plan)
        self.blurs = bool(plan.blur_filter) and not self.first
        if self.blurs:
            self.register_buffer("blur_filter", setup_filter(plan.blur_filter), persistent=False)
        self.colours = Colours(self.name, outputs, img_channels, resolution)
        self.rows = range(first_row, first_row + 2) if plan.use_styles else range(int(self.first))
        kinds = ("const" if constant_input else "dense") if self.first else "conv0", "conv1"
        self.features = tuple(
            Layer(
                f"{self.name}.{kind}",
                resolution,
                outputs,
                noise=plan.use_noise,
                row=self._row(first_row, index),
                styles=2 * outputs if plan.use_styles else 0,
            )
            for index, kind in enumerate(kinds)
        )
        self.grow_to(0.0)

    def _row(self, first_row: int, index: int) -> int | None:
        if self.plan.use_styles:
            return first_row + index
        return 0 if self.first and index == 0 and not self.constant_input else None

    def style_weights(self) -> Iterator[Style]:
        if isinstance(self.input, DenseInput):
            yield Style(self.rows.start, self.input.matrix())
        if self.plan.use_styles:
            for index, epilogue in enumerate((self.epilogue0, self.epilogue1)):
                name = self.features[index].name
                yield Style(self.rows.start + index, epilogue.affine.matrix(), name)

    def forward(self, state: State, ws: Tensor, noise: NoiseInput, tap: Tap = no_tap) -> State:
        w = ws.to(self.conv1.weight.dtype)
        w0, w1 = (w[:, self.rows.start + i if self.plan.use_styles else 0] for i in (0, 1))
        x = self.input.linear(w0 if self.first else _present(state.x))
        finish = self.input.finish
        if self.blurs:
            if self.plan.bias_before_blur:
                x, finish = self.input.biased(x), self.input.activate
            x = upfirdn2d(x, self.blur_filter, padding=self.blur_filter.shape[-1] // 2)
        name0, name1 = self.features[0].name, self.features[1].name
        x = tap(name0, self.epilogue0(x, finish, w0, noise, name0, tap))
        x = self.conv1.linear(x)
        x = tap(name1, self.epilogue1(x, self.conv1.finish, w1, noise, name1, tap))
        return State(x, self.colours(x, state.img, tap))


def _present(x: Tensor | None) -> Tensor:
    assert x is not None
    return x
