"""A request's transform moves the picture, and only where a network does that."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from renderer.messages.options import EngineOptions
from renderer.messages.request import ChannelEdit, LayerView, RenderRequest, Seed, Transform
from renderer.pictures.metadata import read_request, write_png
from renderer.pipeline.pipeline import Pipeline
from tests.paths import DATA

MOVES, STAYS = str(DATA / "sg3-t-odd-32.pkl"), str(DATA / "sg2-uncond-32.pkl")
OPTIONS = EngineOptions(device="cpu", threads=1)


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline(OPTIONS)


def draw(pipeline: Pipeline, transform: Transform, snapshot: str = MOVES) -> np.ndarray:
    return pipeline.render(RenderRequest(snapshot, Seed(2), transform=transform)).pixels


def test_a_shift_moves_pixels_right_and_down(pipeline: Pipeline) -> None:
    plain = draw(pipeline, Transform()).astype(int)
    for transform, old, new in (
        (Transform(x=0.25), plain[8:24, 4:20], (slice(8, 24), slice(12, 28))),
        (Transform(y=0.25), plain[4:20, 8:24], (slice(12, 28), slice(8, 24))),
    ):
        moved = draw(pipeline, transform).astype(int)
        assert np.abs(moved - plain).max() > 8
        # All but the same: a few levels are what a network of random weights aliases.
        assert np.abs(moved[new] - old).mean() < 1.5


def test_a_turn_is_against_the_clock(pipeline: Pipeline) -> None:
    """A radial network, turned by a quarter, draws what the turned picture shows."""
    path = str(DATA / "sg3-r-cond-32.pkl")
    plain = draw(pipeline, Transform(), path).astype(int)[..., :3]
    turned = draw(pipeline, Transform(rotate=90), path).astype(int)[..., :3]
    right = np.abs(turned - np.rot90(plain))[8:24, 8:24].mean()
    wrong = np.abs(turned - np.rot90(plain, -1))[8:24, 8:24].mean()
    assert right < 1.5
    assert wrong > 2 * right


def test_what_is_not_moved_is_drawn_to_the_last_bit(pipeline: Pipeline) -> None:
    reference = np.load(DATA / "sg3-t-odd-32.npz")
    image = reference["images_f32"][0, 0]
    levels = (image * 127.5 + 128).clip(0, 255).astype(np.uint8).transpose(1, 2, 0)
    seed = int(reference["seeds"][0])
    drawn = pipeline.render(RenderRequest(MOVES, Seed(seed))).pixels[..., :3]
    assert np.abs(drawn.astype(int) - levels).max() <= 1
    assert np.array_equal(draw(pipeline, Transform(0.5), STAYS), draw(pipeline, Transform(), STAYS))


def test_nothing_that_was_kept_is_shown_for_another_transform(pipeline: Pipeline) -> None:
    first, second = Transform(0.1), Transform(0.1, rotate=3.0)
    fresh = Pipeline(OPTIONS, reuse_bytes=0)
    for transform in (first, second, Transform(), first):
        assert np.array_equal(draw(pipeline, transform), draw(fresh, transform))


def test_layers_move_with_the_picture_and_edits_act_on_them(pipeline: Pipeline) -> None:
    request = RenderRequest(MOVES, Seed(1), transform=Transform(0.25))
    infos = pipeline.load(MOVES).layers
    assert [info.rate for info in infos] == [8, 8, 16, 16, 32, 32, 32, 32]
    assert infos[2].cutoff == pytest.approx(2.408, abs=1e-3)
    layers = [info.name for info in infos]
    assert layers == [
        "input",
        *(
            f"L{i}_{r}"
            for i, r in enumerate(("16_16", "24_13", "24_8", "40_5", "40_3", "32_2", "32_3"))
        ),
    ]
    for layer in layers:
        for mode in ("rgb", "atlas", "channel"):
            view = LayerView(layer, mode)
            moved = pipeline.render(structs.replace(request, view=view)).pixels
            still = pipeline.render(
                structs.replace(request, view=view, transform=Transform())
            ).pixels
            assert moved.shape == still.shape
            assert not np.array_equal(moved, still)
        edited = structs.replace(request, edits=(ChannelEdit(layer, 0, 3.0),))
        assert not np.array_equal(pipeline.render(edited).pixels, pipeline.render(request).pixels)


def test_a_png_gives_it_back(pipeline: Pipeline, tmp_path: Path) -> None:
    request = RenderRequest(MOVES, Seed(1), transform=Transform(0.125, -0.5, math.pi, 0.75))
    write_png(tmp_path / "x.png", pipeline.render(request).pixels, request)
    assert read_request(tmp_path / "x.png") == request
