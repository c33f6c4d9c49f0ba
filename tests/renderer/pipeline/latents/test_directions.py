"""Moving w along directions: what it means, and that it costs no more than it has to."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from msgspec import structs

from common.errors import UserError
from networks.families.dcgan.generator import DCGANGenerator
from renderer.messages.options import EngineOptions
from renderer.messages.request import (
    Average,
    Direction,
    MixSource,
    RenderRequest,
    Seed,
    Share,
    Truncation,
)
from renderer.pictures.metadata import read_request, write_png
from renderer.pipeline.pipeline import Pipeline
from tests.toy_generator import ToySnapshot, open_toy, write_toy

ROWS, WIDTH = 7, 4
A = np.array([0.5, -1.0, 2.0, 0.25], np.float32)
B = np.array([1.0, 1.0, 0.0, 0.0], np.float32)


@pytest.fixture
def pipeline():
    return Pipeline(EngineOptions(device="cpu", threads=1), open_toy)


@pytest.fixture
def plain(tmp_path):
    return RenderRequest(write_toy(tmp_path / "a.toy"), Seed(7))


def along(vector, amount=1.0, **facts):
    return Direction(np.asarray(vector, "<f4").tobytes(), amount, **facts)


def moved(request, *directions):
    return structs.replace(request, directions=directions)


def step(pipeline, request, *directions):
    """What directions add to w: [num_ws, w_dim]."""
    return pipeline.latent(moved(request, *directions))[0] - pipeline.latent(request)[0]


def test_w_is_moved_by_the_amount_of_each_direction_in_every_row(pipeline, plain):
    found = step(pipeline, plain, along(A, 1.5), along(B, -2.0))
    np.testing.assert_allclose(found, np.tile(1.5 * A - 2 * B, (ROWS, 1)), atol=1e-6)


def test_it_comes_after_mixing_and_truncation(pipeline, plain):
    mixed = structs.replace(
        plain, truncation=Truncation(0.3), mix=(MixSource(Seed(9), (0.5,) * ROWS),)
    )
    np.testing.assert_allclose(step(pipeline, mixed, along(A))[0], A, atol=1e-6)
    average = structs.replace(plain, truncation=Truncation(0.0))
    np.testing.assert_allclose(step(pipeline, average, along(A))[3], A, atol=1e-6)


def test_only_the_chosen_rows_move_and_only_what_follows_is_computed(pipeline, plain):
    found = step(pipeline, plain, along(A, first=4, last=5))
    np.testing.assert_array_equal(found[[0, 1, 2, 3, 6]], 0)
    np.testing.assert_allclose(found[4:6], [A, A], atol=1e-6)
    pipeline.render(plain)
    drawn = pipeline.render(moved(plain, along(A, first=5)))
    assert (drawn.info.reused_stages, drawn.info.total_stages) == (2, 3)
    fresh = Pipeline(EngineOptions(device="cpu", threads=1), open_toy)
    again = fresh.render(moved(plain, along(A, first=5)))
    np.testing.assert_array_equal(drawn.pixels, again.pixels)
    assert not np.array_equal(drawn.pixels, pipeline.render(plain).pixels)


def test_no_amount_is_no_change_to_the_last_bit(pipeline, plain):
    before = pipeline.render(plain)
    after = pipeline.render(moved(plain, along(A, 0.0), along(B, 0.0, orthogonal=True)))
    np.testing.assert_array_equal(after.pixels, before.pixels)
    assert after.info.reused_stages == after.info.total_stages


def test_a_direction_may_have_a_vector_for_each_row(pipeline, plain):
    vectors = np.arange(ROWS * WIDTH, dtype=np.float32).reshape(ROWS, WIDTH)
    found = step(pipeline, plain, along(vectors, 0.5, first=1))
    np.testing.assert_allclose(found[1:], vectors[1:] / 2, atol=1e-5)
    np.testing.assert_array_equal(found[0], 0)


def test_an_orthogonal_one_leaves_what_the_others_change(pipeline, plain):
    held = along(B, 0.0)
    found = step(pipeline, plain, along(A, 2.0, orthogonal=True), held)
    unit = B / np.linalg.norm(B)
    np.testing.assert_allclose(found[0], 2 * (A - (A @ unit) * unit), atol=1e-6)
    both = step(pipeline, plain, along(A, 2.0, orthogonal=True), structs.replace(held, amount=1.0))
    np.testing.assert_allclose(both - B, found, atol=1e-6)


def test_it_is_orthogonal_to_several_that_are_not_orthogonal_to_each_other(pipeline, plain):
    c = np.array([0, 1, 1, 0], np.float32)
    others = along(B, 0.0), along(c, 0.0), along(B + c, 0.0)
    found = step(pipeline, plain, along(A, orthogonal=True), *others)[0]
    np.testing.assert_allclose(found @ np.stack([B, c]).T, 0, atol=1e-6)
    assert np.linalg.norm(found) > 0.1


def test_it_is_orthogonal_in_the_rows_that_the_others_move(pipeline, plain):
    found = step(pipeline, plain, along(A, orthogonal=True), along(B, 0.0, first=2, last=3))
    np.testing.assert_allclose(found[[0, 1, 4, 5, 6]], np.tile(A, (5, 1)), atol=1e-6)
    np.testing.assert_allclose(found[2:4] @ B, 0, atol=1e-6)


def test_nothing_is_left_of_one_that_is_the_same_as_another(pipeline, plain):
    found = step(pipeline, plain, along(A, 3.0, orthogonal=True), along(-2 * A, 0.0))
    np.testing.assert_array_equal(found, 0)


def test_one_of_another_network_has_no_effect(pipeline, plain):
    other = along(np.ones(5), 3.0), along(np.ones((6, WIDTH)), 3.0), Direction(b"abc", 1.0)
    np.testing.assert_array_equal(step(pipeline, plain, *other), 0)
    np.testing.assert_array_equal(
        step(pipeline, plain, along(A, orthogonal=True), *other), step(pipeline, plain, along(A))
    )


@pytest.mark.parametrize(
    "direction", [along(A, float("nan")), along([1, 2, np.inf, 0]), along(A, float("inf"))]
)
def test_what_is_not_finite_is_an_error_that_names_it(pipeline, plain, direction):
    with pytest.raises(UserError, match=r"The direction yaw.* out of range"):
        pipeline.render(moved(plain, structs.replace(direction, name="yaw")))


def test_what_is_averaged_has_moved_before(pipeline, plain):
    parts = Share(Seed(1), directions=(along(A, 2.0),)), Share(Seed(2))
    mean = pipeline.latent(structs.replace(plain, source=Average(parts)))
    unmoved = Average((Share(Seed(1)), Share(Seed(2))))
    still = pipeline.latent(structs.replace(plain, source=unmoved))
    np.testing.assert_allclose((mean - still)[0, 0], A, atol=1e-6)


def test_where_w_is_z_its_length_stays():
    network = DCGANGenerator(z_dim=9, channels=(4, 3, 3, 3, 3)).eval()
    options = EngineOptions(device="cpu", threads=1)
    pipeline = Pipeline(options, lambda path, progress, cancelled: ToySnapshot(network))
    request = RenderRequest("tiny", Seed(7))
    w = pipeline.latent(request)[0, 0]
    turned = pipeline.latent(moved(request, along(np.eye(len(w))[0] * 5)))[0, 0]
    assert np.linalg.norm(turned) == pytest.approx(np.linalg.norm(w), rel=1e-5)
    assert turned[0] > w[0] + 0.5


def test_a_png_brings_it_back_without_any_file(pipeline, plain, tmp_path):
    request = moved(plain, along(A, 1.5, first=1, last=4, orthogonal=True, name="yaw"), along(B))
    picture = pipeline.render(request).pixels
    write_png(tmp_path / "a.png", picture, request)
    assert read_request(tmp_path / "a.png") == request
    np.testing.assert_array_equal(pipeline.render(read_request(tmp_path / "a.png")).pixels, picture)


def test_a_vector_of_512_numbers_takes_less_than_three_thousand_characters():
    assert len(msgspec.json.encode(along(np.random.RandomState(0).randn(512)))) < 3000
