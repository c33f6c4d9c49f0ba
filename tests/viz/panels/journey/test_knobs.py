"""The numbers that can have a curve."""

from __future__ import annotations

import pytest
from msgspec import structs

from renderer.messages.bending import Bend
from renderer.messages.journey import Curve, Journey, Key, Knob, Point
from renderer.messages.request import Direction, RenderRequest
from viz.panels.journey import knobs
from viz.panels.journey.knobs import PLAIN, Knobs
from viz.session.session import Session

AGE = Direction(b"1234", 2.0, name="Age")
KEYS = tuple(
    Key(RenderRequest("net", directions=(structs.replace(AGE, amount=float(i)),)), float(i))
    for i in range(1000)
)


def test_what_any_key_or_the_picture_has_is_listed_once() -> None:
    bent = RenderRequest("net", bends=(Bend("b8.conv0", "scale", 3.0),))
    gone = Curve(Knob("bend", bend=Bend("b4.conv1", "scale", 1.0)), (Point(0.0, 2.0),))
    listed = Knobs().of(Session(bent, journey=Journey(KEYS, 999.0, curves=(gone,))))
    names = [text for _, text in listed]
    assert names == [*(text for _, text in PLAIN), "scale b8.conv0", "Direction Age", "bend"]
    assert listed[-1][0] == gone.knob


def test_a_thousand_keys_are_looked_through_once_while_they_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[int] = []

    def counted(requests):
        requests = list(requests)
        looked.append(len(requests))
        return original(requests)

    original = knobs._of_requests
    monkeypatch.setattr(knobs, "_of_requests", counted)
    of, journey = Knobs(), Journey(KEYS, 999.0)
    for _ in range(3):
        of.of(Session(KEYS[0].render, journey=journey))
    assert looked == [1000, 1, 1, 1]
    shorter = structs.replace(journey, keys=KEYS[:-1])
    of.of(Session(KEYS[0].render, journey=shorter))
    assert looked[4:] == [999, 1]
