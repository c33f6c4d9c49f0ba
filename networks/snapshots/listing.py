"""What is inside a snapshot file, found without running or building anything of it."""

from __future__ import annotations

import contextlib
import io
import math
import pickletools
import re
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from networks.base import Generator, Sampling
from networks.formats import formats
from networks.formats.contents import FormatError, NetworkData, Source
from networks.formats.modules import PERSISTENT_OBJECT, source_hash
from networks.formats.torch_data import LOAD_FROM_BYTES, zip_entries
from networks.pickles.data import Budget, Names, Record, UnsafePickleError
from networks.pickles.file_bytes import Data, FileBytes, part_of
from networks.pickles.machine import unpickle
from networks.snapshots.build import unfilled

_MAX_SCAN: Final = 1 << 19
_OLD_PICKLES: Final = (b"(", b"}", b"]", b"c")  # how most pickles of protocol 0 or 1 begin


@dataclass(frozen=True)
class GlobalUse:
    """Something that a plain unpickler imports from a file.

    name: its full name.
    count: how often it is named.
    calls: how often it would be called.
    data: it is data that is read here; anything else is refused.
    """

    name: str
    count: int
    calls: int
    data: bool


@dataclass(frozen=True)
class EmbeddedSource:
    """Source code in the file, which a plain loader runs.

    class_name: of what it defines.
    lines: how many it has.
    sha256: the first 12 digits of its SHA-256.
    objects: how many objects of the file are made by it.
    """

    class_name: str
    lines: int
    sha256: str
    objects: int


@dataclass(frozen=True)
class LayerRow:
    """One layer of a network.

    name: by its tensors.
    resolution: pixels a side of its output; None where that is no picture.
    channels: of its output.
    weight: the shape of its weight.
    dtype: of its weight in the file.
    parameters: how many numbers are learnt in it.
    cutoff: where the pass band of its output ends, in periods per side of the picture; and
    sampling: its rates, in samples; None where the resolution says it all.
    """

    name: str
    resolution: int | None
    channels: int
    weight: tuple[int, ...]
    dtype: str
    parameters: int
    cutoff: float | None = None
    sampling: str | None = None


@dataclass
class PickleListing:
    """Everything that a plain unpickler would do with a file.

    globals: what it would import, refused names first.
    sources: the source code that it would run.
    """

    globals: list[GlobalUse] = field(default_factory=list)
    sources: list[EmbeddedSource] = field(default_factory=list)

    @property
    def refused(self) -> list[str]:
        """The names that are no data."""
        return [use.name for use in self.globals if not use.data]


def list_pickle(source: Source) -> PickleListing | None:
    """What a plain unpickler would import, call and run; None for a file without pickles.

    Broken files are listed as far as they go.
    """
    allowed = _pickled_names(source)
    if allowed is None:
        return None
    names = Names(allowed, lenient=True)
    budget, found = Budget(), _Found()
    for stream in _streams(source):
        _list_stream(stream, names, budget, found)
    while found.nested:
        _list_stream(found.nested.pop(), names, budget, found)
    uses = [
        GlobalUse(name, count, names.called.get(name, 0), name in allowed)
        for name, count in names.seen.items()
    ]
    uses.sort(key=lambda use: (use.data, use.name))
    sources = [
        EmbeddedSource(class_name, len(text.splitlines()), source_hash(text), count)
        for (class_name, text), count in found.sources.items()
    ]
    return PickleListing(uses, sources)


def _pickled_names(source: Source) -> Collection[str] | None:
    """What pickles in a file may name because it is data; None for a file without pickles."""
    names: Collection[str] | None = None
    for format_ in formats():
        if format_.pickled_names is not None:
            names = format_.pickled_names
            if format_.recognises(source):
                return names
    # Protocols 0 and 1 are of no format, and so of the one that is asked last.
    return names if source.head[:1] in _OLD_PICKLES else None


def layer_rows(data: NetworkData) -> tuple[list[LayerRow], int, str]:
    """The layers of a network with their shapes, its number of parameters, and the size of its
    pictures with their channels, as `64x64x3`.

    Raises FormatError where the tensors do not fit the network.
    """
    network = unfilled(data)
    counts = {name: math.prod(p.shape) for name, p in network.named_parameters()}
    places = network.layers if isinstance(network, Generator) else ()
    sampled = {f"synthesis.{place.name}": place for place in places if place.sampling}
    groups: dict[str, list[str]] = {}
    for name in counts:
        layer = name.rpartition(".")[0].removesuffix(".affine")
        groups.setdefault(layer, []).append(name)
    rows = []
    for layer, members in groups.items():
        main = f"{layer}.weight" if f"{layer}.weight" in data.tensors else members[0]
        ref = data.tensors[main]
        block = re.search(r"(?:^|\.)b(\d+)(?:\.|$)", layer)
        place = sampled.get(layer)
        rows.append(
            LayerRow(
                layer if main.endswith(".weight") else main,
                int(block[1]) if block else place.resolution if place else None,
                ref.shape[0] if ref.shape else 1,
                ref.shape,
                str(ref.dtype).removeprefix("torch."),
                sum(counts[name] for name in members),
                place.sampling.cutoff if place and place.sampling else None,
                _rates(place.sampling) if place and place.sampling else None,
            )
        )
    side, channels = getattr(network, "resolution", 0), getattr(network, "img_channels", 0)
    height, width = network.img_shape if isinstance(network, Generator) else (side, side)
    return rows, sum(counts.values()), f"{width}x{height}x{channels}"


def _rates(sampling: Sampling) -> str:
    """`8 to 16 at 32`: the rates before and after, and that of the activation."""
    if sampling.before == sampling.after == sampling.between:
        return str(sampling.after)
    return f"{sampling.before} to {sampling.after} at {sampling.between}"


@dataclass
class _Found:
    """What was found in the pickles so far: nested pickles, and how often which source is used."""

    nested: list[Data] = field(default_factory=list)
    sources: dict[tuple[str, str], int] = field(default_factory=dict)


def _streams(source: Source) -> Iterator[Data]:
    if source.head[:2] != b"PK":
        yield source.file
        return
    try:
        entries = zip_entries(source.file)
    except FormatError:
        return
    yield from (view for name, view in entries.items() if name.endswith(".pkl"))


def _list_stream(data: Data, names: Names, budget: Budget, found: _Found) -> None:
    """Every pickle at the start of `data`: one, or the chain of a legacy file of torch.save."""
    start = 0
    while start < len(data) and (start == 0 or data[start] == 0x80):
        try:
            root, start = unpickle(data, names, start=start, budget=budget)
        except UnsafePickleError:
            _scan(part_of(data, start, start + _MAX_SCAN), names)
            return
        _collect(root, budget, found)


def _collect(root: Any, budget: Budget, found: _Found) -> None:
    done: set[int] = set()
    todo = [root]
    while todo and budget.copied > 0:
        value = todo.pop()
        if id(value) in done or not isinstance(value, (dict, list, tuple, Record)):
            continue
        done.add(id(value))
        if isinstance(value, Record):
            todo += [value.args, value.kwargs, value.state]
            match value:
                case Record(name=name, args=(bytes() | memoryview() | FileBytes() as blob,)) if (
                    name == LOAD_FROM_BYTES
                ):
                    found.nested.append(memoryview(blob) if isinstance(blob, bytes) else blob)
                case Record(name=name, args=({"module_src": str(text)} as meta,)) if (
                    name == PERSISTENT_OBJECT
                ):
                    key = (str(meta.get("class_name"))[:100], text)
                    found.sources[key] = found.sources.get(key, 0) + 1
        else:
            budget.copied -= len(value)
            todo += value.values() if isinstance(value, dict) else value


def _scan(data: memoryview, names: Names) -> None:
    """Names in a stream that the machine does not follow, by reading its instructions."""
    seen: set[str] = set()
    texts: list[str] = []  # the strings just before, which STACK_GLOBAL joins
    # Backslashes in damaged text are reported as if they were in a program of ours. And where the
    # stream is broken, what was seen is what there is.
    with warnings.catch_warnings(), contextlib.suppress(ValueError):
        warnings.simplefilter("ignore", DeprecationWarning)
        for instruction, argument, _ in pickletools.genops(io.BytesIO(data)):
            if instruction.name in ("GLOBAL", "INST"):
                seen.add(str(argument).replace(" ", ".", 1))
            elif instruction.name == "STACK_GLOBAL" and len(texts) > 1:
                seen.add(".".join(texts[-2:]))
            if isinstance(argument, str) and len(argument) < 200:
                texts.append(argument)
            elif instruction.name != "MEMOIZE":
                texts.clear()
    for name in seen:
        if name.isprintable() and len(name) < 200:
            names.seen.setdefault(name, 1)
