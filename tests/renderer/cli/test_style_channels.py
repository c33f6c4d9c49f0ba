"""Style channels and axes of layers on the command line, and what is orthogonal."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from renderer.messages.directions import decode_set, shift_of
from renderer.messages.request import StyleShift
from renderer.pictures.metadata import read_request
from tests.paths import DATA
from tests.renderer.cli.command_line import run

PLAIN = DATA / "sg2-uncond-32.pkl"
STYLES = "s.directions.json"


@pytest.fixture
def call(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("GANSCOPE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def call(*words):
        return run(monkeypatch, capsys, *words, "--threads", 1, "--device", "cpu")

    return call


@pytest.fixture
def found(call, tmp_path):
    outcome = call("directions", "find", "--network", PLAIN, "--method", "style", "--region",
                   "4,6,12,8", "--a", 5, "--count", 3, "--output", STYLES)  # fmt: skip
    assert outcome.code == 0, outcome.err
    assert "Styles of 12×8 at 4, 6" in outcome.out
    return decode_set((tmp_path / STYLES).read_bytes(), STYLES)


def generated(call, tmp_path, *options):
    outcome = call("generate", "--network", PLAIN, "--seeds", 5, *options, "--outdir", "out",
                   "--force")  # fmt: skip
    assert outcome.code == 0, outcome.err
    with Image.open(tmp_path / "out" / "seed0005.png") as image:
        return read_request(tmp_path / "out" / "seed0005.png"), np.asarray(image.convert("RGB"))


def test_what_a_region_finds_is_listed_drawn_and_gone_along(call, found, tmp_path):
    first = found.components[0]
    listed = call("directions", "list", STYLES, "--network", PLAIN).out
    assert f"style {first.style.channel} of {first.style.layer}" in listed
    outcome = call("directions", "sheet", STYLES, "--network", PLAIN, "--only", "0", "--size", 32,
                   "--output", "s.png")  # fmt: skip
    assert outcome.code == 0, outcome.err
    with Image.open(tmp_path / "s.png") as sheet:
        assert sheet.width >= 7 * 32
    request, pixels = generated(call, tmp_path, "--direction", f"{STYLES}:0=-4.5")
    assert request.styles == (shift_of(first, -4.5),)
    assert request.directions == ()
    word = f"{first.style.layer}:{first.style.channel}=-4.5"
    exact, same = generated(call, tmp_path, "--style-channel", f"{word}*{first.style.sigma!r}")
    np.testing.assert_array_equal(same, pixels)
    measured, also = generated(call, tmp_path, "--style-channel", word)
    assert measured.styles[0].sigma == first.style.sigma
    np.testing.assert_array_equal(also, pixels)
    assert exact.styles[0].amount == -4.5
    for options in ("0=1@0-3", "0=1,orthogonal"):
        wrong = call("generate", "--network", PLAIN, "--seeds", 5, "--direction",
                     f"{STYLES}:{options}", "--outdir", "out")  # fmt: skip
        assert "is a style channel" in wrong.err


def test_a_video_changes_a_style_there_and_back(call, tmp_path):
    outcome = call("video", "--network", PLAIN, "--seeds", 5, "--w-frames", 4,
                   "--style-channel", "b16.conv1:3=-2..2*0.5", "--output", "frames")  # fmt: skip
    assert outcome.code == 0, outcome.err
    frames = [read_request(path) for path in sorted((tmp_path / "frames").glob("*.png"))]
    amounts = [request.styles[0].amount for request in frames]
    np.testing.assert_allclose(amounts, [-2, 0, 2, 0], atol=1e-9)
    assert frames[0].styles == (StyleShift("b16.conv1", 3, -2.0, 0.5),)
    still = call("generate", "--network", PLAIN, "--seeds", 5, "--style-channel",
                 "b16.conv1:3=-2..2*0.5", "--outdir", "out")  # fmt: skip
    assert "names two amounts" in still.err


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("b16.conv1", "no style channel"),
        ("b16.conv9:3=1", "Did you mean"),
        ("b4.const:3=1", "with styles"),
        ("b16.conv1:9999=1", "go from 0 to"),
        ("b16.conv1:3=1e30", "the amount 1e+30 is out of range. Amounts go from -1000 to 1000"),
        ("b16.conv1:3=1*0", "above 0"),
        ("b16.conv1:3=1*1e300", "the standard deviation 1e+300 is out of range"),
    ],
)
def test_a_style_that_is_none_says_why(call, word, said):
    outcome = call("generate", "--network", PLAIN, "--seeds", 5, "--style-channel", word,
                   "--outdir", "out")  # fmt: skip
    assert outcome.code != 0
    assert said in outcome.err


def test_axes_of_a_layer_and_a_word_for_orthogonal(call, tmp_path):
    outcome = call("directions", "find", "--network", PLAIN, "--method", "activations", "--layer",
                   "b8.conv1", "--samples", 300, "--count", 2, "--output", "l.json")  # fmt: skip
    assert outcome.code == 0, outcome.err
    assert "PCA of b8.conv1, 300 samples" in outcome.out
    request, _ = generated(call, tmp_path, "--direction", "l.json:0=2@0-3,orthogonal",
                           "--direction", "l.json:PC 2=1")  # fmt: skip
    facts = [(d.orthogonal, d.first, d.last, d.amount) for d in request.directions]
    assert facts == [(True, 0, 3, 2.0), (False, 0, None, 1.0)]
    wrong = call("generate", "--network", PLAIN, "--seeds", 5, "--direction", "l.json:0=2,upright",
                 "--outdir", "out")  # fmt: skip
    assert "'upright' is unknown" in wrong.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--method", "style"), "No --region"),
        (("--method", "style", "--region", "1,2,3"), "no region"),
        (("--method", "style", "--region", "20,0,13,9"), "20,0,13,9 does not lie in the picture"),
        (("--method", "style", "--region", "0,0,0,9"), "does not lie in the picture"),
        (("--method", "style", "--region", "0,0,9,9", "--a", "1,2"), "one picture"),
        (("--method", "activations"), "No --layer"),
        (("--region", "0,0,9,9"), "--region is for style"),
        (("--method", "sefa", "--samples", 5), "--samples is for pca and activations"),
    ],
)
def test_what_does_not_go_together_is_said(call, options, said):
    outcome = call("directions", "find", "--network", PLAIN, *options, "--output", "x.json")
    assert outcome.code != 0
    assert said in outcome.err


def test_styles_are_not_written_as_directions_of_w(call):
    outcome = call("directions", "find", "--network", PLAIN, "--method", "style", "--region",
                   "0,0,9,9", "--output", "x.npz")  # fmt: skip
    assert "no directions of w" in outcome.err
