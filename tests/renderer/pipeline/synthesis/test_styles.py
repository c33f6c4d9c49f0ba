"""Styles of layers that a request changes: exactly those, at the cost of what follows them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from msgspec import structs

from common.errors import UserError
from networks.base import NoiseInput, Scene, StyleTap, Tap, no_tap
from networks.dragging.features import FeatureMap
from networks.families.stylegan2.generator import StyleGAN2Generator
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest, Seed, StyleShift
from renderer.pictures.metadata import read_request, write_png
from renderer.pipeline.pipeline import Pipeline
from tests.paths import DATA

SNAPSHOT = str(DATA / "sg2-uncond-32.pkl")
PLAIN = RenderRequest(SNAPSHOT, Seed(2))
SHIFT = StyleShift("b16.conv1", 3, 4.0, 0.5)


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline(EngineOptions(device="cpu", threads=1))


def drawn(pipeline: Pipeline, *styles: StyleShift) -> np.ndarray:
    return pipeline.render(structs.replace(PLAIN, styles=styles)).pixels


def test_a_style_is_changed_by_its_amount_in_standard_deviations(pipeline) -> None:
    changed = drawn(pipeline, SHIFT)
    assert not np.array_equal(changed, drawn(pipeline))
    as_much = structs.replace(SHIFT, amount=2.0, sigma=1.0, name="lips")
    np.testing.assert_array_equal(drawn(pipeline, as_much), changed)
    halves = structs.replace(SHIFT, amount=2.0)
    np.testing.assert_array_equal(drawn(pipeline, halves, halves), changed)


@pytest.mark.parametrize(
    "change",
    [{"amount": 0.0}, {"sigma": 0.0}, {"layer": "b16.const"}, {"channel": 512}, {"channel": -1}],
)
def test_what_changes_nothing_changes_no_bit(pipeline, change) -> None:
    before = drawn(pipeline)
    request = structs.replace(PLAIN, styles=(structs.replace(SHIFT, **change),))
    after = pipeline.render(request)
    np.testing.assert_array_equal(after.pixels, before)
    assert after.info.reused_stages == after.info.total_stages


def test_two_that_take_each_other_back_change_no_bit(pipeline) -> None:
    back = structs.replace(SHIFT, amount=-4.0)
    np.testing.assert_array_equal(drawn(pipeline, SHIFT, back), drawn(pipeline))


def test_only_what_comes_after_a_changed_style_is_drawn_again(pipeline) -> None:
    drawn(pipeline)
    late = structs.replace(PLAIN, styles=(structs.replace(SHIFT, layer="b32.torgb"),))
    info = pipeline.render(late).info
    assert info.reused_stages == info.total_stages - 1
    again = Pipeline(EngineOptions(device="cpu", threads=1)).render(late).pixels
    np.testing.assert_array_equal(pipeline.render(late).pixels, again)
    early = structs.replace(PLAIN, styles=(structs.replace(SHIFT, layer="b8.conv0"),))
    assert pipeline.render(early).info.reused_stages == 1


@pytest.mark.parametrize("change", [{"amount": float("nan")}, {"amount": 1e30}, {"sigma": 1e300}])
def test_what_is_not_finite_is_an_error_that_names_it(pipeline, change) -> None:
    with pytest.raises(UserError, match=r"Style 3 of b16\.conv1: the .* is out of range"):
        drawn(pipeline, structs.replace(SHIFT, **change))


def test_a_png_brings_its_styles_back(pipeline, tmp_path) -> None:
    request = structs.replace(PLAIN, styles=(SHIFT, StyleShift("b8.torgb", 0, -1.0, name="red")))
    pixels = pipeline.render(request).pixels
    write_png(tmp_path / "a.png", pixels, request)
    assert read_request(tmp_path / "a.png") == request
    np.testing.assert_array_equal(pipeline.render(request).pixels, pixels)


def test_the_window_knows_how_many_styles_a_layer_has(pipeline) -> None:
    styles = {layer.name: layer.styles for layer in pipeline.load(SNAPSHOT).layers}
    assert styles["b4.const"] == styles["b8.image"] == 0
    assert styles["b8.conv0"] > 3
    assert styles["b32.torgb"] > 3


def test_the_features_that_are_dragged_are_those_of_the_changed_styles() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = StyleGAN2Generator(8, 0, 8, 16, mapping_layers=2, channel_base=64).eval()
    (layer,) = (each for each in network.layers if each.name == "b8.conv1")
    ws = torch.randn(1, network.num_ws, 8, generator=torch.Generator().manual_seed(1))

    def changed(name: str, styles: torch.Tensor) -> torch.Tensor:
        return styles + 1.0 if name == "b8.conv0" else styles

    def features(tap: Tap) -> torch.Tensor:
        return FeatureMap(network, layer, Scene(NoiseInput(), tap)).of(ws).features

    with torch.no_grad():
        plain, moved = features(no_tap), features(StyleTap(no_tap, changed))
        assert not torch.equal(plain, moved)
        torch.testing.assert_close(features(StyleTap(no_tap, lambda _, s: s)), plain)
