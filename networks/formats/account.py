"""Accounts of what a file holds: nothing that is met is ignored without a word.

A tensor or a setting that a reader does not know may change the picture. So every reader takes
what it understands out of an account, names what is known not to matter, and has the rest refused
by name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Generic, TypeVar

from networks.formats.contents import FormatError

T = TypeVar("T")


class Account(Mapping[str, T], Generic[T]):
    """Entries of a file by name, and which of them have been understood.

    what: what the entries are called in an error: `tensor`, `setting`.
    Looking an entry up does not account for it; `take` and `pass_over` do.
    """

    def __init__(self, what: str, entries: Mapping[str, T]) -> None:
        self.what = what
        self._entries = dict(entries)
        self._open = set(self._entries)

    def __getitem__(self, name: str) -> T:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def take(self, name: str) -> T:
        """An entry that is used. Raises FormatError where it is missing."""
        if name not in self._entries:
            raise FormatError(f"the {self.what} {name} is missing")
        self._open.discard(name)
        return self._entries[name]

    def take_all(self, names: Collection[str]) -> None:
        """Account for every entry of these names that there is."""
        self._open.difference_update(names)

    def pass_over(self, pattern: str) -> None:
        """Account for entries known not to change a picture, by a pattern of their whole name."""
        self._open = {name for name in self._open if not re.fullmatch(pattern, name)}

    @property
    def left(self) -> list[str]:
        """The names that nobody has accounted for, in the order of the file."""
        return [name for name in self._entries if name in self._open]

    def settle(self, belongs: str, remedy: str = "") -> None:
        """Raise FormatError where something is left.

        belongs: what it would have to be part of, such as `a StyleGAN2 generator`.
        """
        if not self.left:
            return
        first, more = self.left[0], len(self.left) - 1
        others = f" and {more} more" if more else ""
        raise FormatError(
            f"the {self.what} {first[:80]!a}{others} is no part of {belongs}",
            remedy or "It would be drawn wrongly. Convert it with the program that wrote it.",
        )
