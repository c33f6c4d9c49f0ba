"""The layers of DCGAN (Radford et al. 2016, "DC"): no equalised rates, but batch normalisation."""

from __future__ import annotations

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

WEIGHT_STD: Final = 0.02
"""The standard deviation of weights at the beginning (DC, Section 4)."""
_MOMENTUM: Final = 0.1


class BatchNorm(nn.Module):
    """x [N, C, …] with mean 0 and variance 1 in every channel, scaled and shifted (Ioffe & Szegedy
    2015). In training by the batch, otherwise by the running averages that training kept."""

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.weight = nn.Parameter(1 + torch.randn(channels) * WEIGHT_STD)
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training,
            _MOMENTUM,
            self.epsilon,
        )


def new_weight(*shape: int) -> nn.Parameter:
    """A weight as training begins with."""
    return nn.Parameter(torch.randn(*shape) * WEIGHT_STD)
