"""`video --journey`, `--walk` and `--circle`: journeys to videos and pictures, and back."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from msgspec import structs
from PIL import Image

from renderer.messages.jobs import Export, Sheet
from renderer.messages.journey import Journey, Key
from renderer.messages.options import EngineOptions
from renderer.messages.request import Arc, RenderRequest, Seed, Truncation
from renderer.pictures import sequence
from renderer.pictures.journey.files import read_journey, write_journey
from renderer.pictures.journey.frame import at
from renderer.pictures.metadata import read_request
from renderer.pictures.video import read_first
from renderer.pipeline.pipeline import Pipeline
from tests.paths import DATA
from tests.renderer.cli.command_line import run

PLAIN = DATA / "sg2-uncond-32.pkl"
JOURNEY = Journey(
    (
        Key(RenderRequest(str(PLAIN), Seed(1), truncation=Truncation(0.5))),
        Key(RenderRequest(str(PLAIN), Seed(2)), 0.5, "linear"),
    ),
    1.0,
    closed=True,
)


@pytest.fixture
def make(monkeypatch, capsys, tmp_path):
    def call(*options, output="out"):
        fixed = ("--threads", 1, "--device", "cpu", "--output", tmp_path / output)
        return run(monkeypatch, capsys, "video", *options, *fixed)

    return call


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


def test_the_frames_of_a_saved_journey_are_the_pictures_of_its_moments(make, tmp_path):
    write_journey(tmp_path / "a.journey.json", JOURNEY)
    outcome = make("--journey", tmp_path / "a.journey.json", "--fps", 8)
    assert outcome.code == 0, outcome.err
    assert "8 frames, 1 s" in outcome.out
    pipeline = Pipeline(EngineOptions(device="cpu", threads=1))
    files = sorted((tmp_path / "out").iterdir())
    assert len(files) == 8
    for index, file in enumerate(files):
        request = at(JOURNEY, index / 8)
        assert read_request(file) == request
        assert (pixels(file) == pipeline.render(request).pixels[..., :3]).all()
    assert read_journey(files[0]) == JOURNEY
    assert b"Seed" not in files[1].read_bytes()


def test_a_video_carries_its_journey_and_gives_it_back(make, tmp_path):
    write_journey(tmp_path / "a.journey.json", JOURNEY)
    assert make("--journey", tmp_path / "a.journey.json", "--fps", 8, output="a.mp4").code == 0
    assert read_journey(tmp_path / "a.mp4") == JOURNEY
    assert make("--journey", tmp_path / "a.mp4", "--fps", 8, output="b.mp4").code == 0
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_the_command_line_makes_the_bytes_that_the_window_makes(make, tmp_path):
    """The window exports with its whole session, which the video carries."""
    session = {"render": RenderRequest(str(PLAIN), Seed(9)), "view": {}, "journey": JOURNEY}
    json = msgspec.json.encode(session).decode()
    pipeline = Pipeline(EngineOptions(device="cpu", threads=1))
    sheet = Sheet((JOURNEY.keys[0].render,), side=64, smooth=True)
    sequence.write(
        Export(str(tmp_path / "window.mp4"), (sheet,), 12.0, json, JOURNEY),
        lambda request: pipeline.render(request).pixels,
        lambda fraction, text: None,
        lambda: False,
    )
    options = ("--journey", tmp_path / "window.mp4", "--fps", 12, "--size", 64, "--smooth")
    assert make(*options, output="line.mp4").code == 0
    assert (tmp_path / "line.mp4").read_bytes() == (tmp_path / "window.mp4").read_bytes()


def test_a_walk_is_kept_as_a_file_and_may_take_another_time(make, tmp_path):
    options = ("--network", PLAIN, "--walk", "7:3", "--space", "z", "--ends", "--w-frames", 2)
    kept = tmp_path / "walk.journey.json"
    outcome = make(*options, "--fps", 4, "--trunc", 0.6, "--save-journey", kept)
    assert outcome.code == 0, outcome.err
    assert "5 frames" in outcome.out
    journey = read_journey(kept)
    assert [key.going for key in journey.keys] == ["slerp"] * 3
    assert {key.render.truncation for key in journey.keys} == {Truncation(0.6)}
    assert isinstance(read_request(tmp_path / "out" / "out-000001.png").source, Arc)
    outcome = make("--journey", kept, "--duration", 2, "--fps", 4, output="slower")
    assert "9 frames, 2.25 s" in outcome.out, outcome.err


def test_a_circle_goes_around_the_latent_of_a_session(make, tmp_path):
    outcome = make("--network", PLAIN, "--circle", "3,8", "--w-frames", 2, "--fps", 8)
    assert outcome.code == 0, outcome.err
    assert "8 frames, 1 s" in outcome.out


def test_another_network_takes_the_place_of_all(make, tmp_path):
    gone = tuple(
        structs.replace(key, render=structs.replace(key.render, snapshot="gone.pkl"))
        for key in JOURNEY.keys
    )
    write_journey(tmp_path / "a.journey.json", structs.replace(JOURNEY, keys=gone))
    options = ("--journey", tmp_path / "a.journey.json", "--fps", 4)
    assert make(*options, "--network", PLAIN).code == 0
    assert make(*options, output="again").code == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "Give one of --seeds, --journey, --walk and --circle"),
        (("--seeds", "1,2", "--walk", "1:2"), "A video goes one way"),
        (("--walk", "7"), "--walk: '7' is not understood. Write 12:8"),
        (("--walk", "7:0"), "a walk goes through 2 to 100000 seeds, and not 0"),
        (("--walk", "7:1"), "and not 1. SEED:COUNT, as 12:8, draws 8 of them"),
        (("--walk", "7:99999999"), "and not 99999999"),
        (("--walk", "1:2", "--radius", "0.5"), "--radius is of a circle in w"),
        (("--walk", "1:2", "--duration", "1e9"), "a journey cannot take 1e+09 seconds"),
        (("--walk", "1:2", "--fps", "inf"), "inf frames per second cannot be written"),
        (("--walk", "1:2", "--canvas", "1x1"), "'1x1' is no size of a film. Write 1920x1080"),
        (("--walk", "1:2", "--canvas", "99999x8"), "from 16 to 8192 each way"),
        (("--circle", "3,3"), "a circle needs two seeds, and 3 is one. Write 3,8"),
        (("--circle", "3"), "--circle: '3' is not understood. Write 3,8"),
        (("--circle", "3,8", "--radius", "nan"), "--radius: nan makes no circle"),
        (("--circle", "3,8", "--radius", "0"), "--radius: 0 makes no circle"),
        (("--circle", "3,8", "--ends"), "--ends is of a walk"),
        (("--seeds", "1,2", "--space", "z"), "--space is of a walk or a circle"),
        (("--circle", "1,99999999999"), "--circle: '1,99999999999' is not understood"),
        (("--walk", "1:2", "--grid", "2x1"), "--walk is one picture"),
        (("--walk", "1:2", "--duration", "-1"), "a journey cannot take -1 seconds"),
        (("--seeds", "1,2", "--duration", "3"), "--duration is of a journey"),
        (("--walk", "1:2", "--save-journey", "a.json"), "End it .journey.json"),
        (("--walk", "1:2", "--bend", "b8.conv0:add=0..1"), "--walk moves by itself"),
        (("--walk", "1:2", "--fps", "0"), "0 frames per second cannot be written"),
    ],
)
def test_a_call_that_is_wrong_gets_one_clear_line(make, tmp_path, options, message):
    outcome = make("--network", PLAIN, *options)
    assert outcome.code == 1
    assert message in outcome.err
    assert len(outcome.err.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_film_with_an_odd_side_says_how_large_it_is(make, tmp_path):
    options = ("--network", PLAIN, "--walk", "7:2", "--w-frames", 1, "--fps", 4)
    outcome = make(*options, "--canvas", "65x41", output="a.mp4")
    assert outcome.code == 0, outcome.err
    assert "Note: a film has even sides, so it is 66 × 42." in outcome.err
    assert read_first(tmp_path / "a.mp4").shape[:2] == (42, 66)
    assert "Note" not in make(*options, "--canvas", "66x42", output="b.mp4").err
