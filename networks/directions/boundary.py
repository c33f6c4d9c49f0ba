"""The boundary between two groups of latents, and how well it tells them apart.

As InterFaceGAN (Shen et al. 2020, Section 2.1) the direction is the unit normal of the plane that
separates them. Where InterFaceGAN has tens of thousands of latents, a user marks a few dozen in
hundreds of dimensions: so the plane is found by logistic regression that is held back strongly,
and its accuracy is told of latents that it was not found with.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from networks.directions.spread import Array

LEAST: Final = 2
"""Latents that each group must have."""
_FOLDS: Final = 10
_STEPS: Final = 50
_HELD_BACK: Final = 1.0
"""The weight of |n|² beside the mean loss of a latent, where w is scaled to a mean square of 1."""


class Boundary(NamedTuple):
    """A plane n·w + b = 0.

    normal: n, of length 1, towards the first group: [w_dim].
    offset: b.
    """

    normal: Array
    offset: float

    def sides(self, w: Array) -> Array:
        """How far w [N, w_dim] is from the plane, positive on the side of the first group: [N]."""
        return np.asarray(w @ self.normal + self.offset)


class Separation(NamedTuple):
    """A boundary, and what it is worth.

    boundary: found with all latents.
    accuracy: the share of latents on their side of a boundary that was found without them, where
        each group counts the same; 0.5 is chance.
    """

    boundary: Boundary
    accuracy: float


def separate(a: Array, b: Array, seed: int = 0) -> Separation:
    """The boundary between two groups of latents, [N, w_dim] and [M, w_dim].

    The accuracy is by cross-validation: ten times a tenth of each group is left out, or one latent
    after the other where they are fewer. seed: of the tenths.
    Raises ValueError where a group has fewer than `LEAST`.
    """
    if min(len(a), len(b)) < LEAST:
        raise ValueError(f"a boundary takes {LEAST} latents of each group")
    draws = np.random.RandomState(seed)
    folds = [draws.permutation(len(group)) % min(_FOLDS, len(group)) for group in (a, b)]
    right = [np.zeros(len(a), bool), np.zeros(len(b), bool)]
    for fold in range(max(each.max() for each in folds) + 1):
        left = [each == fold for each in folds]
        found = _fit(a[~left[0]], b[~left[1]])
        right[0][left[0]] = found.sides(a[left[0]]) > 0
        right[1][left[1]] = found.sides(b[left[1]]) < 0
    return Separation(_fit(a, b), float(right[0].mean() + right[1].mean()) / 2)


def _fit(a: Array, b: Array) -> Boundary:
    """Logistic regression with a penalty on n, where each group weighs the same.

    Newton's method on a convex function, in the span of the latents: n is a sum of them, and they
    are fewer than w has dimensions.
    """
    w = np.concatenate([a, b])
    middle = (a.mean(0) + b.mean(0)) / 2
    away = w - middle
    squares = np.square(away).mean(1)
    scale = np.sqrt((squares[: len(a)].mean() + squares[len(a) :].mean()) / 2) or 1.0
    # Coordinates in which the latents span everything: at most as many as there are latents.
    _, size, basis = np.linalg.svd(away / scale, full_matrices=False)
    basis = basis[size > size[0] * 1e-10] if size[0] > 0 else basis[:1]
    x = np.concatenate([away / scale @ basis.T, np.ones((len(w), 1))], 1)
    sign = np.concatenate([np.ones(len(a)), -np.ones(len(b))])
    weight = np.where(sign > 0, 0.5 / len(a), 0.5 / len(b))
    penalty = np.full(x.shape[1], _HELD_BACK)
    penalty[-1] = 1e-6  # where the plane lies is free
    found = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        wrong = 1 / (1 + np.exp(np.clip(sign * (x @ found), -50, 50)))
        slope = -(x * (weight * sign * wrong)[:, None]).sum(0) + penalty * found
        bend = (x * (weight * wrong * (1 - wrong))[:, None]).T @ x + np.diag(penalty)
        step = np.linalg.solve(bend, slope)
        found = found - step
        if np.abs(step).max() < 1e-12:
            break
    normal = found[:-1] @ basis
    length = float(np.linalg.norm(normal))
    if length == 0:
        return Boundary(normal, 0.0)
    normal = normal / length
    return Boundary(normal, float(found[-1] * scale / length - normal @ middle))
