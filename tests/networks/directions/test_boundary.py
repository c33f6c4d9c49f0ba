"""The boundary between two groups of latents."""

from __future__ import annotations

import numpy as np
import pytest

from networks.directions.boundary import separate


def groups(count: int, apart: float, seed: int = 0, dims: int = 64):
    """Two clouds that differ along one axis, far away from the origin."""
    draws = np.random.RandomState(seed)
    middle = draws.randn(dims) * 10
    axis = np.eye(dims)[5]
    a, b = (middle + draws.randn(count, dims) + sign * apart * axis for sign in (1, -1))
    return a, b, axis


def test_the_normal_points_to_the_first_group_and_separates_what_it_has_not_seen():
    a, b, axis = groups(220, 2.0)
    found = separate(a[:20], b[:20])
    normal = found.boundary.normal
    assert np.linalg.norm(normal) == pytest.approx(1)
    assert normal @ axis > 0.7
    assert (found.boundary.sides(a[20:]) > 0).mean() > 0.9
    assert (found.boundary.sides(b[20:]) < 0).mean() > 0.9
    assert found.accuracy > 0.85


def test_the_accuracy_of_groups_that_do_not_differ_is_that_of_chance():
    accuracies = [separate(*groups(20, 0.0, seed)[:2]).accuracy for seed in range(10)]
    assert 0.35 < np.mean(accuracies) < 0.65


def test_groups_of_unequal_size_count_the_same():
    a, b, _ = groups(12, 1.5)
    one, other = separate(a, b).boundary, separate(a, np.tile(b, (3, 1))).boundary
    np.testing.assert_allclose(other.normal, one.normal, atol=1e-9)
    assert other.offset == pytest.approx(one.offset)


def test_two_latents_of_each_are_enough_and_one_is_not():
    a, b, axis = groups(2, 30.0)
    assert separate(a, b).boundary.normal @ axis > 0.9
    with pytest.raises(ValueError, match="2 latents"):
        separate(a[:1], b)


def test_latents_that_are_all_the_same_have_no_boundary():
    same = np.ones((3, 8))
    found = separate(same, same)
    assert np.isfinite(found.boundary.normal).all()


def test_the_same_latents_give_the_same_boundary():
    a, b, _ = groups(20, 1.0)
    one, two = separate(a, b), separate(a, b)
    np.testing.assert_array_equal(one.boundary.normal, two.boundary.normal)
    assert one.accuracy == two.accuracy
