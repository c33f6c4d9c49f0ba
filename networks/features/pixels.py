"""Pixels themselves, at several scales: needs no weights, and fits every network."""

from __future__ import annotations

from typing import Final

from torch import Tensor

from networks.features.distance import Distance, halved, reduced, weighted

SMALLEST: Final = 8
"""Pixels a side of the smallest copy."""


def load() -> Distance:
    """The mean squared difference of copies of 1, ½, ¼ … of the size, down to 8 pixels a side."""
    return Distance("pixels", _look)


def _look(img: Tensor) -> list[Tensor]:
    copies = [reduced(img)]
    while copies[-1].shape[-1] >= 2 * SMALLEST:
        copies.append(halved(copies[-1]))
    # As a mean over channels it is the same for grey pictures and for coloured ones.
    return weighted(copies, 1 / (len(copies) * img.shape[1]))
