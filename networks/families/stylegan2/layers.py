"""Layers that StyleGAN2's generator and discriminator share (Karras et al. 2020)."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from networks.base import needed_labels
from ops import ACTIVATIONS, bias_act, conv2d_resample, setup_filter


class Dense(nn.Module):
    """act(W x + b): [N, in] -> [N, out].

    Equalised learning rate: weights are stored with unit variance (divided by the learning-rate
    multiplier) and scaled at run time (Progressive GAN, Section 4.1).
    """

    def __init__(
        self, inputs: int, outputs: int, act: str = "linear", lr: float = 1.0, bias: float = 0.0
    ) -> None:
        super().__init__()
        self.act = act
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / lr)
        self.bias = nn.Parameter(torch.full([outputs], float(bias)))
        self.weight_gain = lr / sqrt(inputs)
        self.bias_gain = lr

    def forward(self, x: Tensor) -> Tensor:
        x = F.linear(x * self.weight_gain, self.weight)
        return bias_act(x, self.bias * self.bias_gain, self.act, inplace=True)

    def matrix(self) -> Tensor:
        """W as it acts at run time: [out, in]."""
        return self.weight * self.weight_gain


class Conv(nn.Module):
    """An unmodulated convolution with resampling, equalised learning rate, bias, activation:
    [N, in, H, W] -> [N, out, H·up / down, W·up / down]."""

    resample_filter: Tensor

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        *,
        act: str = "linear",
        bias: bool = True,
        up: int = 1,
        down: int = 1,
        resample_filter: Sequence[float] = (1, 3, 3, 1),
        clamp: float | None = None,
    ) -> None:
        super().__init__()
        self.act, self.up, self.down, self.clamp = act, up, down, clamp
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.weight_gain = 1 / sqrt(inputs * kernel**2)
        self.register_buffer("resample_filter", setup_filter(resample_filter))

    def forward(self, x: Tensor, gain: float = 1.0) -> Tensor:
        """gain: of the whole layer, clamp included."""
        x = conv2d_resample(
            x,
            (self.weight * self.weight_gain).to(x.dtype),
            self.resample_filter,
            up=self.up,
            down=self.down,
            padding=self.weight.shape[-1] // 2,
            flip_weight=self.up == 1,
        )
        bias = None if self.bias is None else self.bias.to(x.dtype)
        gain_ = ACTIVATIONS[self.act].gain * gain
        return bias_act(x, bias, self.act, gain=gain_, clamp=scaled(self.clamp, gain), inplace=True)


def scaled(clamp: float | None, gain: float) -> float | None:
    return None if clamp is None else clamp * gain


def normalize(x: Tensor) -> Tensor:
    """x [N, C] scaled to unit mean square (Progressive GAN, Section 4.2)."""
    return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()


class Mapping(nn.Module):
    """z [N, z_dim], c [N, c_dim] -> w [N, w_dim] (StyleGAN, Section 2; labels: StyleGAN2-ADA,
    Appendix D).

    z_dim 0 maps labels alone, as the discriminator does. w_avg_beta None keeps no average.
    label_concat: labels are embedded without a bias to the length of z and normalised with it, as
    before StyleGAN2-ADA. embed: makes embed_features numbers of labels; None: a dense layer.
    """

    w_avg: Tensor

    def __init__(
        self,
        z_dim: int,
        c_dim: int,
        w_dim: int,
        *,
        layers: int = 8,
        embed_features: int | None = None,
        layer_features: int | None = None,
        act: str = "lrelu",
        lr: float = 0.01,
        w_avg_beta: float | None = 0.995,
        label_concat: bool = False,
        embed: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.c_dim, self.w_avg_beta = c_dim, w_avg_beta
        width = (embed_features or w_dim) if c_dim else 0
        self.embed: nn.Module | nn.Parameter
        if c_dim and label_concat:
            width = z_dim
            self.embed = nn.Parameter(torch.randn(c_dim, z_dim))
        elif c_dim:
            self.embed = embed or Dense(c_dim, width)
        widths = [z_dim + width, *[layer_features or w_dim] * (layers - 1), w_dim]
        self.depth = layers
        for i in range(layers):
            self.add_module(f"fc{i}", Dense(widths[i], widths[i + 1], act, lr))
        if w_avg_beta is not None:
            self.register_buffer("w_avg", torch.zeros(w_dim))

    def forward(self, z: Tensor | None, c: Tensor | None = None) -> Tensor:
        x = self._normalized(z, c, next(self.parameters()).dtype)
        for i in range(self.depth):
            x = self.get_submodule(f"fc{i}")(x)
        return x

    def _normalized(self, z: Tensor | None, c: Tensor | None, dtype: torch.dtype) -> Tensor:
        parts = [] if z is None else [z.to(dtype)]
        if not self.c_dim:
            return normalize(torch.cat(parts, 1))
        labels = needed_labels(c, self.c_dim).to(dtype)
        if isinstance(self.embed, nn.Parameter):
            return normalize(torch.cat([*parts, labels @ self.embed], 1))
        return torch.cat([normalize(part) for part in (*parts, self.embed(labels))], 1)

    @torch.no_grad()
    def update_w_avg(self, w: Tensor) -> None:
        """Move w_avg towards the mean of w [N, w_dim], as training does with every batch."""
        assert self.w_avg_beta is not None
        self.w_avg.copy_(w.detach().mean(0).lerp(self.w_avg, self.w_avg_beta))
