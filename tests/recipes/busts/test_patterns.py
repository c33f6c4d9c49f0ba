"""Veins, bands and clouds, and the materials that have them."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from recipes.busts import palette, patterns

POINTS = np.random.default_rng(0).uniform(-3, 3, (20_000, 3))


def test_noise_is_even_and_smooth():
    one, other = (patterns.noise(POINTS, 1.0, number) for number in (1, 2))
    for values in (one, other):
        assert abs(values.mean()) < 0.05
        assert values.std() == pytest.approx(1, abs=0.05)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.05
    near = patterns.noise(POINTS + 0.01, 1.0, 1)
    far = patterns.noise(POINTS + 0.01, 10.0, 1) - patterns.noise(POINTS, 10.0, 1)
    assert np.abs(near - one).mean() < 0.15
    assert np.abs(far).mean() > 4 * np.abs(near - one).mean()


@pytest.mark.parametrize(
    ("pattern", "least", "most"),
    [(patterns.veins, 0.03, 0.35), (patterns.bands, 0.2, 0.5), (patterns.clouds, 0.25, 0.6)],
)
def test_how_much_of_the_block_a_pattern_takes(pattern, least, most):
    values = pattern(POINTS)
    assert values.min() >= 0
    assert values.max() <= 1
    assert least < (values > 0.5).mean() < most
    assert np.abs(pattern(POINTS + 2.0) - values).mean() > 0.1  # each block has its own


def test_rings_are_as_wide_at_every_height():
    line = np.stack([np.linspace(0, 3, 2000), np.zeros(2000), np.zeros(2000)], axis=1)
    counts = [
        np.count_nonzero(np.diff(patterns.bands(line + np.array([0, 0, height]))) < -0.1)
        for height in (-1, 0, 1)
    ]
    assert max(counts) - min(counts) <= 8
    assert min(counts) > 10


def test_materials_are_mixtures_with_clear_centres():
    rng = np.random.default_rng(0)
    drawn = np.array([astuple(palette.mixed(rng)) for _ in range(2000)])
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    metalness = drawn[:, 6]
    assert (metalness > 0.9).mean() > 0.05
    assert (metalness < 0.1).mean() > 0.4
    assert ((metalness > 0.1) & (metalness < 0.9)).mean() > 0.1  # there is much between them
    worn = np.array([astuple(palette.worn(rng)) for _ in range(2000)])
    # What is worn goes with everything: marbles, white and black, are more of it.
    assert worn[:, 10].mean() > 1.15 * drawn[:, 10].mean()
