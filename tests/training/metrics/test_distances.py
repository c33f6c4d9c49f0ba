"""Distances between sets of features, against closed forms and sums written out."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from training.metrics import distances
from training.metrics.moments import Moments, Sums


def draws(seed: int, n: int, d: int) -> torch.Tensor:
    return torch.from_numpy(np.random.RandomState(seed).randn(n, d)).float()


def gaussian(mean, cov) -> Moments:
    return Moments(100, torch.tensor(mean).double(), torch.tensor(cov).double())


def test_moments_are_those_of_numpy_however_they_come():
    x = draws(0, 500, 7) @ draws(1, 7, 7) + 30
    sums = Sums(7)
    for part in x.split(33):
        sums.add(part)
    found = sums.moments()
    assert found.count == 500
    np.testing.assert_allclose(found.mean, x.double().numpy().mean(0), rtol=1e-12)
    np.testing.assert_allclose(found.cov, np.cov(x.double().numpy().T), rtol=1e-9, atol=1e-9)
    with pytest.raises(ValueError, match="1 rows"):
        Moments.of(x[:1])


def test_frechet_of_axis_aligned_gaussians():
    """|Δμ|² + Σ (σa − σb)²."""
    a = gaussian([1.0, 2, 3], np.diag([4.0, 9, 1]))
    b = gaussian([0.0, 2, 5], np.diag([1.0, 9, 25]))
    assert distances.frechet(a, b) == pytest.approx(1 + 4 + 1 + 0 + 16, rel=1e-12)
    assert distances.frechet(a, a) == pytest.approx(0, abs=1e-9)


def test_frechet_of_covariances_that_do_not_commute():
    """For 2×2 matrices tr (AB)^½ = √(tr AB + 2 √det AB), from the eigenvalues of AB."""
    A = np.array([[2.0, 1.2], [1.2, 1.0]])
    B = np.array([[0.5, -0.4], [-0.4, 3.0]])
    root = math.sqrt(np.trace(A @ B) + 2 * math.sqrt(np.linalg.det(A @ B)))
    expected = 0.25 + np.trace(A) + np.trace(B) - 2 * root
    a, b = gaussian([0.5, 0], A), gaussian([0.0, 0], B)
    assert distances.frechet(a, b) == pytest.approx(expected, rel=1e-12)
    assert distances.frechet(b, a) == pytest.approx(expected, rel=1e-12)


def test_frechet_of_fewer_pictures_than_features():
    """The trace of the root is then the sum of the singular values of Xᵀ-centred products."""
    x, y = draws(0, 20, 50) + 0.3, draws(1, 30, 50) * 1.5
    X, Y = ((f - f.mean(0)).double().numpy() / math.sqrt(len(f) - 1) for f in (x, y))
    cross = np.linalg.svd(X @ Y.T, compute_uv=False).sum()
    mean = float((x.double().mean(0) - y.double().mean(0)).square().sum())
    expected = mean + (X**2).sum() + (Y**2).sum() - 2 * cross
    assert distances.frechet(Moments.of(x), Moments.of(y)) == pytest.approx(expected, rel=1e-7)


def test_features_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match="3 numbers"):
        distances.frechet(gaussian([0.0, 0], np.eye(2)), gaussian([0.0, 0, 0], np.eye(3)))


def test_kernel_distance_is_the_sum_over_pairs(monkeypatch):
    monkeypatch.setattr(distances, "_ROWS", 5)  # blocks that do not divide the sets
    x, y = draws(0, 12, 3), draws(1, 9, 3) + 0.5

    def k(a, b):
        return (float(a.double() @ b.double()) / 3 + 1) ** 3

    xx = [k(a, b) for i, a in enumerate(x) for j, b in enumerate(x) if i != j]
    yy = [k(a, b) for i, a in enumerate(y) for j, b in enumerate(y) if i != j]
    xy = [k(a, b) for a in x for b in y]
    expected = np.mean(xx) + np.mean(yy) - 2 * np.mean(xy)
    assert distances.kernel(x, y) == pytest.approx(expected, rel=1e-5)
    assert distances.kernel_of_subsets(x[:9], y, subsets=3) == pytest.approx(
        distances.kernel(x[:9], y), rel=1e-5
    )


def test_kernel_distance_of_gaussians():
    """X of N(0, 1), Y of N(m, 1): from the moments m, m² + 1 and m³ + 3m of Y."""
    m = 0.7
    of_y = (m**3 + 3 * m) ** 2 + 3 * (m**2 + 1) ** 2 + 3 * m**2 + 1
    expected = 4 + of_y - 2 * (3 * (m**2 + 1) + 1)
    x, y = draws(0, 8000, 1), draws(1, 8000, 1) + m
    assert distances.kernel(x, y) == pytest.approx(expected, rel=0.1)
    assert distances.kernel_of_subsets(x, y) == pytest.approx(expected, rel=0.1)


def test_kernel_distance_has_no_bias():
    """Of one distribution it scatters about zero, where a sum with its diagonal would not."""
    found = [distances.kernel(draws(i, 20, 4), draws(i + 1000, 20, 4)) for i in range(300)]
    assert abs(np.mean(found)) < 4 * np.std(found) / math.sqrt(len(found))
    assert min(found) < 0


def test_precision_and_recall_of_points_on_a_line():
    real = torch.arange(10.0)[:, None]  # with k = 1 each reaches 1 to either side
    fake = torch.tensor([[0.5], [9.9], [20.0], [11.0]])
    # 11 is 2 from 9; the balls of the fakes reach 9.4, 1.1, 9 and 1.1.
    precision, recall = distances.precision_recall(real, fake, k=1)
    assert precision == 0.5
    assert recall == 1.0
    precision, recall = distances.precision_recall(real, real[:5] + 0.1, k=1)
    assert precision == 1.0
    assert recall == 0.6  # 0 to 5: the balls about 0.1 … 4.1 reach 1 further


def test_precision_and_recall_against_all_pairs(monkeypatch):
    monkeypatch.setattr(distances, "_ROWS", 17)
    real, fake = draws(0, 60, 3), draws(1, 50, 3) * 0.7 + 0.4

    def within(x, manifold):
        x, manifold = x.double().numpy(), manifold.double().numpy()
        radii = [sorted(np.linalg.norm(manifold - p, axis=1))[3] for p in manifold]
        inside = [
            any(np.linalg.norm(q - p) <= r for p, r in zip(manifold, radii, strict=True)) for q in x
        ]
        return np.mean(inside)

    assert distances.precision_recall(real, fake) == pytest.approx(
        (within(fake, real), within(real, fake))
    )


def test_inception_score_from_one_to_the_number_of_classes():
    sure = torch.eye(8).repeat(40, 1) * 1e3  # every class as often, each without doubt
    assert distances.inception_score(sure, parts=4) == pytest.approx((8, 0))
    assert distances.inception_score(torch.ones(80, 8)) == pytest.approx((1, 0))
    same = torch.eye(8)[:1].repeat(80, 1) * 1e3
    assert distances.inception_score(same) == pytest.approx((1, 0))


def test_inception_score_written_out():
    logits = draws(0, 100, 5) * 2
    p = np.exp(logits.double().numpy())
    p /= p.sum(1, keepdims=True)
    scores = []
    for part in np.split(p, 10):
        q = part.mean(0)
        scores.append(math.exp(np.mean((part * np.log(part / q)).sum(1))))
    found = distances.inception_score(logits)
    assert found == pytest.approx((np.mean(scores), np.std(scores)), rel=1e-9)
