"""`style-mix`: the pictures of two seeds, the styles of one in layers of the other, and a grid."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from networks.snapshots.snapshot import open_snapshot
from renderer.messages.request import MixSource, RenderRequest, Seed, Truncation
from renderer.pictures.metadata import read_request
from tests.paths import DATA
from tests.renderer.cli.command_line import run

PLAIN = DATA / "sg2-uncond-32.pkl"


@pytest.fixture
def mix(monkeypatch, capsys, tmp_path):
    def call(*options, rows="0,1", cols="1,2", network=PLAIN):
        fixed = ("--threads", 1, "--device", "cpu", "--outdir", tmp_path / "out")
        seeds = ("--network", network, "--rows", rows, "--cols", cols)
        return run(monkeypatch, capsys, "style-mix", *seeds, *options, *fixed)

    return call


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


def test_every_pair_every_seed_and_the_grid_of_them(mix, tmp_path):
    outcome = mix("--styles", "2-4", "--trunc", 0.7)
    assert outcome.code == 0, outcome.err
    out = tmp_path / "out"
    pairs = ["0-0", "0-1", "0-2", "1-1", "1-2", "2-2"]
    assert sorted(p.stem for p in out.iterdir()) == [*pairs, "grid"]
    assert read_request(out / "0-2.png") == RenderRequest(
        str(PLAIN),
        Seed(0),
        truncation=Truncation(0.7),
        mix=(MixSource(Seed(2), (0, 0, 1, 1, 1)),),
    )
    grid = pixels(out / "grid.png")
    cells = [[None, "1-1", "2-2"], ["0-0", "0-1", "0-2"], ["1-1", "1-1", "1-2"]]
    for i, row in enumerate(cells):
        for j, name in enumerate(row):
            cell = grid[32 * i : 32 * i + 32, 32 * j : 32 * j + 32]
            expected = 0 if name is None else pixels(out / f"{name}.png")
            assert np.array_equal(cell, np.broadcast_to(expected, (32, 32, 3))), name


def test_a_pair_is_truncation_of_each_w_and_replacement_of_rows_then(mix, tmp_path):
    assert mix("--styles", "0,3", "--trunc", 0.6, rows="5", cols="9").code == 0
    generator = open_snapshot(PLAIN).G_ema
    with torch.inference_mode():
        w = []
        for seed in (5, 9):
            z = np.random.RandomState(seed).randn(1, 64).astype(np.float32)
            one = generator.map(torch.from_numpy(z))[:, None].repeat(1, 8, 1)
            w.append(generator.w_avg + (one - generator.w_avg) * 0.6)
        w[0][:, [0, 3]] = w[1][:, [0, 3]]
        img = generator.render(w[0])[0].permute(1, 2, 0)
    expected = (img * 127.5 + 128).clamp(0, 255).to(torch.uint8).numpy()
    assert np.array_equal(pixels(tmp_path / "out" / "5-9.png"), expected)


def test_random_noise_is_the_same_all_over_the_grid(mix, tmp_path):
    assert mix("--noise-mode", "random", "--styles", "0-1").code == 0
    noises = {read_request(path).noise for path in (tmp_path / "out").iterdir()}
    assert len(noises) == 1
    assert noises.pop().mode == "random"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"styles": "0-8"}, "--styles: sg2-uncond-32.pkl has no layer 8. Its 8 layers are 0 to 7."),
        ({"styles": "coarse"}, "--styles: 'coarse' is no number"),
        ({"rows": "1-"}, "--rows: '1-' is no number"),
        ({"cols": "x"}, "--cols: 'x' is no number"),
        ({"rows": "0-999", "cols": "0-999"}, "The grid would have 32032×32032 pixels"),
        ({"network": DATA / "sg2-cond-16.pkl", "styles": "0"}, "is conditional: --class is needed"),
    ],
)
def test_a_call_that_is_wrong_gets_one_clear_line(mix, tmp_path, options, message):
    seeds = {name: value for name, value in options.items() if name != "styles"}
    outcome = mix("--styles", options.get("styles", "0-6"), **seeds)
    assert outcome.code == 1
    assert message in outcome.err
    assert outcome.err.count("\n") == 1
    assert not list(tmp_path.rglob("*.png"))
