"""Moving w along directions, in float64 on the CPU: the same on every device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from common.errors import UserError
from renderer.messages.directions import LARGEST, check_amount
from renderer.messages.request import Direction

_NOTHING_LEFT: Final = 1e-6
"""The share of a vector below which what is left of it is only rounding."""

Rows: TypeAlias = npt.NDArray[np.float64]
"""A vector for each row of w: [num_ws, w_dim]."""


def movement(directions: Sequence[Direction], num_ws: int, w_dim: int) -> Rows | None:
    """What is added to w [num_ws, w_dim]; None where that is nothing.

    Directions that do not fit this w are left out. Raises UserError for amounts and numbers that
    are out of range.
    """
    if all(direction.amount == 0 for direction in directions):
        return None
    rows = [(direction, _rows(direction, num_ws, w_dim)) for direction in directions]
    fitting = [(direction, vectors) for direction, vectors in rows if vectors is not None]
    total = np.zeros((num_ws, w_dim))
    for place, (direction, vectors) in enumerate(fitting):
        if direction.amount == 0:
            continue
        if direction.orthogonal:
            others = [v for other, (_, v) in enumerate(fitting) if other != place]
            vectors = _without(vectors, others)
        total += direction.amount * vectors
    return total if total.any() else None


def _rows(direction: Direction, num_ws: int, w_dim: int) -> Rows | None:
    """The vector of each row, 0 where the row is not moved; None where it does not fit w."""
    count, rest = divmod(len(direction.vector), 4 * w_dim)
    if rest or count not in (1, num_ws):
        return None
    values = np.frombuffer(direction.vector, "<f4").astype(np.float64).reshape(count, w_dim)
    name = f"The direction {direction.name}" if direction.name else "A direction"
    check_amount(direction.amount, name)
    if not (np.abs(values) <= LARGEST).all():
        raise UserError(
            f"{name} is out of range.", f"Its numbers go from {-LARGEST:g} to {LARGEST:g}."
        )
    last = num_ws - 1 if direction.last is None else direction.last
    row = np.arange(num_ws)[:, None]
    return np.where((direction.first <= row) & (row <= last), values, 0.0)


def _without(vectors: Rows, others: Sequence[Rows]) -> Rows:
    """The vectors without their part in the span of the others, row by row."""
    left = vectors.copy()
    for row, vector in enumerate(vectors):
        beside = [other[row] for other in others if other[row].any()]
        if not beside or not vector.any():
            continue
        unit = np.stack([v / np.linalg.norm(v) for v in beside])
        _, size, basis = np.linalg.svd(unit, full_matrices=False)
        basis = basis[size > _NOTHING_LEFT]
        rest = vector - (basis @ vector) @ basis
        nothing = np.linalg.norm(rest) < _NOTHING_LEFT * np.linalg.norm(vector)
        left[row] = 0.0 if nothing else rest
    return left
