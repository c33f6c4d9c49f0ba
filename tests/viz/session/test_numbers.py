"""Lists of whole numbers, written and read."""

from __future__ import annotations

import pytest

from viz.session.numbers import listed, ranges


def test_runs_are_written_as_ranges() -> None:
    assert ranges([0, 1, 2, 5, 7, 8]) == "0-2,5,7-8"
    assert ranges([]) == ""


def test_what_is_typed_keeps_its_order() -> None:
    assert listed(" 3, 0 - 1 ,9", 10, 10) == (3, 0, 1, 9)


@pytest.mark.parametrize("text", ["", "a", "3-1", "10", "0-10", "-1", "1,,2", "1-", "１", "9" * 99])
def test_what_is_no_list_of_numbers_below_the_end_is_refused(text: str) -> None:
    assert listed(text, 10, 10) is None


def test_a_range_is_no_longer_than_it_may_be() -> None:
    assert listed("0-3,5-8", 10, 4) is not None
    assert listed("0-4", 10, 4) is None
