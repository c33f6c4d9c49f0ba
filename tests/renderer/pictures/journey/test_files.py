"""Journeys in files, and made by rule."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from common.errors import UserError
from renderer.messages.journey import Curve, Journey, Key, Knob, Point
from renderer.messages.options import EngineOptions
from renderer.messages.request import Arc, Direction, Plane, RenderRequest, Seed
from renderer.pictures.journey import generators
from renderer.pictures.journey.files import named, read_journey, write_journey
from renderer.pictures.journey.frame import at, frames
from renderer.pictures.metadata import encode_png
from renderer.pipeline.pipeline import Pipeline
from tests.paths import DATA

PLAIN = str(DATA / "sg2-uncond-32.pkl")
BASE = RenderRequest(PLAIN, Plane(3.5, 2.0))


def test_a_journey_comes_back_from_its_file(tmp_path):
    knob = Knob("direction", Direction(b"\x00\x00\x80\x3f"))
    journey = Journey(
        (Key(BASE, 0.0, "hold", name="one"), Key(BASE, 2.5, "slerp", "both")),
        4.0,
        closed=True,
        curves=(Curve(knob, (Point(0.0, 1.0),)),),
    )
    path = named(tmp_path / "a")
    assert path.name == "a.journey.json"
    assert named(tmp_path / "a.json") == path == named(path)
    write_journey(path, journey)
    assert read_journey(path) == journey


def test_a_picture_that_carries_a_session_gives_its_journey(tmp_path):
    journey = Journey((Key(BASE),))
    made = msgspec.json.encode({"render": BASE, "version": 1, "journey": journey})
    path = tmp_path / "a.png"
    path.write_bytes(encode_png(np.zeros((2, 2, 4), np.uint8), made))
    assert read_journey(path) == journey


@pytest.mark.parametrize(
    ("json", "message"),
    [
        (b"{}", "holds no journey"),
        (b'{"keys":[]}', "holds no journey"),
        (b"[1]", "holds no journey"),
        (b"no json", "holds no journey"),
        (b'{"keys":[{"render":{},"time":-1}]}', "finite and not negative"),
        (b'{"keys":[{"render":{}}],"duration":1,"version":99}', "newer ganscope"),
        (b'{"keys":[{"render":{}}],"duration":1e999}', "holds no journey"),
    ],
)
def test_a_file_that_holds_none_is_said_to(tmp_path, json, message):
    path = tmp_path / "a.journey.json"
    path.write_bytes(json)
    with pytest.raises(UserError, match=message):
        read_journey(path)


def test_a_walk_is_repeated_by_its_seed():
    first, again, other = (generators.walk(BASE, seed, 6, 1.0) for seed in (1, 1, 2))
    assert first == again != other
    assert first.duration == 6.0
    assert {key.going for key in first.keys} == {"smooth"}
    assert {key.going for key in generators.walk(BASE, 1, 3, 1.0, space="z").keys} == {"slerp"}


@pytest.mark.parametrize("space", ["w", "z"])
def test_a_circle_turns_evenly_and_closes(space):
    pipeline = Pipeline(EngineOptions(device="cpu", threads=1))
    journey = generators.circle(BASE, 1, 2, 2.0, space=space)
    assert journey.closed
    assert journey.duration == pytest.approx(2.0)
    w = np.stack([pipeline.latent(r)[0, 0] for r in frames(journey, 24)])
    steps = np.linalg.norm(np.roll(w, -1, 0) - w, axis=1)
    assert len(w) == 48
    assert steps.max() < 4 * np.median(steps), "no jump, at the seam neither"
    if space == "z":
        assert at(journey, 0.25).source == Arc(1, 2, 0.0, 0.125)


def test_the_quarter_of_a_circle_in_z_is_as_long_as_a_seed(tmp_path):
    journey = generators.circle(BASE, 1, 2, 4.0, space="z")
    sources = [r.source for r in frames(journey, 1)]
    assert sources == [Arc(1, 2, 0.0, turn) for turn in (0.0, 0.25, 0.5, 0.75)]


def test_seeds_are_passed_at_equal_times():
    journey = generators.through_seeds(BASE, [4, 5, 6], 2.0, closed=False)
    assert [key.time for key in journey.keys] == [0.0, 2.0, 4.0]
    assert journey.duration == 4.0
    assert at(journey, 4.0).source == Seed(6)
