"""What cannot be is told before anything takes long, and what changes nothing is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.foreign import SMALL
from tests.renderer.cli.command_line import run

NETWORK = SMALL / "lucidrains" / "model_16-depth4-lr01.pt"


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a network is a mistake here."""

    def opened(*arguments: object) -> object:
        raise AssertionError("the network was opened")

    monkeypatch.setattr("renderer.cli.project.open_network", opened)


@pytest.mark.parametrize(
    ("target", "outdir", "more", "words"),
    [
        ("text.png", "out", (), "text.png cannot be projected: not an image of a kind"),
        ("small.png", "out", ("--crop", "5,5,20"), "The crop 5,5,20 leaves the picture"),
        ("small.png", "text.png", (), "is a file"),
        ("small.png", "text.png/inside", (), "is a file"),
    ],
)
def test_pictures_and_folders_are_looked_at_before_the_network_is_opened(
    monkeypatch, capsys, tmp_path: Path, no_network, target, outdir, more, words
) -> None:
    (tmp_path / "text.png").write_text("hello")
    Image.new("RGB", (16, 16)).save(tmp_path / "small.png")
    places = ("--target", tmp_path / target, "--outdir", tmp_path / outdir)
    outcome = run(monkeypatch, capsys, "project", "--network", NETWORK, *places, *more)
    assert outcome.code == 1
    assert words in outcome.err
    assert not (tmp_path / "out").exists()


def test_an_unreadable_picture_is_not_told_to_be_smaller(
    monkeypatch, capsys, tmp_path: Path, no_network
) -> None:
    (tmp_path / "text.png").write_text("hello")
    places = ("--target", tmp_path / "text.png", "--outdir", tmp_path / "out")
    outcome = run(monkeypatch, capsys, "project", "--network", NETWORK, *places)
    assert "PNG, JPEG, WebP" in outcome.err
    assert "million" not in outcome.err


def test_flags_that_a_stored_request_passes_over_are_said(
    monkeypatch, capsys, tmp_path: Path
) -> None:
    request = json.dumps({"snapshot": str(NETWORK)})
    common = ("--request", request, "--outdir", tmp_path / "out")
    plain = run(monkeypatch, capsys, "generate", *common)
    assert plain.code == 0, plain.err
    assert "without effect" not in plain.err
    flags = ("--translate", "0.1,0", "--zoom", 2, "--trunc", 0.5)
    told = run(monkeypatch, capsys, "generate", *common, *flags)
    assert told.code == 0, told.err
    assert "--trunc, --translate, --zoom: without effect" in told.err
    seeds = ("--seeds", 1, "--network", NETWORK, "--trunc", 0.5)
    both = run(monkeypatch, capsys, "generate", *common, *seeds)
    assert "without effect" not in both.err


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--network", NETWORK, "--run", "runs"), "--run measures the snapshots of its run"),
        (("--network", NETWORK, "--dragging", 1), "--dragging measures networks of random weights"),
        (("--run", "runs", "--dragging", 1), "--run and --dragging are measured apart"),
        (("--dragging", 1, "--projection", 1), "--dragging and --projection are measured apart"),
        (("--tune", "--drafts"), "--tune and --drafts are measured apart"),
        (("--run", "runs", "--reference", "there"), "--run and --reference are measured apart"),
        (("--tune", "--network", "net.pkl"), "--tune measures convolutions, and no --network"),
    ],
)
def test_one_measurement_at_a_time(monkeypatch, capsys, flags, words) -> None:
    outcome = run(monkeypatch, capsys, "bench", *flags)
    assert outcome.code == 1
    assert words in outcome.err
