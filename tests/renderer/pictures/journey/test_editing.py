"""Keys that are dropped somewhere: they come where that is, or not at all."""

from __future__ import annotations

import pytest

from renderer.messages.journey import Journey, Key
from renderer.messages.request import RenderRequest, Seed
from renderer.pictures.journey.editing import inserted
from renderer.pictures.journey.order import check

NEW = RenderRequest("net", Seed(9))
KEYS = tuple(Key(RenderRequest("net", Seed(i)), 2.0 * i) for i in range(3))
OPEN = Journey(KEYS, 4.0)
LOOP = Journey(KEYS, 6.0, closed=True)


@pytest.mark.parametrize(
    ("journey", "time", "expected", "duration"),
    [
        (OPEN, 1.5, 1.5, 4.0),
        (OPEN, 2.0, 3.0, 4.0),  # on a key: half way to the next one
        (OPEN, 2.005, 3.0, 4.0),
        (OPEN, -3.0, 1.0, 4.0),  # left of the first one
        (OPEN, 4.0, 6.0, 6.0),
        (OPEN, 7.5, 7.5, 7.5),
        (LOOP, 4.0, 5.0, 6.0),  # the loop is as long as it was
        (LOOP, 5.0, 5.0, 6.0),
        (LOOP, 8.0, 8.0, 10.0),  # and the way back is
    ],
)
def test_a_key_comes_where_it_is_dropped(journey, time, expected, duration) -> None:
    longer, index = inserted(journey, NEW, time)
    check(longer)
    assert index is not None
    assert longer.keys[index].render == NEW
    assert longer.keys[index].time == pytest.approx(expected)
    assert longer.duration == pytest.approx(duration)
    assert [k for k in longer.keys if k.render != NEW] == list(KEYS), "the others stay"


def test_without_room_between_two_keys_nothing_is_changed() -> None:
    tight = Journey((KEYS[0], Key(NEW, 0.015), KEYS[1]), 2.0)
    assert inserted(tight, NEW, 0.0) == (tight, None)


def test_the_first_key_is_at_the_beginning() -> None:
    journey, index = inserted(Journey(), NEW, 3.0)
    assert (index, journey.keys, journey.duration) == (0, (Key(NEW),), 0.0)
