"""Commands work with networks of every family, or say what a family lacks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.foreign import SMALL
from tests.paths import DATA
from tests.renderer.cli.command_line import run

PGGAN = SMALL / "tf-pggan" / "16-lod1.pkl"
R3GAN = SMALL / "r3gan" / "cond-16.pkl"
SG3 = DATA / "sg3-t-odd-32.pkl"
STYLEGAN_XL = SMALL / "stylegan-xl" / "r-superres-cond6-32.pkl"
STYLEGAN1 = SMALL / "tf-stylegan1" / "16.pkl"
NAMES = ["pggan", "stylegan1", "r3gan", "styleganxl"]


@pytest.mark.parametrize("network", [PGGAN, STYLEGAN1, R3GAN, STYLEGAN_XL], ids=NAMES)
def test_a_picture_is_projected(monkeypatch, capsys, tmp_path: Path, network: Path) -> None:
    monkeypatch.chdir(tmp_path)
    label = ("--class", 2) if network in (R3GAN, STYLEGAN_XL) else ()
    common = ("--network", network, "--seeds", 3, "--outdir", "made", *label)
    assert run(monkeypatch, capsys, "generate", *common).code == 0
    options = ("--target", "made/seed0003.png", "--distance", "pixels", "--num-steps", 6, *label)
    found = run(monkeypatch, capsys, "project", "--network", network, "--outdir", "found", *options)
    assert found.code == 0, found.err
    steps = json.loads(Path("found/projection.json").read_text())
    assert steps
    assert Path("found/proj.png").exists()


def test_styles_of_a_network_without_any_are_not_mixed(monkeypatch, capsys, tmp_path: Path) -> None:
    options = ("--network", PGGAN, "--rows", 0, "--cols", 1, "--outdir", tmp_path / "mixed")
    outcome = run(monkeypatch, capsys, "style-mix", *options)
    assert outcome.code == 1
    assert "has no w, so there are no styles to mix" in outcome.err
    assert not (tmp_path / "mixed").exists()


@pytest.mark.parametrize(
    ("network", "told"),
    [
        (PGGAN, ["--trunc: without effect, 16-lod1.pkl has no mapping network", "--noise-seed:"]),
        (SG3, ["--noise-mode, --noise-seed: without effect, sg3-t-odd-32.pkl has no noise inputs"]),
        (STYLEGAN1, []),
    ],
    ids=["pggan", "stylegan3", "stylegan1"],
)
def test_options_without_effect_are_told(
    monkeypatch, capsys, tmp_path: Path, network: Path, told: list[str]
) -> None:
    options = ("--seeds", "0-1", "--trunc", 0.5, "--noise-mode", "random", "--noise-seed", 3)
    common = ("--network", network, *options)
    video = run(monkeypatch, capsys, "video", *common, "--w-frames", 1, "--output", tmp_path / "v")
    made = run(monkeypatch, capsys, "generate", *common, "--outdir", tmp_path / "made")
    for outcome in (video, made):
        assert outcome.code == 0, outcome.err
        assert outcome.err.count("without effect") == len(told)
        assert all(text in outcome.err for text in told)
    plain = ("--network", network, "--seeds", 0, "--outdir", tmp_path / "plain")
    assert "without effect" not in run(monkeypatch, capsys, "generate", *plain).err


def test_rows_of_w_are_refused_where_there_is_no_w(monkeypatch, capsys, tmp_path: Path) -> None:
    facts = json.loads(run(monkeypatch, capsys, "inspect", PGGAN, "--json").out)
    z_dim = facts["networks"]["G_ema"]["config"]["z_dim"]
    np.save(tmp_path / "w.npy", np.zeros((1, 10, z_dim), np.float32))
    options = ("--projected-w", tmp_path / "w.npy", "--outdir", tmp_path / "made")
    outcome = run(monkeypatch, capsys, "generate", "--network", PGGAN, *options)
    assert outcome.code == 1
    assert "16-lod1.pkl has no w: it draws from z" in outcome.err


def test_code_in_a_file_that_opens_is_not_called_refused(monkeypatch, capsys) -> None:
    shown = run(monkeypatch, capsys, "inspect", R3GAN).out
    rows = [line.split() for line in shown.splitlines()]
    assert any(row[:1] == ["R3GAN.Networks.Generator"] and row[-1] == "alone" for row in rows)
    assert "left alone: code that a plain unpickler would run" in shown
    assert "REFUSED" not in shown


def test_a_video_goes_through_z(monkeypatch, capsys, tmp_path: Path) -> None:
    options = ("--network", PGGAN, "--seeds", "0-1", "--w-frames", 3, "--output", tmp_path / "v")
    assert run(monkeypatch, capsys, "video", *options).code == 0
    assert len(list((tmp_path / "v").glob("*.png"))) == 6


def test_styles_of_classes_are_mixed_and_a_class_is_asked_for(
    monkeypatch, capsys, tmp_path: Path
) -> None:
    options = ("--rows", 0, "--cols", "1,2", "--styles", "0-3", "--class", 4)
    mixed = ("--network", STYLEGAN_XL, "--trunc", 0.7, "--outdir", tmp_path / "mixed")
    outcome = run(monkeypatch, capsys, "style-mix", *mixed, *options)
    assert outcome.code == 0, outcome.err
    assert (tmp_path / "mixed" / "0-1.png").exists()
    pictures = []
    for label in (1, 4):
        common = ("--seeds", 3, "--trunc", 0, "--class", label, "--outdir", tmp_path / str(label))
        made = run(monkeypatch, capsys, "generate", "--network", STYLEGAN_XL, *common)
        assert made.code == 0, made.err
        pictures.append((tmp_path / str(label) / "seed0003.png").read_bytes())
    assert pictures[0] != pictures[1]  # each class has a mean of its own


@pytest.mark.parametrize("network", [R3GAN, STYLEGAN_XL], ids=["r3gan", "styleganxl"])
def test_our_own_files_draw_the_same(monkeypatch, capsys, tmp_path: Path, network: Path) -> None:
    ours = tmp_path / "ours.safetensors"
    outcome = run(monkeypatch, capsys, "convert", network, ours, "--all")
    assert outcome.code == 0, outcome.err
    made = []
    for source in (network, ours):
        folder = tmp_path / source.suffix[1:]
        common = ("--network", source, "--seeds", "0-1", "--class", 2, "--outdir", folder)
        assert run(monkeypatch, capsys, "generate", *common).code == 0
        made.append([Image.open(path).tobytes() for path in sorted(folder.glob("*.png"))])
    assert made[0] == made[1]
    assert len(made[0]) == 2
    listed = run(monkeypatch, capsys, "inspect", ours)
    assert "NonexNone" not in listed.out
    assert "G_ema  generator, " in listed.out
