"""Text from files, as it is shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from common.words import escaped


def test_control_and_direction_characters_and_bytes_that_are_no_text_are_escaped():
    text = "a\x1b[31m\n\u202egnp.exe\udce9\u2028é日"
    assert escaped(text) == r"a\x1b[31m\n\u202egnp.exe\udce9\u2028é日"


@given(st.text(), st.integers(0, 20))
def test_what_is_shown_is_printable_and_no_longer_than_asked(text, limit):
    assert escaped(text).isprintable()
    assert escaped(text, limit).isprintable()
    assert len(escaped(text, limit)) <= max(limit, 1)
    if text.isprintable() and len(text) <= limit:
        assert escaped(text, limit) == text
