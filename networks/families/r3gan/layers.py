"""What both networks of R3GAN are made of (Huang et al. 2024, "R3", Section 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from networks.base import Tap, no_tap
from ops import bias_act, downsample2d, setup_filter, upsample2d

MOST_STAGES: Final = 12
MOST_BLOCKS: Final = 64
BASE: Final = 4
"""Pixels a side where a generator begins, and a discriminator ends."""
_VARIANCE_GAIN: Final = sqrt(2 / (1 + 0.2**2))
"""Keeps the variance through a leaky ReLU of slope 0.2 (He et al. 2015)."""


@dataclass(frozen=True)
class Stages:
    """The layers of each resolution, in the order of the network.

    widths: channels. hidden: channels inside of its blocks. groups: of the convolution there.
    blocks: how many residual blocks. kernel: pixels a side of that convolution, an odd number.
    Raises ValueError for what no network has.
    """

    widths: Sequence[int]
    hidden: Sequence[int]
    groups: Sequence[int]
    blocks: Sequence[int]
    kernel: int

    def __post_init__(self) -> None:
        lists = (self.hidden, self.groups, self.blocks)
        if not 1 <= len(self.widths) <= MOST_STAGES or any(
            len(each) != len(self.widths) for each in lists
        ):
            raise ValueError("every stage has its width, hidden channels, groups and blocks")
        whole = (*self.widths, *self.hidden, *self.groups, *self.blocks, self.kernel)
        if any(type(value) is not int for value in whole):
            raise ValueError("widths, groups and the rest are whole numbers")
        if min(*self.widths, *self.hidden, *self.groups, self.kernel) < 1:
            raise ValueError("widths, hidden channels, groups and the kernel are at least 1")
        if not 0 <= min(self.blocks) <= max(self.blocks) <= MOST_BLOCKS:
            raise ValueError(f"a stage has 0 to {MOST_BLOCKS} blocks")
        if any(h % g for h, g in zip(self.hidden, self.groups, strict=True)):
            raise ValueError("hidden channels are a multiple of their groups")
        if self.kernel % 2 == 0 or self.kernel > 15:
            raise ValueError(f"the kernel is an odd number up to 15, not {self.kernel}")

    def residuals(self, index: int) -> list[Residual]:
        """The blocks of a stage, as training begins."""
        gain = _VARIANCE_GAIN * max(1, sum(self.blocks)) ** -0.25
        width, hidden, groups = self.widths[index], self.hidden[index], self.groups[index]
        return [
            Residual(width, hidden, groups, self.kernel, gain) for _ in range(self.blocks[index])
        ]


class Linear(nn.Module):
    """x [N, in] -> [N, out], without a bias and without an equalised rate.

    gain: of the weight as training begins.
    """

    def __init__(self, inputs: int, outputs: int, gain: float = 1.0) -> None:
        super().__init__()
        self.weight = new_weight(outputs, inputs, gain=gain)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight)


class Conv(nn.Module):
    """x [N, in, R, R] -> [N, out, R, R].

    gain: of the weight as training begins. activated: with a bias and a leaky ReLU, which the gain
    of the weight makes up for.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 1,
        *,
        groups: int = 1,
        gain: float = 1.0,
        activated: bool = False,
    ) -> None:
        super().__init__()
        self.groups = groups
        self.weight = new_weight(outputs, inputs // groups, kernel, kernel, gain=gain)
        self.bias = nn.Parameter(torch.zeros(outputs)) if activated else None

    def forward(self, x: Tensor) -> Tensor:
        padding = self.weight.shape[-1] // 2
        x = F.conv2d(x, self.weight, padding=padding, groups=self.groups)
        if self.bias is None:
            return x
        return bias_act(x, self.bias.to(x.dtype), "lrelu", gain=1, inplace=True)


def new_weight(*shape: int, gain: float = 1.0) -> nn.Parameter:
    """A weight that keeps the variance of independent inputs, times `gain`."""
    fan_in = torch.Size(shape[1:]).numel()
    return nn.Parameter(torch.randn(*shape) * (gain / sqrt(fan_in)))


class Residual(nn.Module):
    """x + f(x), x [N, width, R, R]: to the hidden channels, a grouped convolution, and back.

    There is no normalisation; f is 0 as training begins, and the gain of its other layers falls
    with the number of all blocks (Fixup, Zhang et al. 2019; R3, Section 3.4).
    """

    def __init__(self, width: int, hidden: int, groups: int, kernel: int, gain: float) -> None:
        super().__init__()
        self.conv0 = Conv(width, hidden, gain=gain, activated=True)
        self.conv1 = Conv(hidden, hidden, kernel, groups=groups, gain=gain, activated=True)
        self.conv2 = Conv(hidden, width, gain=0)

    def forward(self, x: Tensor, name: str = "", tap: Tap = no_tap) -> Tensor:
        """name: of the block, below which its layers are tapped."""
        y = tap(f"{name}.conv0", self.conv0(x))
        y = tap(f"{name}.conv1", self.conv1(y))
        return tap(name, x + self.conv2(y))


class Resample(nn.Module):
    """[N, in, R, R] -> [N, out, 2R, 2R] or [N, out, R / 2, R / 2], interpolated bilinearly: the
    low-pass filter is a tent, [1, 3, 3, 1] (R3, Section 3.3).

    taps: of the filter, which files hold as [taps, taps]. Channels are mixed where their number
    changes, on the side of the lower resolution.
    """

    resample_filter: Tensor

    def __init__(self, inputs: int, outputs: int, taps: int, *, up: bool) -> None:
        super().__init__()
        if not 1 <= taps <= 16:
            raise ValueError(f"the filter has 1 to 16 taps, not {taps}")
        self.up = up
        tent = [min(i + 1, taps - i) * 2 - 1 for i in range(taps)]
        row = setup_filter([float(value) for value in tent])
        self.register_buffer("resample_filter", torch.outer(row, row) if row.ndim == 1 else row)
        self.linear = Conv(inputs, outputs) if inputs != outputs else None

    def forward(self, x: Tensor) -> Tensor:
        if not self.up:
            x = downsample2d(x, self.resample_filter)
        if self.linear is not None:
            x = self.linear(x)
        return upsample2d(x, self.resample_filter) if self.up else x
