"""Networks in pickled files, whatever they are wrapped in.

People keep the same networks as a dictionary, a tuple, alone, as a table of tensors, under the
names of other programs, in a pickle or in either container of torch.save. The wrapping is taken off
in `networks.formats.wrapping`; `networks.formats.layouts` says whose networks they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from networks.families import families
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
from networks.formats.modules import Module, ModuleReader, is_module, simple
from networks.formats.nvidia_augment import augmentation, strengths
from networks.formats.other_families import family_of, missing_from
from networks.formats.refusal import DATA_NAMES, code_in, everything_in, refuse_code
from networks.formats.torch_data import Tensors, read_legacy, read_zip
from networks.formats.wrapping import Wrapped, unwrap
from networks.pickles.data import Budget, Names, Record, UnsafePickleError
from networks.pickles.file_bytes import Data
from networks.pickles.machine import unpickle


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
        refuse_code(Wrapped({}, {}), known)
        raise
    refuse_code(wrapped, known)
    beside = Account("entry", wrapped.beside)
    networks: dict[str, NetworkData] = {}
    unread: dict[str, FormatError] = {}
    called = format_name
    for name, record in wrapped.networks.items():
        if name == "augment_pipe" or (name not in names and is_module(record)):
            continue
        try:
            network = _found(name, record, beside, tensors, source.path)
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
    if not unread.keys() & {"G_ema", "G"}:  # which would have taken what is theirs
        _settle(beside, tensors)
    p = tensors.scalar(pipe.tensors.get("p")) if pipe is not None else None
    return Contents(
        available=tuple(available),
        networks={name: networks[name] for name in NAMES if name in networks},
        kimg=_kimg(wrapped.beside, tensors),
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
# What is in a network
# ---------------------------------------------------------------------------------------------


def _found(name: str, record: Any, beside: Account[Any], tensors: Tensors, path: str) -> Found:
    module: Module | None = None
    if isinstance(record, dict):
        records = {key.removeprefix("module."): value for key, value in record.items()}
    else:
        module = ModuleReader(tensors).read(record)
        records = module.all_tensors()
    if layout_of(records) is None:
        raise _unknown(name, module, records)
    for refused in sorted(code_in(record)):
        raise UnsafePickleError(f"it wants to import {refused}, which is refused", refused=refused)
    refs: dict[str, TensorRef] = {}
    for key, value in records.items():
        try:
            refs[key] = tensors.ref(value)
        except FormatError as error:
            raise FormatError(f"tensor {key}: {error.reason}", error.remedy) from error

    def as_tensor(value: Any) -> TensorRef | None:
        return tensors.ref(value) if tensors.is_tensor(value) else None

    return Found(name, Account("tensor", refs), module, beside, as_tensor, path)


def _unknown(name: str, module: Module | None, tensors: Collection[str]) -> FormatError:
    family = family_of(tensors)
    class_name = f" (class {module.class_name})" if module else ""
    if family is not None and (missing := missing_from(family, tensors)) is not None:
        return FormatError(
            f"its {name} is {family}{class_name}, but the tensor {missing} is missing or has "
            "another name",
            "`inspect` lists what is in this file.",
        )
    if family is not None:
        use = "read" if name == "D" else "draw"
        reason = f"its {name} is {family}{class_name}, which this version cannot {use}"
    else:
        shown = ", ".join(list(tensors)[:3]) or "none"
        # What lies alone in a file is called G_ema here, and not in the file.
        subject = "it holds" if name == "G_ema" else f"its {name} is"
        reason = f"{subject} no network of a known family{class_name} (tensors: {shown})"
    return FormatError(
        reason,
        f"Networks of {', '.join(families())} can be drawn; `inspect` lists what is in this file.",
    )


def _as_format_error(error: FormatError | UnsafePickleError) -> FormatError:
    if isinstance(error, FormatError):
        return error
    return FormatError(error.reason, UNSAFE if error.refused else "")


def _pipe(wrapped: Wrapped, tensors: Tensors) -> Module | None:
    """ADA's p is wanted whatever is opened: the buffer `p` of the pipeline (ADA, Section 3.1)."""
    record = wrapped.networks.get("augment_pipe")
    return None if record is None else ModuleReader(tensors).read(record)


# ---------------------------------------------------------------------------------------------
# What lies beside the networks
# ---------------------------------------------------------------------------------------------


def _settle(beside: Account[Any], tensors: Tensors) -> None:
    """Tables and plain data beside networks change no picture; a lone tensor might."""
    for name, value in beside.items():
        if not tensors.is_tensor(value):
            beside.take_all([name])
    beside.settle("a network in this file", "Save the networks without it.")


def _kimg(beside: Mapping[Any, Any], tensors: Tensors) -> float | None:
    """How long training took, where it is told: in pictures, at the top or with its progress."""
    progress = beside.get("progress")
    inside = progress.get("cur_nimg") if isinstance(progress, dict) else None
    nimg = tensors.scalar(beside.get("cur_nimg", inside))
    return None if nimg is None or nimg < 0 else nimg / 1000


def _metadata(beside: Mapping[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in beside.items():
        if key in ("ada_aug_p", "cur_nimg") or not isinstance(key, str):
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
        for item in everything_in(dict(table))
    )
