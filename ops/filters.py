"""FIR filters: from taps to tensors, and from a two-dimensional filter to its two factors."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

Matrix = tuple[tuple[float, ...], ...]

_FIRST_LONG: Final = 8
"""So many taps and more are kept as one row."""

_known: MutableMapping[Tensor, tuple[int | None, Taps]] = WeakIdKeyDictionary()


def setup_filter(taps: Sequence[float]) -> Tensor:
    """The low-pass filter for `upfirdn2d` that is `taps` along both axes.

    It is scaled to leave a constant picture as it is. Returns float32 [n, n], or [n] from 8 taps
    on: a long filter is applied along one axis after the other, and files hold it so.
    Raises ValueError for no taps, and for taps that cancel each other out.
    """
    row = torch.tensor(taps, dtype=torch.float32)
    if row.ndim != 1 or not row.any() or not row.sum():
        raise ValueError(f"a low-pass filter is a row of taps with a sum, not {taps}")
    row = row / row.sum()
    return row if len(row) >= _FIRST_LONG else torch.outer(row, row)


def filter_matrix(f: Tensor | None, like: Tensor) -> Tensor:
    """Any filter tensor as a [h, w] matrix with the device and dtype of `like`."""
    if f is None:
        return like.new_ones(1, 1)
    f = f.to(like)
    return torch.outer(f, f) if f.ndim == 1 else f


@dataclass(frozen=True)
class Taps:
    """A filter as numbers.

    matrix: the whole of it, [h][w].
    factors: its column [h] and its row [w] where it has rank one, else None.

    Numbers, not tensors: looking at a filter on a GPU would wait for the GPU at every call.
    """

    matrix: Matrix
    factors: Matrix | None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)"""
        return len(self.matrix[0]), len(self.matrix)

    @property
    def row_and_column(self) -> tuple[Matrix, Matrix] | None:
        """[1][w] and [h][1] to filter with one after the other, where that is less work.

        Two passes move the data twice, which costs as much as some multiplications do.
        """
        w, h = self.size
        if self.factors is None or w * h < 3 * (w + h):
            return None
        column, row = self.factors
        return (row,), tuple((tap,) for tap in column)


IDENTITY = Taps(((1.0,),), None)


def read_taps(f: Tensor | None) -> Taps:
    """The numbers in a filter tensor, remembered until the tensor is written to."""
    if f is None:
        return IDENTITY
    # Tensors made in inference mode do not count their changes.
    version = None if f.is_inference() else f._version
    known = _known.get(f)
    if known is not None and version is not None and known[0] == version:
        return known[1]
    matrix = f.detach().to("cpu", torch.float64)
    if matrix.ndim == 1:
        matrix = torch.outer(matrix, matrix)
    taps = Taps(_numbers(matrix), _factorize(matrix))
    _known[f] = (version, taps)
    return taps


def _factorize(f: Tensor) -> Matrix | None:
    # A matrix of rank one is (row sums)(column sums)ᵀ / total.
    total = f.sum()
    if abs(total) < 1e-6 * f.abs().sum():
        return None
    column, row = f.sum(1) / total, f.sum(0)
    if (torch.outer(column, row) - f).abs().max() > 1e-6 * f.abs().max():
        return None
    return tuple(column.tolist()), tuple(row.tolist())


def _numbers(f: Tensor) -> Matrix:
    return tuple(tuple(row) for row in f.tolist())
