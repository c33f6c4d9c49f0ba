"""What a pickled file holds, whether or not its networks can be drawn. Nothing in it is run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from networks.formats.contents import FormatError, Source, TensorRef
from networks.formats.modules import ModuleReader, is_module, simple
from networks.formats.other_families import family_of
from networks.formats.pickled import open_pickled
from networks.formats.torch_data import Tensors
from networks.pickles.data import Budget, Names, Record, UnsafePickleError

_MOST: Final = 200


@dataclass(frozen=True)
class TensorRow:
    """A tensor of a network: its name, its shape, and the type of its numbers."""

    name: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class Entry:
    """Something at the top of a file.

    name: its key; empty where the file holds nothing else.
    what: it in a few words.
    family: of a network; None where it is none, or of a family that nobody here knows.
    tensors: of a network, or of a table of tensors.
    """

    name: str
    what: str
    family: str | None = None
    tensors: tuple[TensorRow, ...] = ()


def entries(source: Source) -> list[Entry]:
    """Everything at the top of a file; empty for one that is no pickle or cannot be followed."""
    names, budget = Names((), lenient=True), Budget()
    try:
        root, stored = open_pickled(source, names, budget)
    except (FormatError, UnsafePickleError):
        return []
    tensors = Tensors(budget, Names((), lenient=True), stored)
    if isinstance(root, dict) and not all(map(tensors.is_tensor, root.values())):
        return [_entry(str(key)[:80], value, tensors) for key, value in list(root.items())[:_MOST]]
    if isinstance(root, (tuple, list)):
        return [_entry(f"[{i}]", value, tensors) for i, value in enumerate(root[:_MOST])]
    return [_entry("", root, tensors)]


def _entry(name: str, value: Any, tensors: Tensors) -> Entry:
    try:
        if is_module(value):
            module = ModuleReader(tensors).read(value)
            return _network(name, f"class {module.class_name}", module.all_tensors(), tensors)
        if _is_table(value, tensors):
            return _network(name, "a table of tensors", value, tensors)
        if tensors.is_tensor(value):
            return Entry(name, f"a tensor {list(tensors.ref(value).shape)}")
    except (FormatError, UnsafePickleError) as error:
        return Entry(name, f"a network that cannot be followed: {error.reason}")
    if isinstance(value, Record):
        return Entry(name, f"an object of {value.name}")
    if isinstance(value, dict):
        return Entry(name, f"a table of {', '.join(map(str, list(value)[:6])) or 'nothing'}")
    if isinstance(value, (list, tuple, set)):
        return Entry(name, f"{len(value)} entries in a row")
    return Entry(name, str(simple(value))[:200])


def _is_table(value: Any, tensors: Tensors) -> bool:
    return isinstance(value, dict) and any(map(tensors.is_tensor, value.values()))


def _network(name: str, what: str, records: Mapping[str, Any], tensors: Tensors) -> Entry:
    rows: list[TensorRow] = []
    for key, record in records.items():
        if tensors.is_tensor(record):
            ref: TensorRef = tensors.ref(record)
            rows.append(TensorRow(str(key), ref.shape, str(ref.dtype).removeprefix("torch.")))
    numbers = sum(math.prod(row.shape) for row in rows)
    family = family_of([row.name for row in rows])
    called = f"{family}, " if family else ""
    return Entry(
        name, f"{called}{what}: {len(rows)} tensors, {numbers:,} numbers", family, tuple(rows)
    )
