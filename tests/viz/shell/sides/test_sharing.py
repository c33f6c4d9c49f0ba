"""How the window is shared out: the picture first, and text that always has room."""

from __future__ import annotations

import pytest

from viz.shell.sides.sharing import ACROSS, DOWN, STRIP, Wish, fit

LEFT, RIGHT = Wish(23.5), Wish(26.0)


@pytest.mark.parametrize("room", [34, 37, 46, 55, 68, 75, 80, 96, 130])
def test_the_picture_is_wider_than_any_column_that_nobody_forced(room: float) -> None:
    sizes = fit(room, (LEFT, RIGHT), ACROSS)
    strips = sum(STRIP for size in sizes if not size)
    picture = room - sum(sizes) - strips
    assert picture > 1.2 * max(sizes)
    assert all(size == 0 or size >= ACROSS.side for size in sizes)


def test_columns_shrink_before_they_collapse_and_the_right_one_goes_first() -> None:
    wide, less, narrow, tiny = (fit(room, (LEFT, RIGHT), ACROSS) for room in (96, 75, 60, 45))
    assert wide == (23.5, 26.0)
    assert ACROSS.side <= less[0] < 23.5
    assert ACROSS.side <= less[1] < 26
    assert narrow[0] > 0
    assert narrow[1] == 0
    assert tiny == (0, 0)


def test_the_column_opened_by_hand_stays_and_leaves_half_of_the_room() -> None:
    forced = Wish(26.0, forced=True)
    assert fit(60, (LEFT, forced), ACROSS)[0] == 0
    assert fit(60, (LEFT, forced), ACROSS)[1] > 0
    assert 0 < fit(36, (LEFT, forced), ACROSS)[1] <= 18


def test_what_the_user_collapsed_gives_its_room_to_the_others() -> None:
    assert fit(96, (Wish(23.5, open=False), RIGHT), ACROSS) == (0, 26)
    assert fit(64, (Wish(23.5, open=False), RIGHT), ACROSS)[1] > 0


def test_below_the_picture_there_is_nothing_in_a_low_window() -> None:
    assert fit(52, (Wish(18.0),), DOWN) == (18,)
    assert fit(44, (Wish(18.0),), DOWN) == (11,)
    assert fit(38, (Wish(18.0),), DOWN) == (0,)
