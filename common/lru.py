"""A table with bounded contents, from which what was used least recently goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Entry(NamedTuple, Generic[V]):
    """A value with its size as it was when the value was put in."""

    value: V
    size: int


class Lru(Generic[K, V]):
    """Values by key, whose sizes add up to at most `limit`.

    size_of: the size of a value, asked once in each `put`; without it every value counts as 1, so
        that `limit` is a number of entries.
    on_drop: called with the key and the value of every entry that leaves by itself: because it did
        not fit, because another value took its key, or because of `clear`. Not called by `pop`,
        whose caller takes the value over.
    spares: whether the entry of a key stays although there is no room. Only such entries can make
        the sizes add up to more than `limit`.

    Iterating gives the keys, the one that goes next first. Not safe to use from several threads
    at once: callers that do so hold a lock.
    """

    def __init__(
        self,
        limit: int,
        *,
        size_of: Callable[[V], int] = lambda value: 1,
        on_drop: Callable[[K, V], None] = lambda key, value: None,
        spares: Callable[[K], bool] = lambda key: False,
    ) -> None:
        self._limit = limit
        self._size_of = size_of
        self._on_drop = on_drop
        self._spares = spares
        self._entries: OrderedDict[K, _Entry[V]] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[K]:
        return iter(self._entries)

    def values(self) -> Iterator[V]:
        """The values, in the order of the keys."""
        return (entry.value for entry in self._entries.values())

    @property
    def size(self) -> int:
        """The sizes of all values, added up."""
        return self._size

    @property
    def limit(self) -> int:
        """What `size` is kept at or below."""
        return self._limit

    @limit.setter
    def limit(self, limit: int) -> None:
        self._limit = limit
        self._drop_surplus()

    def peek(self, key: K) -> V | None:
        """The value of a key, or None, without this counting as a use."""
        entry = self._entries.get(key)
        return None if entry is None else entry.value

    def get(self, key: K) -> V | None:
        """The value of a key, or None. A value that is found is now the most recently used one."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry.value

    def put(self, key: K, value: V, *, used: bool = True) -> None:
        """Keep a value, in place of the one that the key had, and drop what has no room any more.

        A value larger than `limit` is dropped at once, and nothing else for its sake.
        used: this counts as a use. Otherwise an entry that was there keeps its place in the order
            of use (its size is asked again), and a new entry is the first to go.
        """
        old = self._entries.get(key)
        entry = _Entry(value, self._size_of(value))
        self._entries[key] = entry
        self._size += entry.size - (0 if old is None else old.size)
        if used or old is None:
            self._entries.move_to_end(key, last=used)
        if old is not None and old.value is not value:
            self._on_drop(key, old.value)
        if entry.size > self._limit and not self._spares(key):
            self._drop(key)
        self._drop_surplus()

    def pop(self, key: K) -> V | None:
        """Take a value out and give it to the caller; None where there is none."""
        entry = self._entries.pop(key, None)
        if entry is None:
            return None
        self._size -= entry.size
        return entry.value

    def clear(self) -> None:
        """Drop everything, spared or not."""
        for key in list(self._entries):
            self._drop(key)

    def _drop_surplus(self) -> None:
        while self._size > self._limit:
            key = next((key for key in self._entries if not self._spares(key)), None)
            if key is None:
                return
            self._drop(key)

    def _drop(self, key: K) -> None:
        entry = self._entries.pop(key)
        self._size -= entry.size
        self._on_drop(key, entry.value)
