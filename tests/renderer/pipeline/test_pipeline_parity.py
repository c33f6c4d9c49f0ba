"""Pictures equal those of independent implementations, through the whole pipeline."""

from __future__ import annotations

import numpy as np
import pytest

from renderer.messages.frame import StatsSpec
from renderer.messages.options import EngineOptions
from renderer.messages.request import (
    ClassLabel,
    LayerView,
    MixSource,
    Noise,
    RenderRequest,
    SavedW,
    Seed,
    Truncation,
)
from renderer.pipeline.pipeline import Pipeline
from tests.paths import DATA

RUN = DATA / "earth64-run" / "network-snapshot-000040.pkl"


@pytest.fixture(scope="module")
def pipeline():
    return Pipeline(EngineOptions(device="cpu", threads=1))


@pytest.fixture(scope="module", params=["sg2-uncond-32", "sg2-cond-16"])
def case(request):
    """Facts of a reference network, its file, and requests for its pictures by seed."""
    facts = np.load(DATA / f"{request.param}.npz")
    path = str(DATA / f"{request.param}.pkl")
    classes = facts["c"].shape[1]

    def ask(seed, **changes):
        label = ClassLabel(int(seed) % classes) if classes else None
        return RenderRequest(path, Seed(int(seed)), label, **changes)

    return facts, ask


def assert_same_levels(pixels, expected):
    """At most one level apart, in at most 0.1 % of the values, or two of a small picture.

    A value that lies on the border of two levels falls to either side, depending on the processor.
    """
    apart = np.abs(pixels[..., :3].astype(int) - expected.astype(int))
    assert apart.max() <= 1
    assert (apart > 0).sum() <= max(2, apart.size / 1000)


def as_levels(img):
    return np.clip(img * 127.5 + 128, 0, 255).astype(np.uint8).transpose(1, 2, 0)


def test_pictures_of_seeds(pipeline, case):
    facts, ask = case
    cutoff = None if facts["cutoff"] < 0 else int(facts["cutoff"])
    truncation = Truncation(float(facts["psi"]), cutoff)
    for i, seed in enumerate(facts["seeds"]):
        assert_same_levels(pipeline.render(ask(seed)).pixels, facts["image_const_uint8"][i])
        truncated = ask(seed, truncation=truncation)
        assert_same_levels(pipeline.render(truncated).pixels, facts["image_truncated_uint8"][i])
        silent = ask(seed, noise=Noise("none"))
        assert_same_levels(pipeline.render(silent).pixels, as_levels(facts["image_none"][i]))
        np.testing.assert_allclose(
            pipeline.latent(truncated)[0], facts["w_truncated"][i], rtol=0, atol=1e-4
        )


def test_a_picture_with_styles_of_another_seed(pipeline, case, tmp_path):
    facts, ask = case
    first, second = (int(seed) for seed in facts["seeds"][:2])
    weights = tuple(float(row in facts["mixed_layers"]) for row in range(facts["w"].shape[1]))
    # The other seed has a class of its own, which only a saved w can bring along.
    pipeline.save_w(ask(second), str(tmp_path / "w.npz"))
    request = ask(first, mix=(MixSource(SavedW(str(tmp_path / "w.npz")), weights),))
    assert_same_levels(pipeline.render(request).pixels, as_levels(facts["image_mixed"][0]))


def test_statistics_of_every_layer(pipeline, case):
    facts, ask = case
    request = ask(facts["seeds"][0])
    known = {name.removeprefix("act/"): name for name in facts.files if name.startswith("act/")}
    names = [layer.name for layer in pipeline.load(request.snapshot).layers]
    compared = [name for name in names if name in known]
    assert len(compared) == 3 * len({name.split(".")[0] for name in names}) - 1
    for name in compared:
        x = facts[known[name]].astype(float)
        stats = pipeline.render(request, StatsSpec(name)).info.stats
        assert stats.shape == x.shape
        measured = (stats.all.low, stats.all.high, stats.all.mean, stats.all.std)
        expected = (x.min(), x.max(), x.mean(), x.std())
        np.testing.assert_allclose(measured, expected, rtol=0, atol=1e-4 * np.abs(x).max())


def test_the_finished_picture_can_be_viewed_as_a_layer(pipeline, case):
    facts, ask = case
    request = ask(facts["seeds"][0])
    last = pipeline.load(request.snapshot).layers[-1].name
    view = ask(facts["seeds"][0], view=LayerView(last, normalize=False))
    assert np.array_equal(pipeline.render(view).pixels, pipeline.render(request).pixels)


def test_a_trained_network_makes_its_published_pictures(pipeline):
    facts = np.load(DATA / "earth64-000040.npz")
    for psi, key in ((1.0, "image_psi1_uint8"), (0.7, "image_psi0p7_uint8")):
        for seed, expected in zip(facts["seeds"], facts[key], strict=True):
            request = RenderRequest(str(RUN), Seed(int(seed)), truncation=Truncation(psi))
            assert_same_levels(pipeline.render(request).pixels, expected)


def test_a_network_with_alpha_gives_transparent_pictures(pipeline):
    path = DATA / "foreign" / "sg2ada" / "rgba-16.pkl"
    facts = np.load(path.with_suffix(".npz"))
    for seed, expected in zip(facts["seeds"], facts["images_u8"][0], strict=True):
        picture = pipeline.render(RenderRequest(str(path), Seed(int(seed))))
        assert picture.info.transparent
        assert_same_levels(picture.pixels, expected[..., :3])
        assert_same_levels(picture.pixels[..., 3:], expected[..., 3:])
        layer = pipeline.render(
            RenderRequest(str(path), Seed(int(seed)), view=LayerView("b8.conv1"))
        )
        assert not layer.info.transparent
        assert (layer.pixels[..., 3] == 255).all()
