"""Bending: every operation equals its plain definition, and a request is bent where it says."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from renderer.messages.bending import (
    FACTS,
    OPERATIONS,
    Bend,
    Operation,
    chosen_channels,
    heard,
)
from renderer.messages.options import EngineOptions
from renderer.messages.request import ChannelEdit, LayerView, RenderRequest, Seed
from renderer.pictures.metadata import read_request, write_png
from renderer.pipeline.pipeline import Pipeline
from renderer.pipeline.synthesis.bending import bent
from tests.paths import DATA

SNAPSHOT = str(DATA / "sg2-uncond-32.pkl")
PLAIN = RenderRequest(SNAPSHOT, Seed(2))
X = np.random.RandomState(0).randn(2, 3, 7, 9)


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline(EngineOptions(device="cpu", threads=1))


def done(operation: Operation, amount: float, **more) -> np.ndarray:
    return bent(torch.from_numpy(X), Bend("", operation, amount, **more)).numpy()


def around(radius: int, choose) -> np.ndarray:
    """A number chosen from the pixels at most `radius` away, by going through all of them."""
    out = np.empty_like(X)
    for y in range(7):
        for x in range(9):
            rows = slice(max(y - radius, 0), y + radius + 1)
            columns = slice(max(x - radius, 0), x + radius + 1)
            out[..., y, x] = choose(X[..., rows, columns], (2, 3))
    return out


def gaussian(sigma: float) -> np.ndarray:
    reach = math.ceil(3 * sigma)
    out = np.zeros_like(X)
    total = 0.0
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            weight = math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma))
            rows = np.clip(np.arange(7) + dy, 0, 6)
            columns = np.clip(np.arange(9) + dx, 0, 8)
            out += weight * X[..., rows, :][..., columns]
            total += weight
    return out / total


PEAK = np.abs(X).max((2, 3), keepdims=True)
DEFINITIONS: dict[tuple[Operation, float], np.ndarray] = {
    ("scale", -0.5): -0.5 * X,
    ("ablate", 0.25): 0.75 * X,
    ("add", 0.5): X + 0.5,
    ("invert", 1): -X,
    ("invert", 0.5): 0 * X,
    ("clamp", 0.75): np.clip(X, -PEAK / 4, PEAK / 4),
    ("threshold", 0.5): np.where(np.abs(X) < PEAK / 2, 0, X),
    ("power", 2): X * np.abs(X),
    ("sine", 0.5): X + 0.5 * np.sin(np.pi * X),
    ("blur", 1.3): gaussian(1.3),
    ("sharpen", 2): 3 * X - 2 * gaussian(1.0),
    ("dilate", 1): around(1, np.max),
    ("dilate", 2.2): around(2, np.max),
    ("erode", 1): around(1, np.min),
    ("mirror", 1): X[..., ::-1],
    ("mirror", 0.25): 0.75 * X + 0.25 * X[..., ::-1],
    ("rotate", 180): X[..., ::-1, ::-1],
}


@pytest.mark.parametrize(("operation", "amount"), DEFINITIONS)
def test_an_operation_equals_its_definition(operation, amount) -> None:
    expected = DEFINITIONS[operation, amount]
    np.testing.assert_allclose(done(operation, amount), expected, atol=1e-6)


def test_places_are_moved_as_they_say() -> None:
    right = done("translate", 2 / 9)
    np.testing.assert_allclose(right[..., 2:], X[..., :-2], atol=1e-6)
    np.testing.assert_allclose(right[..., :2], X[..., 1::-1], atol=1e-6)  # mirrored
    down = done("translate", 0, down=3 / 7)
    np.testing.assert_allclose(down[..., 3:, :], X[..., :-3, :], atol=1e-6)
    square = torch.from_numpy(X[..., :7])
    turned = bent(square, Bend("", "rotate", 90)).numpy()
    np.testing.assert_allclose(turned, np.rot90(X[..., :7], axes=(2, 3)), atol=1e-6)
    larger = done("zoom", 3)
    np.testing.assert_allclose(larger[..., 3, 4], X[..., 3, 4], atol=1e-6)
    np.testing.assert_allclose(larger[..., 3, 7], X[..., 3, 5], atol=1e-6)


def test_a_turn_of_what_is_not_square_keeps_its_shapes() -> None:
    """A quarter turn of a wide picture brings what is right of the middle above it."""
    turned = done("rotate", 90)
    np.testing.assert_allclose(turned[..., 3 - 2, 4], X[..., 3, 4 + 2], atol=1e-6)


def test_noise_is_fixed_by_its_seed_and_its_channel() -> None:
    noise = done("noise", 2, seed=5) - X
    assert abs(noise.std() - 2) < 0.3
    np.testing.assert_allclose(noise[0], noise[1], atol=1e-12)
    np.testing.assert_array_equal(done("noise", 2, seed=5) - X, noise)
    some = done("noise", 2, seed=5, channels=(1,)) - X
    np.testing.assert_array_equal(some[:, 1], noise[:, 1])
    assert not some[:, [0, 2]].any()
    assert np.abs(done("noise", 2, seed=6) - X - noise).max() > 0.1


@given(
    channels=st.none() | st.lists(st.integers(-2, 12), max_size=9).map(tuple),
    share=st.floats(0, 1),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_share_of_channels_holds_every_smaller_one(channels, share, seed) -> None:
    bend = Bend("", channels=channels, share=share, seed=seed)
    among = set(range(10)) if channels is None else {c for c in channels if 0 <= c < 10}
    chosen = chosen_channels(bend, 10)
    assert list(chosen) == sorted(set(chosen))
    assert set(chosen) <= among
    assert len(chosen) == round(share * len(among))
    assert set(chosen_channels(structs.replace(bend, share=share / 2), 10)) <= set(chosen)
    assert set(chosen_channels(structs.replace(bend, share=1.0), 10)) == among


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_changes_nothing_changes_no_bit(pipeline, operation) -> None:
    plain = pipeline.render(PLAIN).pixels
    layer, facts = "b16.conv1", FACTS[operation]
    bend = Bend(layer, operation, facts.start)

    def same(*bends: Bend) -> bool:
        drawn = pipeline.render(structs.replace(PLAIN, bends=bends)).pixels
        return np.array_equal(drawn, plain)

    assert not same(bend)
    assert same(structs.replace(bend, amount=facts.identity))
    assert same(structs.replace(bend, enabled=False))
    assert same(structs.replace(bend, share=0.0))
    assert same(structs.replace(bend, channels=()))
    assert same(structs.replace(bend, channels=(512, -1)))
    assert same(structs.replace(bend, layer="b1024.conv1"))


def test_bends_follow_edits_and_each_other_and_solo_silences_the_rest(pipeline) -> None:
    layer = "b16.conv1"
    view = LayerView(layer, "channel", 3, normalize=False)
    add, twice = Bend(layer, "add", 1.0, channels=(3,)), Bend(layer, "scale", 2.0, channels=(3,))

    def drawn(*bends: Bend) -> int:
        edits = (ChannelEdit(layer, 3, 0.0),)
        request = structs.replace(PLAIN, edits=edits, bends=bends, view=view)
        pixels = pipeline.render(request).pixels[..., 0]
        assert pixels.min() == pixels.max()
        return int(pixels[0, 0])

    silent = drawn()
    assert drawn(add) > silent
    assert drawn(twice) == silent
    assert drawn(twice, add) == drawn(add)
    assert drawn(structs.replace(add, amount=0.25), twice) == drawn(
        structs.replace(add, amount=0.5)
    )
    assert drawn(structs.replace(add, solo=True), twice) == drawn(add)
    assert heard((add, twice, structs.replace(add, solo=True, enabled=False))) == (add, twice)


def test_only_what_comes_after_a_bend_is_drawn_again(pipeline) -> None:
    pipeline.render(PLAIN)
    bend = Bend("b32.conv0", "blur", 1.0)
    late = pipeline.render(structs.replace(PLAIN, bends=(bend,))).info
    assert late.reused_stages == late.total_stages - 1
    again = pipeline.render(structs.replace(PLAIN, bends=(bend, Bend("b8.conv0")))).info
    assert again.reused_stages == again.total_stages, "a bend that does nothing names nothing anew"
    early = structs.replace(PLAIN, bends=(structs.replace(bend, layer="b8.conv0"),))
    assert pipeline.render(early).info.reused_stages == 1


def test_a_png_brings_its_bends_back(pipeline, tmp_path) -> None:
    bends = (
        Bend("b16.conv1", "translate", 0.25, down=-0.1, channels=(1, 4, 7), share=0.5, seed=9),
        Bend("b8.conv0", "noise", 1.5, seed=3, solo=True),
        Bend("b8.conv1", "mirror", 0.5, enabled=False),
    )
    request = structs.replace(PLAIN, bends=bends)
    picture = pipeline.render(request)
    path = tmp_path / "bent.png"
    write_png(path, picture.pixels, request)
    assert read_request(path) == request
    assert np.array_equal(pipeline.render(read_request(path)).pixels, picture.pixels)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_type_of_features_stays(operation, dtype) -> None:
    x = torch.from_numpy(X).to(dtype)
    for amount in (FACTS[operation].low, FACTS[operation].start, FACTS[operation].high):
        y = bent(x, Bend("", operation, amount, down=0.2))
        assert y.dtype == dtype
        assert y.shape == x.shape
        assert y.isfinite().all()
    assert bent(x[..., :1, :1], Bend("", operation, FACTS[operation].start)).isfinite().all()
