"""Tensors and storages out of pickle records: the part of `torch.save` files that is data.

A storage comes as a nested file (`_load_from_bytes`), or as a reference to bytes beside the
pickle. Two containers exist: a zip archive (`data.pkl`, `data/<key>`) and, before PyTorch 1.6
and inside NVIDIA's snapshots, a chain of five pickles followed by the raw bytes of each storage.
Layouts: `torch/serialization.py` documents both; checked against files that torch writes.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from networks.formats.contents import INCOMPLETE, FormatError, TensorRef
from networks.pickles.data import CONTAINERS, PERSISTENT, Budget, Global, Names, Record
from networks.pickles.file_bytes import Data, FileBytes, part_of
from networks.pickles.machine import unpickle

LEGACY_MAGIC: Final = 0x1950A86A20F9469CFC6C
_LEGACY_PROTOCOL: Final = 1001
_MAX_DIRECTORY: Final = 1 << 22  # a snapshot has some hundred entries of 100 bytes

DTYPES: Final = {
    "torch.DoubleStorage": torch.float64,
    "torch.FloatStorage": torch.float32,
    "torch.HalfStorage": torch.float16,
    "torch.BFloat16Storage": torch.bfloat16,
    "torch.LongStorage": torch.int64,
    "torch.IntStorage": torch.int32,
    "torch.ShortStorage": torch.int16,
    "torch.CharStorage": torch.int8,
    "torch.ByteStorage": torch.uint8,
    "torch.BoolStorage": torch.bool,
}
LOAD_FROM_BYTES: Final = "torch.storage._load_from_bytes"
_TENSORS: Final = ("torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2")
_PARAMETERS: Final = (
    "torch._utils._rebuild_parameter",
    "torch._utils._rebuild_parameter_with_state",
)
TORCH_NAMES: Final = frozenset(
    {*CONTAINERS, *DTYPES, *_TENSORS, *_PARAMETERS, "torch.Size", "torch.device"}
)


@dataclass(frozen=True, slots=True)
class Storage:
    """The bytes that tensors are views of.

    dtype: of all elements.
    data: the bytes, still in the file; there may be more of them than elements.
    """

    dtype: torch.dtype
    data: Data


@dataclass
class Tensors:
    """Turns records into tensors.

    budget: what reading nested pickles may still cost.
    names: what the file's pickles may name.
    stored: the bytes of each storage beside the pickle, by its key.
    """

    budget: Budget
    names: Names
    stored: Mapping[str, Data] = field(default_factory=dict)

    def is_tensor(self, value: Any) -> bool:
        """Whether a record describes a tensor or a parameter."""
        return isinstance(value, Record) and value.name in (*_TENSORS, *_PARAMETERS)

    def ref(self, value: Any) -> TensorRef:
        """The tensor that a record describes. Raises FormatError where the record is no tensor."""
        for _ in range(2):  # a parameter wraps a tensor, never another parameter
            if isinstance(value, Record) and value.name in _PARAMETERS and value.args:
                value = value.args[0]
        if not isinstance(value, Record) or value.name not in _TENSORS or len(value.args) < 4:
            raise FormatError("a tensor is described by something else")
        storage, offset, shape, stride = value.args[:4]
        shape, stride = _sizes(shape), _sizes(stride)
        if len(shape) != len(stride) or type(offset) is not int or offset < 0:
            raise FormatError("a tensor has a shape that is none")
        found = self._storage(storage)
        count, length = math.prod(shape), len(found.data) // found.dtype.itemsize
        last = offset + sum((n - 1) * step for n, step in zip(shape, stride, strict=True))
        if count and (last >= length or count > length):
            raise FormatError(f"a tensor of shape {list(shape)} reaches beyond its data")

        def load() -> Tensor:
            if not count:
                return torch.empty(shape, dtype=found.dtype)
            size = found.dtype.itemsize
            # A copy: views would keep the whole file in memory, at any alignment.
            raw = part_of(found.data, offset * size, (last + 1) * size)
            if len(raw) < (last + 1 - offset) * size:
                raise FormatError("a tensor ends early: the file became shorter", INCOMPLETE)
            piece = np.frombuffer(raw, np.uint8).copy()
            flat = torch.from_numpy(piece).view(found.dtype)
            return flat.as_strided(shape, stride).contiguous()

        return TensorRef(shape, found.dtype, load)

    def scalar(self, value: Any) -> float | None:
        """A number that is stored as one or as a tensor of one element."""
        if self.is_tensor(value):
            ref = self.ref(value)
            value = ref.load().item() if math.prod(ref.shape) == 1 else None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        return float(value) if math.isfinite(value) else None

    def _storage(self, value: Any) -> Storage:
        if isinstance(value, Record) and value.name == LOAD_FROM_BYTES:
            if len(value.args) != 1 or not isinstance(
                value.args[0], (bytes, memoryview, FileBytes)
            ):
                raise FormatError("the data of a tensor is missing")
            # A nested file holds one storage, never another file.
            inner = Names(TORCH_NAMES, seen=self.names.seen, called=self.names.called)
            data = value.args[0]
            data = memoryview(data) if isinstance(data, bytes) else data
            root, stored = read_legacy(data, inner, self.budget)
            return _referenced(root, stored)
        return _referenced(value, self.stored)


def _sizes(value: Any) -> tuple[int, ...]:
    if isinstance(value, Record) and value.name == "torch.Size" and len(value.args) == 1:
        value = value.args[0]
    if not isinstance(value, (tuple, list)) or len(value) > 8:
        raise FormatError("a tensor has a shape that is none")
    if any(type(n) is not int or not 0 <= n < 1 << 40 for n in value):
        raise FormatError("a tensor has a shape that is none")
    return tuple(value)


def _referenced(value: Any, stored: Mapping[str, Data]) -> Storage:
    """persistent ('storage', type, key, device, number of elements[, None]) -> its bytes."""
    match value:
        case Record(name=name, args=("storage", Global(name=kind), str(key), _, int(count), *_)):
            pass
        case _:
            raise FormatError("the data of a tensor is missing")
    if name != PERSISTENT or kind not in DTYPES or key not in stored:
        raise FormatError("the data of a tensor is missing")
    data, dtype = stored[key], DTYPES[kind]
    if count < 0 or count * dtype.itemsize > len(data):
        raise FormatError("the data of a tensor is shorter than it says")
    return Storage(dtype, data)


def read_legacy(data: Data, names: Names, budget: Budget) -> tuple[Any, dict[str, Data]]:
    """A file of `torch.save(…, _use_new_zipfile_serialization=False)`: its object, its storages."""
    magic, pos = unpickle(data, names, budget=budget)
    version, pos = unpickle(data, names, start=pos, budget=budget)
    system, pos = unpickle(data, names, start=pos, budget=budget)
    if magic != LEGACY_MAGIC or version != _LEGACY_PROTOCOL or not isinstance(system, dict):
        raise FormatError("it is not a file of torch.save")
    if system.get("little_endian") is not True:
        raise FormatError("it was written on a big-endian machine, which is not supported")
    root, pos = unpickle(data, names, start=pos, budget=budget)
    keys, pos = unpickle(data, names, start=pos, budget=budget)
    sizes = _element_sizes(root, budget)
    stored: dict[str, Data] = {}
    for key in keys if isinstance(keys, list) else ():
        if not isinstance(key, str) or key not in sizes:
            raise FormatError("it lists data that nothing uses")
        count = int.from_bytes(part_of(data, pos, pos + 8), "little")
        end = pos + 8 + count * sizes[key]
        if end > len(data):
            raise FormatError("it ends before its data does: the file is incomplete")
        stored[key] = _kept(data, pos + 8, end)
        pos = end
    return root, stored


def _element_sizes(root: Any, budget: Budget) -> dict[str, int]:
    """Bytes per element of every storage that an object refers to, by key."""
    sizes: dict[str, int] = {}
    done: set[int] = set()
    todo = [root]
    while todo:
        value = todo.pop()
        if id(value) in done or not isinstance(value, (dict, list, tuple, Record)):
            continue
        done.add(id(value))
        if isinstance(value, Record):
            match value.args:
                case ("storage", Global(name=kind), str(key), *_) if kind in DTYPES:
                    if sizes.setdefault(key, DTYPES[kind].itemsize) != DTYPES[kind].itemsize:
                        raise FormatError("it uses the same data with different types")
            todo += [value.args, value.kwargs, value.state]
        else:
            budget.copy(len(value))
            todo += value.values() if isinstance(value, dict) else value
    return sizes


class _View(io.RawIOBase):
    """Bytes as a file, without a copy of all of them."""

    def __init__(self, data: Data) -> None:
        self._data, self._pos, self._left = data, 0, _MAX_DIRECTORY

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._pos = max(0, offset + (0, self._pos, len(self._data))[whence])
        return self._pos

    def tell(self) -> int:
        return self._pos

    def readinto(self, buffer: Any) -> int:
        piece = part_of(self._data, self._pos, self._pos + len(buffer))
        self._left -= len(piece)
        if self._left < 0:  # each entry becomes an object ten times its size
            raise OSError("the directory of the archive is too large")
        buffer[: len(piece)] = piece
        self._pos += len(piece)
        return len(piece)


def _kept(data: Data, begin: int, end: int) -> Data:
    """Some of the bytes, still in the file where they are many."""
    piece = data[begin:end]
    return memoryview(piece) if isinstance(piece, bytes) else piece


def zip_entries(data: Data) -> dict[str, Data]:
    """Uncompressed files of a zip archive as views, without the folder they all lie in."""
    entries: dict[str, Data] = {}
    try:
        with zipfile.ZipFile(io.BufferedReader(_View(data))) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise FormatError(
            "it is a zip archive that is damaged or incomplete", INCOMPLETE
        ) from error
    for info in infos:
        header = part_of(data, info.header_offset, info.header_offset + 30)
        if len(header) < 30 or bytes(header[:4]) != b"PK\x03\x04":
            raise FormatError("it is a zip archive that is damaged or incomplete", INCOMPLETE)
        start = (
            info.header_offset
            + 30
            + sum(int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
        )
        if info.compress_type == zipfile.ZIP_STORED and start + info.file_size <= len(data):
            entries[info.filename.partition("/")[2]] = _kept(data, start, start + info.file_size)
    return entries


def read_zip(data: Data, names: Names, budget: Budget) -> tuple[Any, dict[str, Data]]:
    """A file of `torch.save`: its object, its storages."""
    entries = zip_entries(data)
    if "data.pkl" not in entries:
        raise FormatError("it is a zip archive, but not one of torch.save (no data.pkl)")
    if bytes(entries.get("byteorder", memoryview(b"little"))) != b"little":
        raise FormatError("it was written on a big-endian machine, which is not supported")
    root, _ = unpickle(entries["data.pkl"], names, budget=budget)
    return root, {k[5:]: view for k, view in entries.items() if k.startswith("data/")}
