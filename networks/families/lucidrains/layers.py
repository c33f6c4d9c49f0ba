"""What this family's layers do: StyleGAN2's modulation (Karras et al. 2020, "SG2", eq. 1-3), with
bilinear upsampling before a convolution, and leaky rectifiers that do not scale."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from networks.base import NoiseInput, Tap, styled
from networks.families.lucidrains.noise import sample
from ops import bias_act, modulated_conv2d, setup_filter, upfirdn2d

BLUR = (1.0, 2.0, 1.0)
"""The low-pass after each doubling of the picture."""


class Dense(nn.Module):
    """act((W x + b) · lr): [N, in] -> [N, out]."""

    def __init__(
        self, inputs: int, outputs: int, act: str = "linear", lr: float = 1.0, bias: float = 0.0
    ) -> None:
        super().__init__()
        self.act, self.lr = act, lr
        self.weight = nn.Parameter(torch.randn(outputs, inputs) * (2 / inputs) ** 0.5)
        self.bias = nn.Parameter(torch.full([outputs], float(bias)))

    def forward(self, x: Tensor) -> Tensor:
        x = F.linear(x, self.weight * self.lr)
        return bias_act(x, self.bias * self.lr, self.act, gain=1.0)

    def matrix(self) -> Tensor:
        """W as it acts at run time: [out, in]."""
        return self.weight * self.lr


class Mapping(nn.Module):
    """z [N, z_dim] -> w [N, z_dim]: z on the unit sphere, then dense layers.

    w_avg: the mean of w, the centre that truncation moves towards.
    """

    w_avg: Tensor

    def __init__(self, z_dim: int, layers: int, lr: float) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Dense(z_dim, z_dim, "lrelu", lr) for _ in range(layers))
        self.register_buffer("w_avg", torch.zeros(z_dim))

    def forward(self, z: Tensor) -> Tensor:
        x = F.normalize(z.to(self.w_avg.dtype), dim=1)
        for layer in self.layers:
            x = layer(x)
        return x


class StyledConv(nn.Module):
    """Modulated 3x3 convolution, noise scaled for each channel, bias and activation:
    [N, in, H, W], w [N, w_dim] -> [N, out, H, W]."""

    noise_const: Tensor

    def __init__(self, inputs: int, outputs: int, w_dim: int, side: int, noise_side: int) -> None:
        super().__init__()
        self.noise_side = noise_side
        self.affine = Dense(w_dim, inputs, bias=1)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3) / (inputs * 9) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.noise_strength = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("noise_const", torch.randn(side, side))

    def forward(self, x: Tensor, w: Tensor, noise: NoiseInput, name: str, tap: Tap) -> Tensor:
        x = modulated_conv2d(x, self.weight, styled(tap, name, self.affine(w)), padding=1)
        drawn = sample(noise, name, self.noise_const, len(x), self.noise_side)
        if drawn is not None:
            x = x + drawn.to(x.dtype) * self.noise_strength[:, None, None].to(x.dtype)
        return bias_act(x, self.bias.to(x.dtype), "lrelu", gain=1.0)


class ToRGB(nn.Module):
    """Colours of features by a modulated 1x1 convolution, without demodulation and bias."""

    def __init__(self, inputs: int, outputs: int, w_dim: int) -> None:
        super().__init__()
        self.affine = Dense(w_dim, inputs, bias=1)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 1, 1) / inputs**0.5)

    def forward(self, x: Tensor, w: Tensor, name: str, tap: Tap) -> Tensor:
        styles = styled(tap, name, self.affine(w))
        return modulated_conv2d(x, self.weight, styles, demodulate=False)


def doubled(x: Tensor, blurs: bool = False) -> Tensor:
    """x [N, C, H, W] bilinearly to [N, C, 2 H, 2 W].

    blurs: a low-pass follows, beyond whose edges the picture is mirrored.
    """
    x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
    if not blurs:
        return x
    return upfirdn2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), setup_filter(BLUR).to(x.device))
