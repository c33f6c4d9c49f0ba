"""The table of what was used lately, against a plain list that says what it should hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.lru import Lru

SPARED = "s"
KEYS = st.sampled_from(["a", "b", "c", "d", SPARED])
STEPS = st.one_of(
    st.tuples(st.just("put"), KEYS, st.integers(0, 7), st.booleans()),
    st.tuples(st.sampled_from(["get", "peek", "pop"]), KEYS),
    st.tuples(st.just("limit"), st.integers(0, 12)),
    st.tuples(st.just("clear")),
)


class Value:
    def __init__(self, size: int) -> None:
        self.size = size


class Listed:
    """What an Lru does, in the plainest way: (key, value) in the order in which they go."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.entries: list[tuple[str, Value]] = []
        self.dropped: list[tuple[str, Value]] = []

    def find(self, key: str) -> tuple[str, Value] | None:
        return next((entry for entry in self.entries if entry[0] == key), None)

    def peek(self, key: str) -> Value | None:
        found = self.find(key)
        return None if found is None else found[1]

    def get(self, key: str) -> Value | None:
        if (found := self.find(key)) is not None:
            self.entries.remove(found)
            self.entries.append(found)
        return self.peek(key)

    def pop(self, key: str) -> Value | None:
        if (found := self.find(key)) is not None:
            self.entries.remove(found)
        return None if found is None else found[1]

    def put(self, key: str, value: Value, used: bool) -> None:
        found = self.find(key)
        place = self.entries.index(found) if found is not None else 0
        if found is not None:
            self.entries.remove(found)
            self.dropped.append(found)
        if value.size > self.limit and key != SPARED:
            self.dropped.append((key, value))
        else:
            self.entries.insert(len(self.entries) if used else place, (key, value))
            self.shrink()

    def shrink(self) -> None:
        while sum(value.size for _, value in self.entries) > self.limit:
            rest = [entry for entry in self.entries if entry[0] != SPARED]
            if not rest:
                return
            self.entries.remove(rest[0])
            self.dropped.append(rest[0])

    def clear(self) -> None:
        self.dropped += self.entries
        self.entries = []


@given(st.lists(STEPS, max_size=40))
def test_it_is_a_list_in_the_order_of_use(steps: list[tuple[Any, ...]]) -> None:
    dropped: list[tuple[str, Value]] = []
    lru = Lru[str, Value](
        10,
        size_of=lambda value: value.size,
        on_drop=lambda key, value: dropped.append((key, value)),
        spares=lambda key: key == SPARED,
    )
    expected = Listed(10)
    for name, *arguments in steps:
        match name, arguments:
            case "put", [key, size, used]:
                value = Value(size)
                lru.put(key, value, used=used)
                expected.put(key, value, used)
            case "limit", [limit]:
                lru.limit = expected.limit = limit
                expected.shrink()
            case "clear", []:
                lru.clear()
                expected.clear()
            case _, [key]:
                assert getattr(lru, name)(key) is getattr(expected, name)(key)
        assert list(zip(lru, lru.values(), strict=True)) == expected.entries
        assert len(lru) == len(expected.entries)
        assert lru.size == sum(value.size for value in lru.values())
        assert lru.size <= lru.limit or list(lru) == [SPARED]
        assert dropped == expected.dropped


def test_without_sizes_the_limit_is_a_number_of_entries() -> None:
    lru = Lru[int, str](2)
    for key in range(3):
        lru.put(key, str(key))
    assert list(lru) == [1, 2]
    assert 0 not in lru
    assert 2 in lru


def test_a_value_that_has_grown_is_measured_when_it_is_put_again() -> None:
    dropped: list[str] = []
    lru = Lru[str, Value](
        10, size_of=lambda value: value.size, on_drop=lambda key, value: dropped.append(key)
    )
    lru.put("a", grown := Value(4))
    lru.put("b", Value(4))
    grown.size = 5
    lru.put("a", grown, used=False)
    assert (lru.size, list(lru), dropped) == (9, ["a", "b"], [])


def test_an_error_while_dropping_leaves_the_table_whole() -> None:
    def fail(key: str, value: int) -> None:
        raise OSError("gone")

    lru = Lru[str, int](1, on_drop=fail)
    lru.put("a", 1)
    with pytest.raises(OSError, match="gone"):
        lru.put("b", 2)
    assert (list(lru), lru.size) == (["b"], 1)
