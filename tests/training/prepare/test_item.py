"""The order of images."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from training.prepare.item import natural


@given(st.lists(st.text("0129a/-é٣", max_size=8), max_size=12))
def test_natural_order_is_total_and_counts(names):
    backwards = names[::-1]
    assert sorted(backwards, key=natural) == sorted(names, key=natural)
    numbers = [f"x/img{i}.png" for i in (0, 1, 2, 9, 10, 11, 100, 2000)]
    backwards = numbers[::-1]
    assert sorted(backwards, key=natural) == numbers
    assert natural("9" * 5000) < natural("1" + "0" * 5000)
