"""Channels that show the same things are grouped, however bright they are."""

from __future__ import annotations

import numpy as np
import pytest

from renderer.pictures.clusters import cluster

GRID = np.mgrid[0:12, 0:12] / 12.0


def maps(kinds: list[int], *, noise: float = 0.2, samples: int = 6) -> np.ndarray:
    """Channels of four kinds, each a spot at a place that every sample moves a little."""
    rng = np.random.RandomState(0)
    places = np.array([(0.2, 0.2), (0.2, 0.8), (0.8, 0.2), (0.8, 0.8)])
    out = np.empty((samples, len(kinds), 12, 12))
    for sample in range(samples):
        moved = places + rng.randn(4, 2) * 0.05
        for channel, kind in enumerate(kinds):
            away = np.square(GRID - moved[kind][:, None, None]).sum(0)
            spot = np.exp(-away / 0.02) * rng.uniform(0.5, 50) * rng.choice([-1, 1])
            scale = np.abs(spot).max()
            out[sample, channel] = spot + scale * noise * rng.randn(12, 12) + 30 * rng.randn()
    return out


def test_groups_are_those_that_were_made() -> None:
    kinds = [0, 1, 2, 3, 0, 1, 2, 0, 0, 1]
    groups = cluster(maps(kinds), 4)
    assert groups == [(0, 4, 7, 8), (1, 5, 9), (2, 6), (3,)]


def test_every_channel_is_in_one_group_and_the_same_call_gives_the_same() -> None:
    rng = np.random.RandomState(1)
    shown = rng.randn(3, 50, 5, 7)
    groups = cluster(shown, 8)
    assert sorted(channel for group in groups for channel in group) == list(range(50))
    assert [len(group) for group in groups] == sorted((len(g) for g in groups), reverse=True)
    assert cluster(shown, 8) == groups


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_few_channels_and_empty_ones_are_grouped_too(channels) -> None:
    shown = np.zeros((4, channels, 6, 6))
    assert cluster(shown, 8) == [tuple(range(channels))]
    shown[:, 0] = maps([0], samples=4)[:, 0, :6, :6]
    assert len(cluster(shown, 8)) == min(channels, 2)
    one_pixel = np.ones((4, channels, 1, 1))
    assert cluster(one_pixel, 3) == [tuple(range(channels))]
