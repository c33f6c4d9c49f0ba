"""How a share of a knob becomes the value of a control."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from viz.session.assignment import Assignment, Curve, glided, shaped, with_source

SHARES = st.floats(0, 1)
CURVES = st.sampled_from(["linear", "exponential", "logarithmic"])


@given(CURVES, SHARES, SHARES)
def test_every_curve_rises_from_low_to_high(curve: Curve, a: float, b: float) -> None:
    knob = Assignment("k", "t", -3.0, 5.0, curve)
    assert shaped(knob, 0) == -3.0
    assert shaped(knob, 1) == pytest.approx(5.0)
    low, high = sorted((a, b))
    assert shaped(knob, low) <= shaped(knob, high) + 1e-9


@given(SHARES)
def test_logarithmic_is_the_inverse_of_exponential(share: float) -> None:
    there = shaped(Assignment("k", "t", curve="exponential"), share)
    assert shaped(Assignment("k", "t", curve="logarithmic"), there) == pytest.approx(share)


def test_exponential_is_fine_at_the_low_end() -> None:
    assert shaped(Assignment("k", "t", curve="exponential"), 0.5) < 0.2
    assert shaped(Assignment("k", "t", curve="logarithmic"), 0.5) > 0.8


def test_inverted_runs_the_other_way_and_beyond_the_ends_is_held() -> None:
    knob = Assignment("k", "t", 0.0, 10.0, invert=True)
    assert [shaped(knob, share) for share in (-4.0, 0.25, 9.0)] == [10.0, 7.5, 0.0]


@given(st.lists(st.floats(0.001, 0.5), min_size=1, max_size=20))
def test_gliding_does_not_depend_on_the_frames(steps: list[float]) -> None:
    value = 0.0
    for seconds in steps:
        value = glided(value, 1.0, seconds, 0.3)
    assert value == pytest.approx(glided(0.0, 1.0, sum(steps), 0.3))
    assert value == pytest.approx(1 - math.exp(-sum(steps) / 0.3))


def test_another_knob_takes_over_the_range_of_the_first() -> None:
    first = Assignment("midi 1 cc 7", "truncation/psi", -1.0, 2.0)
    edited = structs.replace(first, low=0.5, curve="exponential", enabled=False)
    fresh = structs.replace(first, source="osc /x")
    after = with_source((edited,), "osc /x", fresh)
    assert after == (structs.replace(edited, source="osc /x", enabled=True),)
    other = Assignment("osc /x", "noise/strength", 0.0, 4.0)
    assert with_source(after, "osc /x", other) == (*after, other)
