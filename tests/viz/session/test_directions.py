"""What w is moved along, as arithmetic on tuples."""

from __future__ import annotations

from msgspec import structs

from renderer.messages.directions import Component
from renderer.messages.request import Direction
from viz.session import directions

YAW = Component(b"yaw.", "yaw", first=0, last=3)
AGE = Component(b"age.", "age")
MOVED = directions.with_amount((), YAW, 1.5)


def test_an_amount_makes_a_direction_in_the_rows_of_its_component() -> None:
    assert (Direction(b"yaw.", 1.5, 0, 3, name="yaw"),) == MOVED
    assert directions.amount(MOVED, YAW) == 1.5
    assert directions.amount(MOVED, AGE) == 0


def test_one_that_moves_nothing_is_left_out_and_the_others_stay_in_their_places() -> None:
    both = directions.with_amount(MOVED, AGE, 2.0)
    assert [d.name for d in directions.with_amount(both, YAW, 3.0)] == ["yaw", "age"]
    assert directions.with_amount(both, YAW, 0.0) == (Direction(b"age.", 2.0, name="age"),)
    assert directions.with_amount((), YAW, 0.0) == ()


def test_what_was_chosen_for_a_direction_outlives_an_amount_of_nothing() -> None:
    spared = directions.with_orthogonal(MOVED, YAW, True)
    still = directions.with_amount(spared, YAW, 0.0)
    assert directions.with_amount(still, YAW, 1.5) == spared
    assert directions.with_orthogonal(still, YAW, False) == ()


def test_a_new_name_and_new_rows_reach_the_direction_that_is_in_use() -> None:
    renamed = structs.replace(YAW, name="turn", first=2, last=None)
    (changed,) = directions.like(MOVED, renamed)
    assert (changed.name, changed.first, changed.last, changed.amount) == ("turn", 2, None, 1.5)
    assert directions.like((), renamed) == ()


def test_rows_are_those_that_the_network_has() -> None:
    assert directions.rows_of(YAW, 10) == (0, 3)
    assert directions.rows_of(AGE, 10) == (0, 9)
    assert directions.rows_of(structs.replace(YAW, first=8, last=20), 6) == (5, 5)
