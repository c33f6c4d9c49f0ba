"""`average`: the mean of latents, weighted, and the way from it to another one."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest, Seed, Truncation
from renderer.pictures.metadata import read_request
from renderer.pipeline.pipeline import Pipeline
from tests.paths import DATA
from tests.renderer.cli.command_line import run

PLAIN = DATA / "sg2-uncond-32.pkl"


@pytest.fixture
def average(monkeypatch, capsys, tmp_path):
    def call(*options, output=tmp_path / "mean.npz"):
        fixed = ("--threads", 1, "--device", "cpu", "--output", output)
        return run(monkeypatch, capsys, "average", *fixed, *options)

    return call


@pytest.fixture
def pipeline() -> Pipeline:
    return Pipeline(EngineOptions(device="cpu", threads=1))


def save(path, *shape, value=1.0):
    path.parent.mkdir(exist_ok=True)
    np.savez(path, w=np.full(shape, value, np.float32))
    return path


def load(path):
    with np.load(path) as saved:
        return saved["w"]


def test_a_weighted_mean_and_the_way_from_it(average, tmp_path) -> None:
    a, b = save(tmp_path / "a.npz", 1, 3, 4, value=0), save(tmp_path / "b.npz", 1, 3, 4, value=4)
    assert average("--w", a, "--w", b).code == 0
    assert (load(tmp_path / "mean.npz") == 2).all()
    assert average("--w", a, "--w", b, "--weights", "3,1", "--force").code == 0
    assert (load(tmp_path / "mean.npz") == 1).all()
    goal = save(tmp_path / "goal.npz", 1, 3, 4, value=9)
    outcome = average("--w", a, "--w", b, "--toward", goal, "--amount", 0.25, "--force")
    assert outcome.code == 0, outcome.err
    assert (load(tmp_path / "mean.npz") == 2 + 7 / 4).all()


def test_a_folder_of_projections(average, tmp_path) -> None:
    for name, value in (("one", 2), ("two", 6)):
        save(tmp_path / "faces" / "x.npz", 1, 3, 4, value=99)
        (tmp_path / "faces" / name).mkdir()
        save(tmp_path / "faces" / name / "projected_w.npz", 1, 3, 4, value=value)
    assert average("--w", tmp_path / "faces").code == 0
    assert (load(tmp_path / "mean.npz") == 4).all()


def test_seeds_of_a_network_with_psi_and_a_picture(average, tmp_path, pipeline) -> None:
    outcome = average("--network", PLAIN, "--seeds", "1,2", "--trunc", 0.5)
    assert outcome.code == 0, outcome.err
    rows = [
        pipeline.latent(RenderRequest(str(PLAIN), Seed(n), truncation=Truncation(0.5)))
        for n in (1, 2)
    ]
    np.testing.assert_allclose(load(tmp_path / "mean.npz"), np.mean(rows, axis=0), atol=1e-5)
    request = read_request(tmp_path / "mean.png")
    with Image.open(tmp_path / "mean.png") as image:
        assert (np.asarray(image) == pipeline.render(request).pixels[..., :3]).all()


def test_latents_of_different_networks(average, tmp_path) -> None:
    a, b = save(tmp_path / "a.npz", 1, 3, 4), save(tmp_path / "b.npz", 1, 5, 4)
    outcome = average("--w", a, "--w", b)
    assert outcome.code == 1
    assert "b.npz is [1, 5, 4], but a.npz is [1, 3, 4]" in outcome.err
    assert not (tmp_path / "mean.npz").exists()
    assert "another network" in average("--w", a, "--network", PLAIN).err


def test_one_row_counts_for_all_with_a_network(average, tmp_path) -> None:
    w = save(tmp_path / "a.npz", 1, 64)
    assert average("--w", w, "--network", PLAIN).code == 0
    assert load(tmp_path / "mean.npz").shape[0::2] == (1, 64)
    assert load(tmp_path / "mean.npz").shape[1] > 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "nothing to average"),
        (("--seeds", "1"), "--seeds needs a network"),
        (("--w", "a.npz", "--trunc", "0.5"), "--trunc needs a network"),
        (("--w", "a.npz", "--weights", "1,2"), "2 weights for 1 latents"),
        (("--w", "a.npz", "--weights", "0"), "add up to nothing"),
        (("--w", "a.npz", "--weights", "x"), "no numbers"),
        (("--w", "a.npz", "--amount", "nan"), "finite"),
        (("--w", "none.npz"), "does not exist"),
        (("--w", "."), "no projected_w.npz"),
        (("--w", ""), "no file is named"),
    ],
)
def test_what_is_wrong_with_a_call(average, tmp_path, monkeypatch, options, words) -> None:
    (tmp_path / "empty").mkdir()
    save(tmp_path / "a.npz", 1, 3, 4)
    monkeypatch.chdir(tmp_path if options != ("--w", ".") else tmp_path / "empty")
    outcome = average(*options)
    assert outcome.code == 1
    assert words in outcome.err
    assert outcome.err.count("\n") == 1


def test_files_that_are_there_are_kept(average, tmp_path) -> None:
    a = save(tmp_path / "a.npz", 1, 3, 4)
    kept = save(tmp_path / "mean.npz", 1, 3, 4, value=7)
    assert "--force" in average("--w", a).err
    assert (load(kept) == 7).all()
    assert "end in .npz" in average("--w", a, output=tmp_path / "mean.png").err
