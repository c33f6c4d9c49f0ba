"""Noise maps saved with a latent: drawn with, scaled, reused, refused where they do not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from common.errors import UserError
from renderer.messages.request import Noise, RenderRequest, SavedW, Seed
from renderer.pipeline.latents.saved_w import read_latent
from renderer.pipeline.pipeline import Pipeline
from tests.paths import DATA

SNAPSHOT = str(DATA / "sg2-uncond-32.pkl")


@pytest.fixture
def pipeline() -> Pipeline:
    return Pipeline()


def saved(pipeline: Pipeline, path: Path, **maps: np.ndarray) -> SavedW:
    w = pipeline.latent(RenderRequest(SNAPSHOT, Seed(3)))
    np.savez(path, w=w, **{f"noise.{name}": noise for name, noise in maps.items()})
    return SavedW(str(path))


def drawn(pipeline: Pipeline, source, noise: Noise | None = None) -> np.ndarray:
    return pipeline.render(RenderRequest(SNAPSHOT, source, noise=noise or Noise())).pixels.copy()


MAP = {"b32.conv1": np.random.RandomState(0).randn(32, 32).astype(np.float32) * 3}


def test_they_are_drawn_with_and_told(pipeline: Pipeline, tmp_path: Path) -> None:
    plain, noisy = saved(pipeline, tmp_path / "a.npz"), saved(pipeline, tmp_path / "b.npz", **MAP)
    without = drawn(pipeline, plain)
    assert (without == drawn(pipeline, Seed(3))).all()
    assert (drawn(pipeline, noisy) != without).any()
    info = pipeline.render(RenderRequest(SNAPSHOT, noisy)).info
    assert info.noise_maps == ("b32.conv1",)
    assert pipeline.render(RenderRequest(SNAPSHOT, plain)).info.noise_maps == ()


def test_other_noise_takes_their_place(pipeline: Pipeline, tmp_path: Path) -> None:
    plain, noisy = saved(pipeline, tmp_path / "a.npz"), saved(pipeline, tmp_path / "b.npz", **MAP)
    for noise in (Noise("none"), Noise("random", 5), Noise(layers=(("b32.conv1", 0.0),))):
        assert (drawn(pipeline, noisy, noise) == drawn(pipeline, plain, noise)).all(), noise
    half = drawn(pipeline, noisy, Noise(strength=0.5))
    assert (half != drawn(pipeline, noisy)).any()
    assert (half != drawn(pipeline, plain, Noise(strength=0.5))).any()


def test_they_go_with_a_w_that_is_carried_as_long_as_its_file_is_there(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    noisy = saved(pipeline, tmp_path / "a.npz", **MAP)
    w = pipeline.latent(RenderRequest(SNAPSHOT, Seed(3)))
    carried = SavedW(noisy.path, data=w.astype("<f4").tobytes())
    with_noise, without = drawn(pipeline, noisy), drawn(pipeline, Seed(3))
    assert (drawn(pipeline, carried) == with_noise).all()
    np.savez(tmp_path / "a.npz", w=w + 1, **{"noise.b32.conv1": MAP["b32.conv1"]})
    assert (drawn(pipeline, carried) == without).all(), "the file holds another picture now"
    (tmp_path / "a.npz").write_text("no array")
    assert (drawn(pipeline, carried) == without).all()
    (tmp_path / "a.npz").unlink()
    assert (drawn(pipeline, carried) == without).all()


def test_a_file_with_other_maps_is_drawn_anew(pipeline: Pipeline, tmp_path: Path) -> None:
    """Outputs of stages that are kept know by which maps they were made."""
    first = drawn(pipeline, saved(pipeline, tmp_path / "a.npz", **MAP))
    other = {"b32.conv1": -MAP["b32.conv1"]}
    second = drawn(pipeline, saved(pipeline, tmp_path / "b.npz", **other))
    assert (first != second).any()
    fresh = Pipeline()
    assert (drawn(fresh, SavedW(str(tmp_path / "b.npz"))) == second).all()


def test_layers_that_the_network_lacks_have_no_effect(pipeline: Pipeline, tmp_path: Path) -> None:
    source = saved(pipeline, tmp_path / "a.npz", **{"b512.conv1": np.zeros((512, 512))})
    assert (drawn(pipeline, source) == drawn(pipeline, Seed(3))).all()


def test_maps_of_another_size_are_refused(pipeline: Pipeline, tmp_path: Path) -> None:
    source = saved(pipeline, tmp_path / "a.npz", **{"b32.conv1": np.zeros((16, 16))})
    with pytest.raises(UserError, match=r"16×16 for b32\.conv1.*takes 32×32"):
        drawn(pipeline, source)


@pytest.mark.parametrize("value", [np.zeros(4), np.zeros((2, 2), np.int64), np.full((2, 2), "a")])
def test_maps_that_are_none_are_refused(tmp_path: Path, value: np.ndarray) -> None:
    np.savez(tmp_path / "a.npz", w=np.zeros((1, 4)), **{"noise.b8.conv0": value})
    with pytest.raises(UserError, match=r"noise\.b8\.conv0"):
        read_latent(str(tmp_path / "a.npz"))


def test_maps_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", w=np.zeros(4), **{"noise.b8.conv0": np.full((8, 8), np.nan)})
    with pytest.raises(UserError, match="not finite"):
        read_latent(str(tmp_path / "a.npz"))


def test_it_is_told_how_many_latents_a_file_holds(pipeline: Pipeline, tmp_path: Path) -> None:
    w = pipeline.latent(RenderRequest(SNAPSHOT, Seed(3)))
    arrays = {"one.npy": w[0, 0], "rows.npy": w, "several.npy": np.repeat(w, 4, 0)}
    for name, array in arrays.items():
        np.save(tmp_path / name, array)
    told = {
        name: pipeline.render(RenderRequest(SNAPSHOT, SavedW(str(tmp_path / name)))).info.latents
        for name in arrays
    }
    assert told == {"one.npy": 1, "rows.npy": 1, "several.npy": 4}
    assert pipeline.render(RenderRequest(SNAPSHOT, Seed(3))).info.latents == 0
