"""Directions that nobody has to name first: the axes of w, and what layers listen to most.

PCA of w is GANSpace (Härkönen et al. 2020, Section 3.1). The closed form is SeFa (Shen & Zhou 2021,
Section 3): the unit vectors n that change the styles A·n of layers most, which are the eigenvectors
of AᵀA, where A are the weights of their affine layers, one above the other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from networks.base import Generator
from networks.directions.spread import Array, Spread


class Axes(NamedTuple):
    """Directions, the strongest first.

    vectors: of length 1 and orthogonal to each other, [count, w_dim]; of each, the entry that is
        largest in size is positive, so that its sign does not depend on the machine.
    strength: the share of each in the whole, 0…1: of the variance of w, or of the squared change
        of the styles; [count].
    """

    vectors: Array
    strength: Array


def principal_axes(spread: Spread, count: int) -> Axes:
    """The axes of the covariance of w, at most `count` of them."""
    return _axes(spread.covariance, count)


def style_axes(generator: Generator, rows: range, count: int) -> Axes | None:
    """What the layers driven by `rows` of w listen to most; None where no layer has styles there.

    Of networks without a mapping network that is their first layer, and only z is changed, never
    the label behind it.
    """
    gram = np.zeros((generator.w_dim, generator.w_dim))
    found = False
    for stage in generator.stages:
        for style in stage.style_weights():
            if style.row in rows:
                acting = style.weight * style.gain
                weight = acting.detach().cpu().double().numpy()
                gram += weight.T @ weight
                found = True
    if not found:
        return None
    if generator.w_is_z:
        gram[generator.z_dim :] = 0
        gram[:, generator.z_dim :] = 0
        count = min(count, generator.z_dim)
    return _axes(gram, count)


def with_sign(vectors: Array) -> Array:
    """The vectors [count, w_dim], each turned so that its largest entry in size is positive."""
    at = np.abs(vectors).argmax(1)
    largest = np.take_along_axis(vectors, at[:, None], 1)
    return np.where(largest < 0, -vectors, vectors)


def _axes(symmetric: Array, count: int) -> Axes:
    """The eigenvectors of a symmetric matrix, those of the largest eigenvalues first."""
    values, columns = np.linalg.eigh(symmetric)
    values, vectors = np.maximum(values[::-1], 0.0), columns.T[::-1]
    total = values.sum()
    share = values / total if total > 0 else values
    return Axes(with_sign(vectors[:count]), share[:count])
