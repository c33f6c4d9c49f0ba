"""Between the z of two seeds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import UserError
from renderer.messages.options import EngineOptions
from renderer.messages.request import Arc, RenderRequest, Seed
from renderer.pipeline.latents.arc import on_arc
from renderer.pipeline.pipeline import Pipeline
from tests.paths import DATA

PLAIN = str(DATA / "sg2-uncond-32.pkl")


def z(seed):
    return np.random.RandomState(seed).randn(16)


@given(st.integers(0, 50), st.integers(51, 99), st.floats(0, 1))
def test_it_is_the_formula_of_spherical_interpolation(first, second, t):
    a, b = z(first), z(second)
    ua, ub = a / np.linalg.norm(a), b / np.linalg.norm(b)
    angle = np.arccos(ua @ ub)
    unit = (np.sin((1 - t) * angle) * ua + np.sin(t * angle) * ub) / np.sin(angle)
    length = (1 - t) * np.linalg.norm(a) + t * np.linalg.norm(b)
    assert np.allclose(on_arc(a, b, Arc(first, second, t)), length * unit)


def test_whole_turns_lead_back_and_half_ones_to_the_other_side():
    a, b = z(1), z(2)
    assert np.allclose(on_arc(a, b, Arc(1, 2, 0.0, 1.0)), a)
    assert np.allclose(on_arc(a, b, Arc(1, 2, 0.0, 0.5)), -a)


def test_one_seed_alone_makes_no_circle():
    assert np.allclose(on_arc(z(1), z(1), Arc(1, 1, 0.3, 0.2)), z(1))


def test_the_ends_are_the_pictures_of_the_seeds():
    pipeline = Pipeline(EngineOptions(device="cpu", threads=1))
    for arc, seed in ((Arc(3, 4, 0.0), 3), (Arc(3, 4, 1.0), 4)):
        own = pipeline.render(RenderRequest(PLAIN, Seed(seed))).pixels
        assert (pipeline.render(RenderRequest(PLAIN, arc)).pixels == own).all()
    for bad in (Arc(3, 4, float("nan")), Arc(-1, 4, 0.5), Arc(3, 2**32, 0.5)):
        with pytest.raises(UserError):
            pipeline.render(RenderRequest(PLAIN, bad))
