"""What w is moved along, and which styles are changed, as arithmetic on requests."""

from __future__ import annotations

from msgspec import structs

from renderer.messages.directions import Component, StyleChannel
from renderer.messages.request import Direction, RenderRequest, StyleShift
from viz.session.changes import directions

YAW = Component(b"yaw.", "yaw", first=0, last=3)
AGE = Component(b"age.", "age")
LIPS = Component(b"", "lips", style=StyleChannel("b16.conv1", 63, 0.5))
BROW = Component(b"", "brow", style=StyleChannel("b16.conv1", 9, 0.25))
PLAIN = RenderRequest()
MOVED = directions.with_amount(PLAIN, YAW, 1.5)


def test_an_amount_makes_a_direction_in_the_rows_of_its_component() -> None:
    assert MOVED.directions == (Direction(b"yaw.", 1.5, 0, 3, name="yaw"),)
    assert directions.amount(MOVED, YAW) == 1.5
    assert directions.amount(MOVED, AGE) == 0


def test_one_that_moves_nothing_is_left_out_and_the_others_stay_in_their_places() -> None:
    both = directions.with_amount(MOVED, AGE, 2.0)
    moved = directions.with_amount(both, YAW, 3.0)
    assert [d.name for d in moved.directions] == ["yaw", "age"]
    left = directions.with_amount(both, YAW, 0.0)
    assert left.directions == (Direction(b"age.", 2.0, name="age"),)
    assert directions.with_amount(PLAIN, YAW, 0.0) == PLAIN


def test_what_was_chosen_for_a_direction_outlives_an_amount_of_nothing() -> None:
    spared = directions.with_orthogonal(MOVED, YAW, True)
    still = directions.with_amount(spared, YAW, 0.0)
    assert directions.with_amount(still, YAW, 1.5) == spared
    assert directions.with_orthogonal(still, YAW, False) == PLAIN


def test_a_new_name_and_new_rows_reach_the_direction_that_is_in_use() -> None:
    renamed = structs.replace(YAW, name="turn", first=2, last=None)
    (changed,) = directions.like(MOVED, renamed).directions
    assert (changed.name, changed.first, changed.last, changed.amount) == ("turn", 2, None, 1.5)
    assert directions.like(PLAIN, renamed) == PLAIN


def test_a_style_is_changed_beside_directions_and_other_styles() -> None:
    one = directions.with_amount(MOVED, LIPS, -4.0)
    two = directions.with_amount(one, BROW, 2.0)
    assert two.directions == MOVED.directions
    assert two.styles == (
        StyleShift("b16.conv1", 63, -4.0, 0.5, "lips"),
        StyleShift("b16.conv1", 9, 2.0, 0.25, "brow"),
    )
    assert (directions.amount(two, LIPS), directions.amount(two, AGE)) == (-4.0, 0.0)
    assert directions.with_amount(two, LIPS, 0.0).styles == two.styles[1:]
    assert directions.with_amount(two, LIPS, 1.0).styles[1] == two.styles[1]
    assert directions.left(two) == PLAIN
    assert directions.moves(one)
    assert not directions.moves(PLAIN)


def test_the_same_channel_by_another_spread_is_another_style() -> None:
    one = directions.with_amount(PLAIN, LIPS, 2.0)
    other = structs.replace(LIPS, style=StyleChannel("b16.conv1", 63, 0.75))
    assert directions.amount(one, other) == 0
    assert len(directions.with_amount(one, other, 1.0).styles) == 2


def test_a_new_name_reaches_the_style_that_is_in_use() -> None:
    one = directions.with_amount(PLAIN, LIPS, 2.0)
    renamed = structs.replace(LIPS, name="mouth")
    assert directions.like(one, renamed).styles[0].name == "mouth"
    assert directions.like(PLAIN, renamed) == PLAIN


def test_rows_are_those_that_the_network_has() -> None:
    assert directions.rows_of(YAW, 10) == (0, 3)
    assert directions.rows_of(AGE, 10) == (0, 9)
    assert directions.rows_of(structs.replace(YAW, first=8, last=20), 6) == (5, 5)
