"""`drag`: its files, the same picture again from them, and what is wrong in one line."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from networks.dragging.dragging import Dragging
from renderer.messages.request import SavedW, Seed
from renderer.pictures.metadata import read_request
from renderer.pictures.video import read_first
from tests.paths import BUSTS
from tests.renderer.cli.command_line import run


@pytest.fixture
def drag(monkeypatch, capsys, tmp_path):
    def call(*more):
        given = ("--network", BUSTS, "--threads", 1, "--outdir", tmp_path / "out")
        return run(monkeypatch, capsys, "drag", *given, *more)

    return call


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def test_the_files_and_the_same_picture_again(drag, tmp_path, monkeypatch, capsys) -> None:
    out = tmp_path / "out"
    point = ("--seeds", 5, "--trunc", 0.7, "--point", "28,30:34,30", "--mask", "31,30,16")
    outcome = drag(*point, "--steps", 8, "--video", out / "drag.mp4")
    assert outcome.code == 0, outcome.err
    names = {"before.png", "after.png", "projected_w.npz", "drag.mp4"}
    assert {file.name for file in out.iterdir()} == names
    last = re.fullmatch(
        r"([\d.]+) of 6.0 pixels to go after 8 steps: all steps are taken. In .*\n", outcome.out
    )
    assert last is not None, outcome.out
    assert float(last[1]) < 6
    assert read_request(out / "before.png").source == Seed(5)
    with np.load(out / "projected_w.npz") as file:
        saved = SavedW(str(out / "projected_w.npz"), data=file["w"].astype("<f4").tobytes())
    assert read_request(out / "after.png").source == saved
    changed = np.abs(pixels(out / "after.png") - pixels(out / "before.png")).mean(2)
    y, x = np.mgrid[:64, :64] + 0.5
    inside = np.hypot(x - 31, y - 30) < 16
    assert changed[inside].mean() > 3 * changed[~inside].mean() > 0
    assert read_first(out / "drag.mp4").shape == (64, 64, 4)
    w = ("--network", BUSTS, "--projected-w", out / "projected_w.npz", "--threads", 1)
    again = run(monkeypatch, capsys, "generate", *w, "--outdir", tmp_path / "again")
    assert again.code == 0, again.err
    assert (pixels(tmp_path / "again" / "proj00.png") == pixels(out / "after.png")).all()


def test_the_picture_after_it_needs_no_other_file(drag, tmp_path, monkeypatch, capsys) -> None:
    assert drag("--seeds", 5, "--point", "28,30:34,30", "--steps", 2).code == 0
    (tmp_path / "out" / "projected_w.npz").unlink()
    picture = (tmp_path / "out" / "after.png").rename(tmp_path / "taken along.png")
    given = ("--request", picture, "--threads", 1, "--outdir", tmp_path / "again")
    again = run(monkeypatch, capsys, "generate", *given)
    assert again.code == 0, again.err
    (made,) = (tmp_path / "again").iterdir()
    assert (pixels(made) == pixels(picture)).all()


def test_a_picture_is_a_mask(drag, tmp_path) -> None:
    mask = np.zeros((32, 32), np.uint8)
    mask[8:24, 8:24] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    given = ("--seeds", 5, "--point", "28,30:29,30.5", "--mask", tmp_path / "mask.png")
    outcome = drag(*given, "--steps", 20)
    assert outcome.code == 0, outcome.err
    assert re.search("after [0-9]+ steps?: arrived", outcome.out), outcome.out
    assert "mask.png is scaled from 32 × 32 to 64 × 64 pixels" in outcome.err


def test_a_mask_of_another_aspect_ratio_is_refused(drag, tmp_path) -> None:
    Image.new("L", (40, 20), 255).save(tmp_path / "mask.png")
    outcome = drag("--seeds", 5, "--point", "28,30:29,30", "--mask", tmp_path / "mask.png")
    assert outcome.code == 1
    assert "mask.png is 40 × 20 pixels, but the picture is 64 × 64." in outcome.err
    assert not (tmp_path / "out").exists()


def test_where_no_step_comes_nearer_the_picture_stays(drag, tmp_path, monkeypatch) -> None:
    # Away from the target: steps of a wrong sign, which a network may take for other reasons.
    go = Dragging._go
    monkeypatch.setattr(Dragging, "_go", lambda self, way, back: go(self, -way, back))
    outcome = drag("--seeds", 5, "--trunc", 0.7, "--point", "28,30:34,30", "--steps", 5)
    assert outcome.code == 0, outcome.err
    assert "Nothing gained after 5 steps, so the picture is as it was" in outcome.out
    assert (pixels(tmp_path / "out" / "after.png") == pixels(tmp_path / "out" / "before.png")).all()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_keeps_what_has_been_reached(drag, tmp_path, monkeypatch, stop) -> None:
    step = Dragging.step

    def third_is_stopped(self):
        if self.done == 2:
            signal.raise_signal(stop)
        return step(self)

    monkeypatch.setattr(Dragging, "step", third_is_stopped)
    before = signal.getsignal(signal.SIGTERM)
    outcome = drag("--seeds", 5, "--point", "28,30:34,30", "--steps", 50)
    assert outcome.code == 130
    assert "after 2 steps: stopped." in outcome.out
    names = {"before.png", "after.png", "projected_w.npz"}
    assert {file.name for file in (tmp_path / "out").iterdir()} == names
    assert signal.getsignal(signal.SIGTERM) == before


def test_stopped_before_the_first_step_it_leaves_nothing(drag, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(Dragging, "step", lambda self: signal.raise_signal(signal.SIGINT))
    assert drag("--seeds", 5, "--point", "28,30:34,30").code == 130
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--point", "1,1:2,2"), "takes one picture"),
        (("--seeds", "5-6", "--point", "1,1:2,2"), "'5-6' are 2 seeds"),
        (("--seeds", 5, "--point", "1,1"), "'1,1' is no handle and target"),
        (("--seeds", 5, "--point", "1,1:99,2"), "99,2 is outside the picture"),
        (("--seeds", 5, "--point", "64,64:0,0"), "64 × 64 pixels: x goes from 0 to 63"),
        (
            ("--seeds", 5, "--point", "1,1:9,2", "--mask", "nothing"),
            "does not exist, and is no disc",
        ),
        (("--seeds", 5, "--point", "1,1:9,2", "--mask", "500,500,2"), "covers nothing"),
        (("--seeds", 5, "--point", "1,1:9,2", "--mask", __file__), "is no picture"),
        (("--seeds", 5, "--point", "1,1:9,2", "--rows", "2-3"), "does not begin at 0"),
        (("--seeds", 5, "--point", "1,1:9,2", "--layer", "b9"), "no layer 'b9'"),
        (
            ("--seeds", 5, "--point", "1,1:9,2", "--layer", "b4.const"),
            "The output of b4.const is the same for every latent. Choose from: b4.conv1, b8",
        ),
        (("--seeds", 5, "--point", "1,1:9,2", "--video", __file__ + "/a.mp4"), "Cannot make"),
        (("--seeds", 5, "--point", "1,1:9,2", "--video", "a.gif"), "is no MP4"),
    ],
)
def test_what_is_wrong_is_one_line_and_writes_nothing(drag, tmp_path, given, said) -> None:
    outcome = drag(*given)
    assert outcome.code == 1
    (line,) = outcome.err.strip().splitlines()
    assert line.startswith("Error: ")
    assert said in line
    assert not (tmp_path / "out").exists()
