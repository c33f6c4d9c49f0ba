"""Commands work with networks of every family, or say what a family lacks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.foreign import SMALL
from tests.renderer.cli.command_line import run

PGGAN = SMALL / "tf-pggan" / "16-lod1.pkl"
STYLEGAN1 = SMALL / "tf-stylegan1" / "16.pkl"


@pytest.mark.parametrize("network", [PGGAN, STYLEGAN1], ids=["pggan", "stylegan1"])
def test_a_picture_is_projected(monkeypatch, capsys, tmp_path: Path, network: Path) -> None:
    monkeypatch.chdir(tmp_path)
    common = ("--network", network, "--seeds", 3, "--outdir", "made")
    assert run(monkeypatch, capsys, "generate", *common).code == 0
    options = ("--target", "made/seed0003.png", "--distance", "pixels", "--num-steps", 6)
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


def test_a_video_goes_through_z(monkeypatch, capsys, tmp_path: Path) -> None:
    options = ("--network", PGGAN, "--seeds", "0-1", "--w-frames", 3, "--output", tmp_path / "v")
    assert run(monkeypatch, capsys, "video", *options).code == 0
    assert len(list((tmp_path / "v").glob("*.png"))) == 6
