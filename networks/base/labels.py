"""The labels of conditional networks."""

from __future__ import annotations

from torch import Tensor


def needed_labels(c: Tensor | None, c_dim: int) -> Tensor:
    """The labels [N, c_dim] of a conditional network. Raises ValueError where there are none."""
    if c is None:
        raise ValueError(f"this network is conditional: labels [N, {c_dim}] needed")
    return c
