"""--translate, --rotate and --zoom, and what else commands do with StyleGAN3 networks."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from renderer.messages.request import Transform
from renderer.pictures.metadata import read_request
from tests.paths import DATA
from tests.renderer.cli.command_line import Outcome, run

Go = Callable[..., Outcome]


@pytest.fixture
def go(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Go:
    return partial(run, monkeypatch, capsys)


MOVES, STAYS = DATA / "sg3-t-odd-32.pkl", DATA / "sg2-uncond-32.pkl"
MOVED = ("--translate", "0.25,-0.125", "--rotate", "30", "--zoom", "1.5")


def test_generate_moves_and_remembers_it(go: Go, tmp_path: Path) -> None:
    assert go("generate", "--network", MOVES, "--seeds", "1", "--outdir", tmp_path).code == 0
    plain = np.asarray(Image.open(tmp_path / "seed0001.png"))
    done = go("generate", "--network", MOVES, "--seeds", "1", *MOVED, "--outdir", tmp_path / "b")
    assert done.code == 0
    file = tmp_path / "b" / "seed0001.png"
    assert read_request(file).transform == Transform(0.25, -0.125, 30.0, 1.5)
    assert not np.array_equal(np.asarray(Image.open(file)), plain)
    again = go("generate", "--request", file, "--outdir", tmp_path / "c")
    assert again.code == 0
    assert (tmp_path / "c" / "seed0001.png").read_bytes() == file.read_bytes()


def test_style_mix_moves_every_picture(go: Go, tmp_path: Path) -> None:
    mix = ("style-mix", "--network", MOVES, "--rows", "1", "--cols", "2", "--styles", "0-3")
    assert go(*mix, *MOVED, "--outdir", tmp_path).code == 0
    for name in ("1-1", "2-2", "1-2"):
        assert read_request(tmp_path / f"{name}.png").transform.rotate == 30.0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--translate", "far"), "--translate: 'far' is no point"),
        (("--translate", "nan,0"), "is not finite"),
        (("--rotate", "inf"), "--rotate: inf is not finite"),
        (("--zoom", "0"), "--zoom: 0.0 is no factor above 0"),
        (("--zoom", "nan"), "--zoom: nan is no factor above 0"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    go: Go, tmp_path: Path, options: tuple[str, str], words: str
) -> None:
    done = go("generate", "--network", MOVES, "--seeds", "1", *options, "--outdir", tmp_path)
    assert done.code != 0
    assert words in done.err


def test_a_network_that_cannot_move_its_pictures_says_so(go: Go, tmp_path: Path) -> None:
    done = go("generate", "--network", STAYS, "--seeds", "1", *MOVED, "--outdir", tmp_path)
    assert done.code != 0
    assert "cannot move its pictures" in done.err


def test_inspect_lists_bands_and_rates(go: Go, tmp_path: Path) -> None:
    done = go("inspect", MOVES)
    assert done.code == 0
    assert "stylegan3" in done.out
    line = next(line for line in done.out.splitlines() if "synthesis.L1_24_13 " in line)
    for word in ("24", "13", "2.41", "8 to 16", "at 32"):
        assert word in line, line
    layers = json.loads(go("inspect", MOVES, "--json").out)["networks"]["G_ema"]["layers"]
    layer = next(layer for layer in layers if layer["name"] == "synthesis.L1_24_13")
    assert layer["resolution"] == 24
    assert layer["sampling"] == "8 to 16 at 32"
    assert layer["cutoff"] == pytest.approx(2.408, abs=1e-3)


def test_convert_keeps_the_pictures(go: Go, tmp_path: Path) -> None:
    ours = tmp_path / "x.safetensors"
    assert go("convert", MOVES, ours).code == 0
    for network in (MOVES, ours):
        folder = tmp_path / network.suffix
        assert go("generate", "--network", network, "--seeds", "1", "--outdir", folder).code == 0
    first, second = (
        np.asarray(Image.open(tmp_path / suffix / "seed0001.png"))
        for suffix in (".pkl", ".safetensors")
    )
    assert np.array_equal(first, second)
