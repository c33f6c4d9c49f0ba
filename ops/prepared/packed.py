"""A convolution whose weight lies in memory as the kernel reads it.

Libraries bring a weight into an order of their own before they convolve. Where pictures are small
that takes longer than the convolution, so here it is done once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor


class PackedConv:
    """x [1, I, H, W] -> [1, O, H', W'] by a weight [O, I, kh, kw] that stays as it is.

    It correlates, as torch.nn.functional.conv2d does.
    size: bytes of the packed weight.
    """

    def __init__(self, weight: Tensor, like: tuple[int, int], padding: tuple[int, int]) -> None:
        """Pack a weight.

        weight: in the number format to compute in.
        like: height and width of the pictures that it will mostly be used for.
        padding: zeros above and below, and to the left and right.
        """
        self._padding = padding
        self._by_one_dnn = _packs(weight.dtype)
        self.size = weight.numel() * weight.element_size()
        if self._by_one_dnn:
            self._weight = _pack(weight.contiguous(), padding, (1, weight.shape[1], *like))
        else:
            self._weight = weight.contiguous(memory_format=torch.channels_last)

    def __call__(self, x: Tensor) -> Tensor:
        """x: with channels innermost; so is the result."""
        if not self._by_one_dnn:
            return F.conv2d(x, self._weight, padding=self._padding)
        return _convolve(x, self._weight, self._padding)


def _pack(weight: Tensor, padding: tuple[int, int], shape: tuple[int, ...]) -> Tensor:
    """weight: [O, I, kh, kw] for oneDNN. shape: of the pictures that it will be used for."""
    reorder: Callable[..., Any] = torch._C._nn.mkldnn_reorder_conv2d_weight
    packed: Tensor = reorder(weight.to_mkldnn(), padding, (1, 1), (1, 1), 1, shape)
    return packed


def _convolve(x: Tensor, packed: Tensor, padding: tuple[int, int]) -> Tensor:
    y: Tensor = torch.ops.mkldnn._convolution_pointwise(
        x, packed, None, padding, (1, 1), (1, 1), 1, "none", [], ""
    )
    return y


@cache
def _packs(dtype: torch.dtype) -> bool:
    """Say whether this build of torch packs weights, which it promises to nobody."""
    x = torch.ones(1, 1, 3, 3, dtype=dtype)
    try:
        y = _convolve(x, _pack(x, (0, 0), (1, 1, 3, 3)), (0, 0))
    except (AttributeError, RuntimeError, TypeError):
        return False
    return bool(y.item() == 9)
