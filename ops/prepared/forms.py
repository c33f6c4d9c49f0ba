"""Ways to convolve with a weight that was prepared: each is a class here, found by its name.

All take x [1, I, H, W] and give what `_conv2d_resample` of ops.convolution gives for the same
weight, up to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, Protocol, TypeAlias

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ops.filters import read_taps
from ops.prepared.packed import PackedConv
from ops.upfirdn import Padding, add_padding, resample

Map: TypeAlias = Callable[[Tensor], Tensor]
"""From a picture, channels innermost, to another."""


@dataclass(frozen=True)
class Use:
    """What a weight is used for.

    height, width: of the input.
    up: the factor by which the picture is upsampled, 1 or 2.
    padding: of the upsampled picture, the filter's included.
    flip_weight: True correlates, False convolves.
    gradient: whether the gradient goes back to the input; never to the weight.
    """

    height: int
    width: int
    up: int
    padding: Padding
    flip_weight: bool
    gradient: bool = False


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


def _transposed(weight: Tensor) -> Tensor:
    """The weight [I, O, kh, kw] whose correlation is the transpose of that of [O, I, kh, kw]."""
    return weight.transpose(0, 1).flip((2, 3))


def _transposed_use(use: Use) -> Use:
    """What `_transposed(_correlating(weight, use))` is used for, without upsampling."""
    around = use.padding[0]
    height, width = use.height + 2 * around - 2, use.width + 2 * around - 2
    return Use(height, width, 1, (2 - around,) * 4, True)


class _Linear(torch.autograd.Function):
    """A linear map that is given together with its transpose, which is its gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, there: Map, back: Map) -> Tensor:
        ctx.back = back
        return there(x)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        return ctx.back(grad.contiguous(memory_format=torch.channels_last)), None, None


def _apply(x: Tensor, there: Map, back: Map | None) -> Tensor:
    """there(x). back: its transpose, where a gradient may have to go through it."""
    if back is None or not torch.is_grad_enabled():
        return there(x)
    y: Tensor = _Linear.apply(x, there, back)  # type: ignore[no-untyped-call]
    return y


class Packed:
    """The plain convolution, by a weight in the kernel's own order."""

    def __init__(self, weight: Tensor, use: Use) -> None:
        self._conv = self._prepare(_correlating(weight, use), use)
        self.size = self._conv.size
        self._back = None
        if use.gradient:
            self._back = self._prepare(_transposed(_correlating(weight, use)), _transposed_use(use))
            self.size += self._back.size

    def __call__(self, x: Tensor, f: Tensor | None) -> Tensor:
        return _apply(x, self._conv, self._back)

    @staticmethod
    def suits(use: Use, dtype: torch.dtype) -> bool:
        around = use.padding[0]
        most = 2 if use.gradient else around
        return use.up == 1 and len(set(use.padding)) == 1 and 0 <= around <= most

    @staticmethod
    def _prepare(weight: Tensor, use: Use) -> PackedConv:
        return PackedConv(weight, (use.height, use.width), (use.padding[0],) * 2)


class Phases:
    """Upsampling by 2: the even and odd rows and columns by themselves, then the filter.

    Between every two samples there is a zero, so that only one or two of three taps meet anything:
    four small convolutions of the picture as it is.
    """

    def __init__(self, weight: Tensor, use: Use) -> None:
        self._padding, self._outputs = use.padding, len(weight)
        weight, like = _correlating(weight, use), (use.height, use.width)
        self._parts = {
            (y, x): PackedConv(weight[:, :, y::2, x::2], like, (1 - y, 1 - x))
            for y, x in product((0, 1), (0, 1))
        }
        self._back_parts = {
            (y, x): PackedConv(_transposed(weight[:, :, y::2, x::2]), like, (0, 0))
            for y, x in self._parts
            if use.gradient
        }
        parts = (*self._parts.values(), *self._back_parts.values())
        self.size = sum(conv.size for conv in parts)

    def __call__(self, x: Tensor, f: Tensor | None) -> Tensor:
        spread = _apply(x, self._spread, self._gather if self._back_parts else None)
        # The transposed convolution reaches two samples further on each side than the definition.
        padding = add_padding(self._padding, (-2, -1, -2, -1))
        return resample(spread, read_taps(f), padding=padding, gain=4)

    def _spread(self, x: Tensor) -> Tensor:
        h, w = x.shape[2:]
        spread = x.new_empty(1, 2 * h + 1, 2 * w + 1, self._outputs).permute(0, 3, 1, 2)
        for (row, column), conv in self._parts.items():
            spread[:, :, row::2, column::2] = conv(x)
        return spread

    def _gather(self, spread: Tensor) -> Tensor:
        return torch.stack(
            [
                conv(spread[:, :, y::2, x::2].contiguous(memory_format=torch.channels_last))
                for (y, x), conv in self._back_parts.items()
            ]
        ).sum(0)

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
        self.size: int = sum(part.size for part in self._parts)
        self._back = None
        if use.gradient:
            self._back = Minimal(_transposed(_correlating(weight, use)), _transposed_use(use))
            self.size += self._back.size

    def __call__(self, x: Tensor, f: Tensor | None) -> Tensor:
        return _apply(x, self._convolve, None if self._back is None else self._back._convolve)

    def _convolve(self, x: Tensor) -> Tensor:
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
