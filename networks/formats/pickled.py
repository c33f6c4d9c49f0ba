"""Networks in pickled files, whatever they are wrapped in.

People keep the same networks as a dictionary, a tuple, alone, as a table of tensors, under the
names of other programs, in a pickle or in either container of torch.save. Here the wrapping is
taken off; `networks.formats.layouts` says whose networks they are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from networks.formats.account import Account
from networks.formats.contents import (
    NAMES,
    UNSAFE,
    Contents,
    FormatError,
    NetworkData,
    Source,
    TensorRef,
)
from networks.formats.layouts import Found, layout_of
from networks.formats.modules import (
    MODULE_NAMES,
    Module,
    ModuleReader,
    class_names,
    is_empty_module,
    is_module,
    is_plain_module,
    simple,
)
from networks.formats.nvidia_augment import augmentation, strengths
from networks.formats.other_families import family_of
from networks.formats.torch_data import TORCH_NAMES, Tensors, read_legacy, read_zip
from networks.pickles.data import (
    PERSISTENT,
    Budget,
    Global,
    Names,
    Record,
    UnsafePickleError,
)
from networks.pickles.file_bytes import Data
from networks.pickles.machine import unpickle

DATA_NAMES: Final = (
    TORCH_NAMES
    | MODULE_NAMES
    | {
        "argparse.Namespace",
        "torch.nn.Identity",
        "torch.nn.modules.linear.Identity",
    }
)
_UNDER: Final = {
    "G_ema": ("G_ema", "g_ema", "params_ema", "g_running"),
    "G": ("G", "g", "params", "generator", "netG", "netG_state_dict", "generator_state_dict"),
    "D": ("D", "d", "discriminator", "netD", "netD_state_dict", "discriminator_state_dict"),
    "augment_pipe": ("augment_pipe",),
}
_ALONE: Final = ("state_dict", "model", "model_state_dict", "GAN")
_IN_TUPLES: Final = {1: ("G_ema",), 3: ("G", "D", "G_ema")}
_PREFIXES: Final = ("decoder.", "generator.", "G_ema.", "g_ema.", "netG.", "G.")
_OTHERS: Final = r"(encoder|discriminator|D|d|netD|face_pool|G|g)\..*"


@dataclass(frozen=True)
class Wrapped:
    """A file without its wrapping.

    networks: the record of each network, or the table of its tensors, by name.
    beside: everything else at the top.
    notes: what a person should know about how they were found.
    """

    networks: dict[str, Any]
    beside: dict[str, Any]
    notes: tuple[str, ...] = ()


def read(source: Source, names: Collection[str], format_name: str) -> Contents:
    """The networks `names` of a pickled file, still in it.

    format_name: what to call a file of modules. Raises FormatError, and UnsafePickleError for a
    file that asks for what data does not need.
    """
    budget, known = Budget(), Names(DATA_NAMES, lenient=True)
    root, stored = open_pickled(source, known, budget)
    tensors = Tensors(budget, known, stored)
    try:
        wrapped = unwrap(root, tensors)
    except FormatError:
        _refuse_code(Wrapped({}, {}), known)
        raise
    _refuse_code(wrapped, known)
    beside = Account("entry", wrapped.beside)
    networks: dict[str, NetworkData] = {}
    unread: dict[str, FormatError] = {}
    called = format_name
    for name, record in wrapped.networks.items():
        if name == "augment_pipe" or (name not in names and is_module(record)):
            continue
        try:
            network = _found(name, record, beside, tensors)
            layout = layout_of(network.tensors)
            if layout is not None and network.module is None:
                called = layout.name
            if layout is not None and name in names:
                networks[name] = layout.read(network)
        except (FormatError, UnsafePickleError) as error:
            unread[name] = _as_format_error(error)
    pipe = _pipe(wrapped, tensors)
    available = [
        name
        for name in NAMES
        if name in wrapped.networks and (name != "augment_pipe" or (pipe and strengths(pipe)))
    ]
    if pipe is not None and "augment_pipe" in available and "augment_pipe" in names:
        networks["augment_pipe"] = augmentation(pipe, tensors)
    if not unread:
        _settle(beside, tensors)
    p = tensors.scalar(pipe.tensors.get("p")) if pipe is not None else None
    return Contents(
        available=tuple(available),
        networks={name: networks[name] for name in NAMES if name in networks},
        augment_p=p if p is not None else tensors.scalar(beside.get("ada_aug_p")),
        metadata=_metadata(wrapped.beside),
        format=called,
        unread=unread,
        notes=wrapped.notes,
    )


def open_pickled(source: Source, names: Names, budget: Budget) -> tuple[Any, dict[str, Data]]:
    """What a file holds, as records, and the storages beside its pickle, whichever its container.

    Raises FormatError and UnsafePickleError.
    """
    if source.head[:2] == b"PK":
        return read_zip(source.file, names, budget)
    if source.head.startswith(LEGACY_HEAD):
        return read_legacy(source.file, names, budget)
    return unpickle(source.file, names, budget=budget)[0], {}


LEGACY_HEAD: Final = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""How a file of torch.save begins that is no zip archive: a pickle of its magic number."""


# ---------------------------------------------------------------------------------------------
# Taking the wrapping off
# ---------------------------------------------------------------------------------------------


def unwrap(root: Any, tensors: Tensors) -> Wrapped:
    """Find the networks in what a file holds. Raises FormatError where there are none."""
    if is_module(root):
        return Wrapped({"G_ema": root}, {})
    if isinstance(root, (tuple, list)) and any(map(is_module, root)):
        names = _IN_TUPLES.get(len(root))
        if names is None:
            raise FormatError(
                f"it holds {len(root)} networks in a row, and does not say which is which",
                "Save G_ema alone, or a dictionary with the keys G, D and G_ema.",
            )
        pairs = zip(names, root, strict=True)
        return Wrapped({name: item for name, item in pairs if item is not None}, {})
    if not isinstance(root, dict):
        raise FormatError("it is a pickle, but not of a network snapshot")
    if _is_table(root, tensors):
        return _split("G_ema", root, tensors, {})
    # Their loaders want a module for every network: an empty one stands for none.
    root = {key: value for key, value in root.items() if not is_empty_module(value)}
    found = {
        ours: (key, root[key])
        for ours, keys in _UNDER.items()
        for key in keys
        if _is_network(root.get(key), tensors)
        or (key in NAMES and isinstance(root.get(key), Record))
    }
    if not found.keys() - {"augment_pipe"}:
        alone = next((key for key in _ALONE if _is_network(root.get(key), tensors)), None)
        if alone is not None:
            found["G_ema"] = (alone, root[alone])
    used = {key for key, _ in found.values()}
    # A network that is not there is often said to be None.
    beside = {k: v for k, v in root.items() if k not in used and not (k in NAMES and v is None)}
    if not found.keys() - {"augment_pipe"}:
        raise FormatError(_without_networks(root))
    if found.keys() == {"G_ema"} and not is_module(found["G_ema"][1]):
        return _split("G_ema", found["G_ema"][1], tensors, beside)
    return Wrapped({name: record for name, (_, record) in found.items()}, beside)


def _is_network(value: Any, tensors: Tensors) -> bool:
    return is_module(value) or _is_table(value, tensors)


def _is_table(value: Any, tensors: Tensors) -> bool:
    """Whether a dictionary is one of tensors, as a `state_dict` is."""
    return (
        isinstance(value, dict)
        and bool(value)
        and all(isinstance(k, str) and tensors.is_tensor(v) for k, v in value.items())
    )


def _split(
    name: str, table: Mapping[str, Any], tensors: Tensors, beside: dict[str, Any]
) -> Wrapped:
    """A table of tensors whose names may begin with the name of the network that they are of."""
    plain = {key.removeprefix("module."): value for key, value in table.items()}
    if layout_of(plain) is None:
        for prefix in _PREFIXES:
            inside = {k.removeprefix(prefix): v for k, v in plain.items() if k.startswith(prefix)}
            rest = [key for key in plain if not key.startswith(prefix)]
            if inside and all(re.fullmatch(_OTHERS, key) for key in rest):
                parts = sorted({key.partition(".")[0] for key in rest})
                notes = tuple(f"its {part} is not used" for part in parts)
                return Wrapped({name: inside}, beside, notes)
    return Wrapped({name: plain}, beside)


def _without_networks(root: Mapping[Any, Any]) -> str:
    keys = ", ".join(ascii(key)[:40] for key in list(root)[:6])
    return f"it holds no network that is known by its name (it holds: {keys or 'nothing'})"


# ---------------------------------------------------------------------------------------------
# What is in a network
# ---------------------------------------------------------------------------------------------


def _found(name: str, record: Any, beside: Account[Any], tensors: Tensors) -> Found:
    module: Module | None = None
    if isinstance(record, dict):
        records = {key.removeprefix("module."): value for key, value in record.items()}
    else:
        module = ModuleReader(tensors).read(record)
        records = module.all_tensors()
    if layout_of(records) is None:
        raise _unknown(name, module, records)
    for refused in sorted(_code(record)):
        raise UnsafePickleError(f"it wants to import {refused}, which is refused", refused=refused)
    refs: dict[str, TensorRef] = {}
    for key, value in records.items():
        try:
            refs[key] = tensors.ref(value)
        except FormatError as error:
            raise FormatError(f"tensor {key}: {error.reason}", error.remedy) from error

    def as_tensor(value: Any) -> TensorRef | None:
        return tensors.ref(value) if tensors.is_tensor(value) else None

    return Found(name, Account("tensor", refs), module, beside, as_tensor)


def _unknown(name: str, module: Module | None, tensors: Collection[str]) -> FormatError:
    family = family_of(tensors)
    class_name = f" (class {module.class_name})" if module else ""
    if family is not None:
        reason = f"its {name} is {family}{class_name}, which this version cannot draw"
    else:
        shown = ", ".join(list(tensors)[:3]) or "none"
        reason = f"its {name}{class_name} is no network of a known family (tensors: {shown})"
    return FormatError(reason, "StyleGAN2 can be drawn; `inspect` lists what is in this file.")


def _pipe(wrapped: Wrapped, tensors: Tensors) -> Module | None:
    """ADA's p is wanted whatever is opened: the buffer `p` of the pipeline (ADA, Section 3.1)."""
    record = wrapped.networks.get("augment_pipe")
    return None if record is None else ModuleReader(tensors).read(record)


# ---------------------------------------------------------------------------------------------
# What a file may not ask for
# ---------------------------------------------------------------------------------------------


def _refuse_code(wrapped: Wrapped, names: Names) -> None:
    """Raise UnsafePickleError where a file names what is no data.

    Nothing is ever imported, so a network that is passed over may name what it likes: a D beside a
    G that can be drawn. What is read may not (`_found`), nor may anything beside networks, or what
    the file throws away again.
    """
    told = _code(wrapped.networks) | _classes(wrapped.networks)
    outside = _code(wrapped.beside)
    for refused in names.refused:
        if refused in outside or refused not in told:
            raise UnsafePickleError(
                f"it wants to import {refused}, which is refused", refused=refused
            )


def _code(value: Any) -> set[str]:
    """The names of what is neither data nor the class of a module, anywhere in a value."""
    found: set[str] = set()
    for item in _inside(value):
        match item:
            case Global(name=name):
                found.add(name)
            case Record(name=name) if name != PERSISTENT and not is_module(item):
                found.add(name)
    return found - set(DATA_NAMES)


def _classes(value: Any) -> set[str]:
    """The names of the classes of modules anywhere in a value: text, like all names here."""
    return {name for item in _inside(value) if is_module(item) for name in class_names(item)}


def _inside(value: Any) -> Iterator[Any]:
    """A value and everything in it, each once; not what the class of a module is made of."""
    done: set[int] = set()
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, Global):
            yield item
        if id(item) in done or not isinstance(item, (dict, list, tuple, Record)):
            continue
        done.add(id(item))
        yield item
        if isinstance(item, Record):
            todo += [item.state] if is_plain_module(item) else [item.args, item.kwargs, item.state]
        else:
            todo += item.values() if isinstance(item, dict) else item


def _as_format_error(error: FormatError | UnsafePickleError) -> FormatError:
    if isinstance(error, FormatError):
        return error
    return FormatError(error.reason, UNSAFE if error.refused else "")


# ---------------------------------------------------------------------------------------------
# What lies beside the networks
# ---------------------------------------------------------------------------------------------


def _settle(beside: Account[Any], tensors: Tensors) -> None:
    """Tables and plain data beside networks change no picture; a lone tensor might."""
    for name, value in beside.items():
        if not tensors.is_tensor(value):
            beside.take_all([name])
    beside.settle("a network in this file", "Save the networks without it.")


def _metadata(beside: Mapping[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in beside.items():
        if key == "ada_aug_p" or not isinstance(key, str) or isinstance(value, bool):
            continue
        if isinstance(value, Record) and value.name == "argparse.Namespace":
            found[key] = simple(value.state)
        elif isinstance(value, (str, int, float)) or (
            isinstance(value, dict) and not _holds_records(value) and "param_groups" not in value
        ):
            found[key] = simple(value)
    return found


def _holds_records(table: Mapping[Any, Any]) -> bool:
    """Whether there are tensors and the like in a table, such as the state of an optimiser."""
    return any(
        isinstance(item, Record) and not item.name.startswith("numpy")
        for item in _inside(dict(table))
    )
