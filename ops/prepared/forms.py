"""Ways to convolve with a weight that was prepared: each is a class here, found by its name.

All take x [1, I, H, W] and give what `_conv2d_resample` of ops.convolution gives for the same
weight, up to rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import torch
from torch import Tensor

from ops.filters import read_taps
from ops.prepared.packed import PackedConv
from ops.upfirdn import Padding, add_padding, resample


@dataclass(frozen=True)
class Use:
    """What a weight is used for.

    height, width: of the input.
    up: the factor by which the picture is upsampled, 1 or 2.
    padding: of the upsampled picture, the filter's included.
    flip_weight: True correlates, False convolves.
    """

    height: int
    width: int
    up: int
    padding: Padding
    flip_weight: bool


class Form(Protocol):
    """A weight that was prepared for one use."""

    size: int
    """Bytes that it keeps."""

    def __init__(self, weight: Tensor, use: Use) -> None:
        """weight: [O, I, 3, 3] in the number format to compute in."""

    def __call__(self, x: Tensor, f: Tensor | None) -> Tensor:
        """x: [1, I, H, W] in that format, channels innermost. f: the filter that upsamples."""

    @staticmethod
    def suits(use: Use, dtype: torch.dtype) -> bool:
        """Whether it can do that, as exactly as `dtype` allows."""


def _correlating(weight: Tensor, use: Use) -> Tensor:
    """The weight [O, I, 3, 3] that correlates where this one is used as `use` says."""
    return weight if use.flip_weight else weight.flip((2, 3))


class Packed:
    """The plain convolution, by a weight in the kernel's own order."""

    def __init__(self, weight: Tensor, use: Use) -> None:
        around = use.padding[0]
        self._conv = PackedConv(
            _correlating(weight, use), (use.height, use.width), (around, around)
        )
        self.size = self._conv.size

    def __call__(self, x: Tensor, f: Tensor | None) -> Tensor:
        return self._conv(x)

    @staticmethod
    def suits(use: Use, dtype: torch.dtype) -> bool:
        return use.up == 1 and len(set(use.padding)) == 1 and use.padding[0] >= 0


class Phases:
    """Upsampling by 2: the even and odd rows and columns by themselves, then the filter.

    Between every two samples there is a zero, so that only one or two of three taps meet anything:
    four small convolutions of the picture as it is.
    """

    def __init__(self, weight: Tensor, use: Use) -> None:
        self._padding, self._outputs = use.padding, len(weight)
        weight = _correlating(weight, use)
        self._parts = [
            (y, x, PackedConv(weight[:, :, y::2, x::2], (use.height, use.width), (1 - y, 1 - x)))
            for y in (0, 1)
            for x in (0, 1)
        ]
        self.size = sum(conv.size for _, _, conv in self._parts)

    def __call__(self, x: Tensor, f: Tensor | None) -> Tensor:
        h, w = x.shape[2:]
        spread = x.new_empty(1, 2 * h + 1, 2 * w + 1, self._outputs).permute(0, 3, 1, 2)
        for row, column, conv in self._parts:
            spread[:, :, row::2, column::2] = conv(x)
        # The transposed convolution reaches two samples further on each side than the definition.
        padding = add_padding(self._padding, (-2, -1, -2, -1))
        return resample(spread, read_taps(f), padding=padding, gain=4)

    @staticmethod
    def suits(use: Use, dtype: torch.dtype) -> bool:
        return use.up == 2


_MINIMAL: Final = {
    "input": (
        (4, 0, -5, 0, 1, 0),
        (0, -4, -4, 1, 1, 0),
        (0, 4, -4, -1, 1, 0),
        (0, -2, -1, 2, 1, 0),
        (0, 2, -1, -2, 1, 0),
        (0, 4, 0, -5, 0, 1),
    ),
    "weight": (
        (1 / 4, 0, 0),
        (-1 / 6, -1 / 6, -1 / 6),
        (-1 / 6, 1 / 6, -1 / 6),
        (1 / 24, 1 / 12, 1 / 6),
        (1 / 24, -1 / 12, 1 / 6),
        (0, 0, 1),
    ),
    "output": (
        (1, 1, 1, 1, 1, 0),
        (0, 1, -1, 2, -2, 0),
        (0, 1, 1, 4, 4, 0),
        (0, 1, -1, 8, -8, 1),
    ),
}
_CACHED: Final = 3 << 20
"""Bytes of transformed rows at a time, which a cache holds."""


class Minimal:
    """Half the multiplications: minimal filtering F(4, 3) along columns (Winograd 1980; Lavin and
    Gray 2016, Section 4.1).

    Six combinations of six rows are convolved along rows, three taps each, and combined to four
    rows of the result. Along both axes it would be a quarter of the multiplications, but the
    combining then takes longer than what it saves, except with very many channels.
    """

    def __init__(self, weight: Tensor, use: Use) -> None:
        self._around = use.padding[0]
        self._before, kernel, self._after = (
            torch.tensor(_MINIMAL[name], dtype=weight.dtype)
            for name in ("input", "weight", "output")
        )
        parts = torch.einsum("ty,oiyx->toix", kernel, _correlating(weight, use))
        row = 6 * use.width * weight.shape[1] * weight.element_size()
        self._rows = max(1, _CACHED // row)
        like = (min(self._rows, -(-use.height // 4)), use.width)
        self._parts = [PackedConv(part[:, :, None], like, (0, self._around)) for part in parts]
        self.size = sum(part.size for part in self._parts)

    def __call__(self, x: Tensor, f: Tensor | None) -> Tensor:
        _, c, h, w = x.shape
        around = self._around
        out_h, out_w = h + 2 * around - 2, w + 2 * around - 2
        count = -(-out_h // 4)
        padded = x.new_zeros(4 * count + 2, w, c)
        padded[around : around + h] = x[0].permute(1, 2, 0)
        y: Tensor | None = None
        for first in range(0, count, self._rows):
            n = min(self._rows, count - first)
            rows = padded.as_strided((n, 6, w * c), (4 * w * c, w * c, 1), first * 4 * w * c)
            mixed = torch.matmul(self._before, rows).view(n, 6, w, c)
            parts = [
                conv(
                    mixed[:, i].permute(2, 0, 1)[None].contiguous(memory_format=torch.channels_last)
                )
                for i, conv in enumerate(self._parts)
            ]
            done = torch.stack([part.permute(0, 2, 3, 1).reshape(n, -1) for part in parts], 1)
            if y is None:
                y = x.new_empty(count, 4, done.shape[2])
            torch.bmm(self._after.expand(n, -1, -1), done, out=y[first : first + n])
        assert y is not None
        return y.view(1, 4 * count, out_w, -1).permute(0, 3, 1, 2)[:, :, :out_h]

    @staticmethod
    def suits(use: Use, dtype: torch.dtype) -> bool:
        # The sums of rows have larger rounding errors than the rows: six times as large in bfloat16
        # as those of the plain convolution, which is too much there.
        return dtype == torch.float32 and Packed.suits(use, dtype)


FORMS: Final[Mapping[str, type[Form]]] = {"packed": Packed, "phases": Phases, "minimal": Minimal}
"""By the names that the table of measurements knows them by. `plain` is none of them: the
definition, which makes a weight for every latent."""
