"""The layers of Progressive GAN (Karras et al. 2018, "PG"), on which StyleGAN (2019) stands too.

Weights are stored with unit variance and scaled at run time by He's constant, so that all of them
learn at one rate (PG, Section 4.1). Unlike in StyleGAN2 the constant's √2 is the weight's and not
the activation's: biases are not multiplied by it.
"""

from __future__ import annotations

from math import sqrt
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ops import bias_act

HE: Final[float] = sqrt(2)
"""The gain of layers that a rectifier follows (He et al. 2015)."""


def check_activation(name: str) -> None:
    """Raises ValueError for an activation that networks of this kind do not have."""
    if name not in ("lrelu", "relu"):
        raise ValueError(f"activation is lrelu or relu, not {name}")


class Dense(nn.Module):
    """act(W x + b): [N, in] -> [N, out].

    gain: of the weight, over 1/√in. lr: the learning rate's multiplier (StyleGAN, Appendix C).
    """

    def __init__(
        self, inputs: int, outputs: int, act: str = "linear", gain: float = HE, lr: float = 1.0
    ) -> None:
        super().__init__()
        self.act, self.lr = act, lr
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / lr)
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.weight_gain = gain * lr / sqrt(inputs)

    def forward(self, x: Tensor) -> Tensor:
        x = F.linear(x * self.weight_gain, self.weight)
        return bias_act(x, self.bias * self.lr, self.act, gain=1.0, inplace=True)

    def matrix(self) -> Tensor:
        """W as it acts at run time: [out, in]."""
        return self.weight * self.weight_gain


class Biased(nn.Module):
    """A layer whose bias and activation come last, because StyleGAN has noise before them.

    It makes features [N, channels, H, W].
    """

    def __init__(self, channels: int, act: str) -> None:
        super().__init__()
        self.act = act
        self.bias = nn.Parameter(torch.zeros(channels))

    def finish(self, x: Tensor) -> Tensor:
        """Add the bias to x and apply the activation; x may be overwritten."""
        return bias_act(x, self.bias.to(x.dtype), self.act, gain=1.0, inplace=True)

    def biased(self, x: Tensor) -> Tensor:
        """Add the bias to x."""
        return x + self.bias.to(x.dtype)[:, None, None]

    def activate(self, x: Tensor) -> Tensor:
        """Apply the activation to x, which may be overwritten."""
        return bias_act(x, None, self.act, gain=1.0, inplace=True)

    def linear(self, x: Tensor) -> Tensor:
        """The layer without bias and activation."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        return self.finish(self.linear(x))


class Conv(Biased):
    """A convolution, with the resolution doubled before it or halved after it:
    [N, in, H, W] -> [N, out, H·2, W·2], [N, out, H, W] or [N, out, H/2, W/2]."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 3,
        *,
        act: str = "linear",
        gain: float = HE,
        resample: int = 0,
    ) -> None:
        """resample: 1 doubles the resolution, -1 halves it."""
        super().__init__(outputs, act)
        self.resample = resample
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.weight_gain = gain / sqrt(inputs * kernel**2)

    def linear(self, x: Tensor) -> Tensor:
        weight = (self.weight * self.weight_gain).to(x.dtype)
        if self.resample > 0:
            return upscaled_convolution(x, weight)
        if self.resample < 0:
            return downscaled_convolution(x, weight)
        return F.conv2d(x, weight, padding=weight.shape[-1] // 2)


class DenseInput(Biased):
    """The first layer: a latent [N, in] becomes features [N, out, 4, 4].

    Its gain is a quarter of the others', by which the published networks learn (PG, Appendix A).
    """

    def __init__(self, inputs: int, outputs: int, act: str = "linear") -> None:
        super().__init__(outputs, act)
        self.weight = nn.Parameter(torch.randn(outputs * 16, inputs))
        self.weight_gain = HE / 4 / sqrt(inputs)

    def linear(self, x: Tensor) -> Tensor:
        return F.linear(x * self.weight_gain, self.weight).reshape(len(x), -1, 4, 4)

    def matrix(self) -> Tensor:
        """W as it acts at run time: [out·16, in]."""
        return self.weight * self.weight_gain


def upscaled_convolution(x: Tensor, weight: Tensor) -> Tensor:
    """x [N, in, H, W] with every pixel doubled, then convolved with 3x3 `weight`, padded by 1.

    As one transposed convolution: a pixel that is repeated twice meets neighbouring taps, whose
    sums are a 4x4 kernel at the low resolution. It is the same with less than half the products.
    """
    return F.conv_transpose2d(x, _paired(weight).flip(2, 3).transpose(0, 1), stride=2, padding=1)


def downscaled_convolution(x: Tensor, weight: Tensor) -> Tensor:
    """x [N, in, H, W] convolved with 3x3 `weight`, padded by 1, then averaged over 2x2 pixels."""
    return F.conv2d(x, _paired(weight) / 4, stride=2, padding=1)


def _paired(weight: Tensor) -> Tensor:
    """weight [out, in, 3, 3] -> sums over its 2x2 neighbours [out, in, 4, 4]."""
    wide = F.pad(weight, (1, 1, 1, 1))
    rows = wide[:, :, 1:] + wide[:, :, :-1]
    return rows[:, :, :, 1:] + rows[:, :, :, :-1]


def upscale(x: Tensor) -> Tensor:
    """Every pixel of x [N, C, H, W] becomes 2x2 equal ones."""
    return F.interpolate(x, scale_factor=2, mode="nearest")


def downscale(x: Tensor) -> Tensor:
    """The means of 2x2 pixels of x [N, C, H, W]."""
    return F.avg_pool2d(x, 2)


def normalize_pixels(x: Tensor) -> Tensor:
    """x [N, C, …] scaled to unit mean square over its channels (PG, Section 4.2)."""
    return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()
