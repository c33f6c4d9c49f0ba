"""Pickled networks: `network-snapshot-*.pkl` of NVIDIA's PyTorch trainers, and what forks of them,
and people, make of these files.

Nothing in a file runs: see `networks.pickles.machine` and `networks.formats.modules`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from networks.formats import Format
from networks.formats.contents import Contents, Source
from networks.formats.pickled import read as read_pickled
from networks.formats.refusal import DATA_NAMES

NAME: Final = "NVIDIA PyTorch pickle"


def recognises(source: Source) -> bool:
    """A pickle of protocol 2 or later."""
    return source.head[:1] == b"\x80" and source.head[1:2] in (b"\2", b"\3", b"\4", b"\5")


def read(source: Source, names: Collection[str]) -> Contents:
    """The networks `names`, still in the file. Raises FormatError and UnsafePickleError."""
    return read_pickled(source, names, NAME)


FORMAT: Final = Format(
    name=NAME,
    order=50,  # after formats with a signature of their own
    recognises=recognises,
    read=read,
    made_by="NVIDIA",
    suffixes=(".pkl",),
    pickled_names=DATA_NAMES,
)
