"""Formats of snapshot files: every file in here that exports `FORMAT` is one.

A file is found by itself. Formats are told apart by what a snapshot contains, never by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from common.discover import exported
from networks.formats.contents import Contents, Source


@dataclass(frozen=True)
class Format:
    """One kind of snapshot file.

    name: what people call it; shown with every file of this kind.
    order: formats are asked in this order whether a file is one of theirs, the lowest first.
    recognises: whether a file is of this kind, from its first bytes.
    read: the networks of the given names, still in the file; builds nothing. Raises FormatError
        and UnsafePickleError.
    made_by: whose files these are, for the list of what can be opened.
    suffixes: how these files end, each of them in `common.snapshot_files.SUFFIXES`; none where
        this kind is recognised only to say why it cannot be opened.
    pickled_names: where the file holds pickles, what they may name because it is data and not
        code; `inspect` tells everything else that they name. None where it holds none.
    """

    name: str
    order: int
    recognises: Callable[[Source], bool]
    read: Callable[[Source, Collection[str]], Contents]
    made_by: str = ""
    suffixes: tuple[str, ...] = ()
    pickled_names: Collection[str] | None = None


def formats() -> list[Format]:
    """Every format, in the order in which they are asked."""
    found: list[Format] = exported(__name__, "FORMAT")
    return sorted(found, key=lambda format_: format_.order)


def what_can_be_opened() -> str:
    """For a person whose file cannot: whose files can, with the suffixes of each."""
    kinds: dict[str, list[str]] = {}
    for suffix, maker in sorted({(s, f.made_by) for f in formats() for s in f.suffixes}):
        kinds.setdefault(maker, []).append(suffix)
    *most, last = (f"{maker}'s {', '.join(suffixes)}" for maker, suffixes in kinds.items())
    return f"{', '.join(most)} and {last} can be opened."
