"""The order of images: epochs, replicas, and resuming."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data.sampler import InfiniteSampler, permutation

sizes = st.integers(1, 60)
seeds = st.integers(0, 2**64)


def first(count, sampler):
    return list(itertools.islice(sampler, count))


@given(size=sizes, seed=seeds, epoch=st.integers(0, 5))
def test_every_epoch_shows_every_image_once(size, seed, epoch):
    order = first(size, InfiniteSampler(size, seed=seed, start=epoch * size))
    assert sorted(order) == list(range(size))


@given(size=sizes, seed=seeds, start=st.integers(0, 200), count=st.integers(0, 100))
def test_resuming_at_any_image_goes_on_exactly(size, seed, start, count):
    whole = first(start + count, InfiniteSampler(size, seed=seed))
    assert first(count, InfiniteSampler(size, seed=seed, start=start)) == whole[start:]


@given(size=sizes, seed=seeds, replicas=st.integers(1, 5), start=st.integers(0, 99))
def test_replicas_interleave_to_the_order_of_one(size, seed, replicas, start):
    shards = [
        first(40, InfiniteSampler(size, rank=r, replicas=replicas, seed=seed, start=start))
        for r in range(replicas)
    ]
    together = [index for step in zip(*shards, strict=True) for index in step]
    assert together == first(40 * replicas, InfiniteSampler(size, seed=seed, start=start))


def test_epochs_and_seeds_differ_and_every_place_is_likely():
    orders = [permutation(50, seed, epoch) for seed in range(20) for epoch in range(20)]
    assert len({order.tobytes() for order in orders}) == 400
    # Mean place of each image over 400 orders: 24.5, deviation 14.4 / 20 = 0.72.
    means = np.mean(orders, axis=0)
    assert np.abs(means - 24.5).max() < 5 * 0.72


FIXED = [0, 2, 9, 1, 8, 5, 4, 3, 6, 7]


def test_large_seeds_count_to_the_last_bit():
    assert permutation(20, 2**64 - 1, 0).tolist() != permutation(20, 2**64 - 2, 0).tolist()


def test_the_order_is_fixed_for_ever():
    # A run resumes in another year on another machine: these numbers must never change.
    assert permutation(10, 0, 0).tolist() == FIXED
    assert first(10, InfiniteSampler(10, seed=0)) == FIXED


@pytest.mark.parametrize(
    "bad", [{"size": 0}, {"size": 3, "start": -1}, {"size": 3, "rank": 2, "replicas": 2}]
)
def test_arguments_out_of_range(bad):
    with pytest.raises(ValueError, match="out of range"):
        InfiniteSampler(**bad)
