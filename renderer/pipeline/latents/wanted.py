"""What is looked for in a file of numbers. Free of torch."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", bound=np.generic)


class Wanted(NamedTuple):
    """What is looked for in a file of numbers.

    title: what errors call it.
    keys: what it is called in files with several arrays, in the order in which they are looked for.
    columns: those of the keys whose array has one of them in each column, [w_dim, n].
    """

    title: str
    keys: tuple[str, ...]
    columns: tuple[str, ...] = ()


def in_rows(columns: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """What lies in the columns of [w_dim, n] as [n, 1, w_dim]; others are returned as they are."""
    return columns.T[:, None] if columns.ndim == 2 else columns
