"""Factors of a picture: functions of seed and index, within their ranges, exact in JSON."""

from __future__ import annotations

from dataclasses import asdict

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipes.busts.drawing import DETAILS, draw
from recipes.busts.factors import Factors

NUMBER = st.integers(0, 2**40)


@given(NUMBER, NUMBER)
def test_a_picture_depends_on_its_seed_and_number_alone(seed, index):
    first = draw(seed, index)
    np.random.seed(index % 2**32)
    draw(seed, index + 1)
    assert draw(seed, index) == first
    assert draw(seed, index + 1) != first
    assert draw(seed + 1, index) != first


@given(NUMBER, NUMBER)
def test_factors_survive_json_to_the_last_bit(seed, index):
    factors = draw(seed, index)
    assert msgspec.json.decode(msgspec.json.encode(factors), type=Factors) == factors


SIGNED = {
    "yaw": 0.75,
    "pitch": 0.25,
    "roll": 0.12,
    "azimuth": 1.15,
    "elevation": 0.95,
    "warmth": 1,
    "hairline": 1,
    "gaze_right": 0.5,
    "gaze_up": 0.25,
    "side": 1,
}
"""Largest sizes of the factors that may be negative."""


def test_every_factor_varies_within_its_range():
    drawn = [numbers(asdict(draw(3, index))) for index in range(400)]
    for name in drawn[0]:
        values = np.array([one[name] for one in drawn])
        *_, group, last = ("", *name.split("."))
        limit = 1 if group == "details" else SIGNED.get(last)
        low, high = (0, 1) if limit is None else (-limit, limit)
        assert values.min() >= low, name
        assert values.max() <= high, name
        assert values.std() > 0.02, name
        if group == "details":
            assert 0.7 * DETAILS[last] < values.std() < 1.2 * DETAILS[last], name


def numbers(tree, name=""):
    """The numbers in a nest of dictionaries and tuples, by the names that lead to them."""
    if isinstance(tree, dict):
        return {k: v for key in tree for k, v in numbers(tree[key], f"{name}.{key}").items()}
    if isinstance(tree, tuple):
        return numbers(dict(enumerate(tree)), name)
    return {name: tree}


def test_ancestry_sums_to_one_and_no_direction_is_preferred():
    drawn = [draw(0, index) for index in range(600)]
    sums = [f.head.african + f.head.asian + f.head.caucasian for f in drawn]
    assert np.allclose(sums, 1)
    assert abs(np.mean([f.pose.yaw for f in drawn])) < 0.06
    assert abs(np.mean([f.light.azimuth for f in drawn])) < 0.1


def test_the_first_picture_of_seed_0_stays_what_it_is():
    # Published pictures name their seed: a change of any draw would make them something else.
    first = draw(0, 0)
    assert first.head.gender == pytest.approx(0.9999247566265514)
    assert first.backdrop.brightness == pytest.approx(0.5076920758377798)
