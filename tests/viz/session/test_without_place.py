"""What a network has no place for is said, key by key."""

from __future__ import annotations

from msgspec import structs

from renderer.messages.bending import Bend
from renderer.messages.journey import Journey, Key
from renderer.messages.request import (
    ChannelEdit,
    ClassLabel,
    Direction,
    MixSource,
    RenderRequest,
    Seed,
)
from tests.viz.conftest import make_model
from viz.session.without_place import told, without_place

MODEL = make_model("small.pkl", resolution=16)
PLAIN = RenderRequest("small.pkl")


def lost(**fields) -> tuple[str, ...]:
    return without_place(structs.replace(PLAIN, **fields), MODEL)


def test_what_has_a_place_is_not_named() -> None:
    assert lost() == ()
    mixed = (MixSource(Seed(3), (0.5,) * MODEL.num_ws),)
    assert lost(mix=mixed, label=ClassLabel(0), bends=(Bend("b8.conv1", "scale", 2.0),)) == ()


def test_each_kind_of_what_has_no_place_is_named() -> None:
    assert lost(edits=(ChannelEdit("b64.conv0", 1, 2.0),)) == ("channel edits",)
    assert lost(bends=(Bend("b64.conv0", "scale", 2.0),)) == ("bending",)
    assert lost(mix=(MixSource(Seed(3), (1.0,) * 10),)) == ("rows of w beyond its 6",)
    assert lost(directions=(Direction(b"\0" * 400, 1.0),)) == ("directions",)
    assert lost(label=ClassLabel(4)) == ("its class",)


def test_a_sentence_names_the_keys_and_what_happens() -> None:
    bent = structs.replace(PLAIN, bends=(Bend("b64.conv0", "scale", 2.0),))
    unknown = structs.replace(bent, snapshot="other.pkl")
    requests = (PLAIN, bent, bent, unknown, bent)
    journey = Journey(tuple(Key(r, float(i)) for i, r in enumerate(requests)), 4.0)
    assert told(journey, {"small.pkl": MODEL}) == (
        "small.pkl has no place for all of keys 2-3, 5, and draws them without bending."
    )
    assert told(journey, {}) == ""
