"""Modules in pickles: a class name, attributes, tensors, and the modules inside.

NVIDIA's persistence writes a module as the call `_reconstruct_persistent_obj({type, version,
module_src, class_name, state})`. Python's loader would run `module_src`; here it is only text. Any
other module of torch is written as an object of its class, with the same state.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from networks.formats.contents import FormatError
from networks.formats.numpy_data import NUMPY_NAMES, numbers
from networks.formats.torch_data import LOAD_FROM_BYTES, Tensors
from networks.pickles.data import CONTAINERS, Global, Record

PERSISTENT_OBJECT: Final = "torch_utils.persistence._reconstruct_persistent_obj"
MODULE_NAMES: Final = frozenset({PERSISTENT_OBJECT, LOAD_FROM_BYTES, *NUMPY_NAMES, *CONTAINERS})
OBJECT: Final = "<an object>"
"""Stands for the value of an attribute that is no plain data."""
OURS: Final = "ganscope"
"""The key in the state of a network that we wrote: its tensors, and the keywords that build it."""
_MAX_MODULES: Final = 10_000


@dataclass(frozen=True)
class Module:
    """One module of a network.

    class_name: what the file calls its class.
    source: the source code of the class, as text that is never run.
    attributes: its attributes: text, numbers, lists and tables of them, or OBJECT.
    tensors: the records of its parameters and buffers, by name.
    children: the modules in it, by name.
    """

    class_name: str
    source: str
    attributes: dict[str, Any]
    tensors: dict[str, Record]
    children: dict[str, Module] = field(default_factory=dict)

    def walk(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and every module below it, with their paths."""
        yield prefix, self
        for name, child in self.children.items():
            yield from child.walk(f"{prefix}.{name}" if prefix else name)

    def all_tensors(self) -> dict[str, Record]:
        """Every tensor below by its path, as in a `state_dict`."""
        return {
            f"{path}.{name}" if path else name: tensor
            for path, module in self.walk()
            for name, tensor in module.tensors.items()
        }

    def child(self, path: str) -> Module | None:
        """The module at a dotted path."""
        found: Module | None = self
        for name in path.split("."):
            found = found.children.get(name) if found else None
        return found


def source_hash(source: str) -> str:
    """The first 12 digits of a text's SHA-256."""
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:12]


class ModuleReader:
    """Records -> modules. Every module is read once: sharing could unfold without end."""

    def __init__(self, tensors: Tensors) -> None:
        self.tensors = tensors
        self._seen: set[int] = set()

    def read(self, value: Any, depth: int = 0) -> Module:
        meta, state = _parts(value)
        if id(value) in self._seen or depth > 32 or len(self._seen) > _MAX_MODULES:
            raise FormatError("a module is part of another one twice, or of itself")
        self._seen.add(id(value))
        written = state.get(OURS)
        if isinstance(written, dict):
            return Module(
                class_name=_word(meta.get("class_name")),
                source=str(meta.get("module_src")),
                attributes={OURS: simple(written.get("config"))},
                tensors=_table(written, "tensors"),
            )
        hidden = state.get("_non_persistent_buffers_set")
        hidden = hidden if isinstance(hidden, set) else set()
        tensors = {
            key: tensor
            for group in ("_parameters", "_buffers")
            for key, tensor in _table(state, group).items()
            if tensor is not None and key not in hidden
        }
        children = {
            key: self.read(child, depth + 1)
            for key, child in _table(state, "_modules").items()
            if child is not None
        }
        plain = {
            key: item
            for key, item in state.items()
            if isinstance(key, str) and (not key.startswith("_") or key.startswith("_init_"))
        }
        source = meta.get("module_src")
        return Module(
            class_name=_word(meta.get("class_name")),
            source=source if isinstance(source, str) else "",
            attributes={key: simple(item, other=OBJECT) for key, item in plain.items()},
            tensors=tensors,
            children=children,
        )


def is_module(value: Any) -> bool:
    """Whether a record describes a module."""
    match value:
        case Record(name=name, args=({"state": dict()},)) if name == PERSISTENT_OBJECT:
            return True
    return is_plain_module(value)


def is_plain_module(value: Any) -> bool:
    """Whether a record describes a module that was pickled by the name of its class."""
    match value:
        case Record(state={"_parameters": dict(), "_modules": dict()}):
            return True
    return False


def is_empty_module(value: Any) -> bool:
    """Whether a record describes a module without tensors and without modules in it."""
    match value:
        case Record(state={"_parameters": parameters, "_buffers": buffers, "_modules": modules}):
            return not parameters and not buffers and not modules
    return False


def class_names(value: Record) -> list[str]:
    """The full names by which a module was pickled; those of its class are the last."""
    return [value.name, *(item.name for item in value.args if isinstance(item, Global))]


def _parts(value: Any) -> tuple[dict[str, Any], dict[Any, Any]]:
    """What a record says of the class of a module, and the state of the module."""
    match value:
        case Record(name=name, args=({"state": dict(state)} as meta,)) if name == PERSISTENT_OBJECT:
            return meta, state
        case Record(state=dict(state)) if is_plain_module(value):
            named = [name for name in class_names(value) if not name.startswith("copyreg.")]
            return {"class_name": named[0].rpartition(".")[2] if named else "?"}, state
    raise FormatError("a network in it is no module of torch")


def _table(state: dict[Any, Any], group: str) -> dict[str, Any]:
    table = state.get(group) or {}
    if not isinstance(table, dict) or not all(isinstance(key, str) for key in table):
        raise FormatError(f"a module's {group} are no table of names")
    return table


def _word(value: Any) -> str:
    return value if isinstance(value, str) and value.isidentifier() and len(value) < 100 else "?"


def simple(value: Any, *, depth: int = 6, other: str | None = None) -> Any:
    """`value` as text, numbers, lists and dicts only; anything else becomes `other`."""
    budget = [10_000]

    def convert(item: Any, left: int) -> Any:
        budget[0] -= 1
        if budget[0] < 0 or left < 0:
            return None
        match item:
            case None | bool() | int() | str():
                return item
            case float():
                return item if math.isfinite(item) else other
            case dict():
                return {str(key): convert(entry, left - 1) for key, entry in item.items()}
            case list() | tuple():
                return [convert(entry, left - 1) for entry in item]
            case Record():
                found = numbers(item)
                return other if found is None else found
            case Global(name=name):
                return name
            case _:
                return other

    return convert(value, depth)
