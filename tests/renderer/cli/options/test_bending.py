"""`--bend` bends what the window would bend, and says what is wrong with a word."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from common.errors import UserError
from renderer.cli import generate
from renderer.cli.options.bending import bends, moved_bends
from renderer.cli.video import loop
from renderer.messages.bending import Bend
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest, Seed
from renderer.pictures.metadata import read_request
from renderer.pipeline.pipeline import Pipeline
from tests.paths import DATA
from tests.viz.conftest import make_model

SNAPSHOT = str(DATA / "sg2-uncond-32.pkl")


def test_a_picture_is_bent_as_its_request_says(tmp_path) -> None:
    words = ["b16.conv1:translate=0.25,-0.1@0-3,9~0.5/7", "b32.conv0:power=0.5"]
    flags = [flag for word in words for flag in ("--bend", word)]
    command = ["--network", SNAPSHOT, "--seeds", "3", "--outdir", str(tmp_path), *flags]
    result = CliRunner().invoke(generate.command, command, catch_exceptions=False)
    assert result.exit_code == 0
    made = read_request(tmp_path / "seed0003.png")
    assert made.bends == (
        Bend("b16.conv1", "translate", 0.25, -0.1, (0, 1, 2, 3, 9), 0.5, 7),
        Bend("b32.conv0", "power", 0.5),
    )
    request = RenderRequest(SNAPSHOT, Seed(3), bends=made.bends)
    pipeline = Pipeline(EngineOptions(device="cpu"))
    drawn = pipeline.render(request).pixels[..., :3]
    with Image.open(tmp_path / "seed0003.png") as picture:
        assert np.array_equal(np.asarray(picture.convert("RGB")), drawn)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("blur=2", "no bend"),
        ("b16.conv1:blur", "no bend"),
        ("b16.conv1:blur=x", "'x' is no number"),
        ("b16.conv1:blur=nan", "no number"),
        ("b16.conv1:blur=99", "from 0 to 16"),
        ("b16.conv1:blurr=1", "Did you mean blur?"),
        ("b16.conv9:blur=1", "no layer 'b16.conv9'"),
        ("b16.conv1:blur=1,2", "only translate"),
        ("b16.conv1:blur=1@0-9999", "too large"),
        ("b16.conv1:blur=1@", "no number and no range"),
        ("b16.conv1:blur=1~2", "from 0 to 1"),
        ("b16.conv1:blur=1/4294967296", "seeds go from 0"),
    ],
)
def test_what_is_wrong_is_quoted(word, said) -> None:
    with pytest.raises(UserError) as caught:
        bends((word,), make_model("net.pkl"))
    assert said in str(caught.value)


def test_a_video_bends_there_and_back() -> None:
    bent = moved_bends(["b16.conv1:rotate=-20..40@0-3", "b8.conv0:blur=1"], make_model("net.pkl"))
    requests = list(loop(RenderRequest("net.pkl"), [3], 8, 10, bent=bent))
    assert len(requests) == 8
    turns = [request.bends[0].amount for request in requests]
    assert (turns[0], turns[4]) == (-20, 40)
    assert turns[1:4] == pytest.approx(turns[:4:-1])
    assert {request.bends[1] for request in requests} == {Bend("b8.conv0", "blur", 1.0)}
    with pytest.raises(UserError, match="names two amounts"):
        bends(["b16.conv1:rotate=-20..40"], make_model("net.pkl"))
