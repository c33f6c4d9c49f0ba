"""Open any snapshot file as networks with metadata, and write ours. Nothing in a file can run.

What a file may look like is said in `networks.formats`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn

from common.errors import Cancelled, UserError
from common.progress import IsCancelled, ProgressReport
from common.runs.facts import training_options
from common.runs.names import kimg_of
from common.words import escaped
from networks.formats import formats, ganscope, what_can_be_opened
from networks.formats.contents import INCOMPLETE, NAMES, UNSAFE, Contents, FormatError, Source
from networks.formats.digests import digests
from networks.formats.tensor_file import write_tensors
from networks.pickles.data import UnsafePickleError
from networks.pickles.file_bytes import FileBytes, OpenFile
from networks.snapshots.build import build
from networks.snapshots.sniff import looks_like

_CHUNK: Final = 1 << 24
_KINDS: Final = {"D": "discriminator", "augment_pipe": "augmentation"}


@dataclass(frozen=True)
class Snapshot:
    """An opened file.

    path: as it was asked for.
    format: the name of its format.
    family: the name of the family of its networks.
    networks: those that were built, by name (G_ema, G, D, augment_pipe), on the CPU.
    available: the name of every network in the file.
    kimg: thousands of images seen in training; None where nothing says it.
    augment_p: ADA's p in 0…1; None where the file does not say it.
    metadata: training options where there are any, notes, the data set …
    file_bytes: the size of the file.
    """

    path: str
    format: str
    family: str
    networks: dict[str, nn.Module]
    available: tuple[str, ...] = ()
    kimg: float | None = None
    augment_p: float | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    file_bytes: int = 0

    def __getitem__(self, name: str) -> Any:
        try:
            return self.networks[name]
        except KeyError:
            raise UserError(f"{self.path}: the network {name} was not opened.") from None

    @property
    def G_ema(self) -> Any:  # noqa: N802
        return self["G_ema"]

    @property
    def G(self) -> Any:  # noqa: N802
        return self["G"]

    @property
    def D(self) -> Any:  # noqa: N802
        return self["D"]


def open_snapshot(
    path: str | os.PathLike[str],
    *,
    names: Collection[str] | None = ("G_ema",),
    progress: ProgressReport | None = None,
    cancelled: IsCancelled | None = None,
) -> Snapshot:
    """The networks `names` (None: all) of a file, built and ready.

    progress: called with a fraction 0…1 and what is being done. cancelled: asked often.
    Raises UserError, and Cancelled once `cancelled()` is true.
    """
    steps = _Steps(progress, cancelled)
    source = source_of(path, steps)
    with explained(source.path):
        contents, notes = _wanted(source, names)
        built: dict[str, nn.Module] = {}
        for index, (name, data) in enumerate(contents.networks.items()):
            share = steps.part(0.5 + 0.5 * index / len(contents.networks), f"Building {name}")
            try:
                built[name] = build(data, limit=8 * source.size + (1 << 20), progress=share)
            except FormatError as error:
                if names is not None or name != "D":
                    raise
                notes.append(_unread("D", error))
                continue
            if data.finish is not None:
                data.finish(built[name])
            notes += [f"{name}: {note}" for note in data.notes]
    steps(1.0, "Ready")
    family = next((data.family for data in contents.networks.values()), "")
    return Snapshot(
        path=source.path,
        format=contents.format,
        family=family,
        networks=built,
        available=contents.available,
        kimg=contents.kimg if contents.kimg is not None else kimg_of(source.path),
        augment_p=contents.augment_p,
        metadata=_metadata(source.path, contents, notes),
        file_bytes=source.size,
    )


def _wanted(source: Source, names: Collection[str] | None) -> tuple[Contents, list[str]]:
    """The networks `names` (None: all that can be read) of a file, and what there is to say.

    Where G_ema is wanted and there is none, G is taken for it. Raises FormatError and
    UnsafePickleError.
    """
    contents = read_contents(source, NAMES if names is None else names)
    notes = list(contents.notes)
    if names is None:
        require_generator(contents)
        return contents, notes + unread_notes(contents)
    if "G_ema" in names and "G_ema" not in contents.available and "G" in contents.available:
        contents = read_contents(source, {*names, "G"} - {"G_ema"})
        networks = dict(contents.networks)
        if "G" in networks:
            networks["G_ema"] = networks["G"] if "G" in names else networks.pop("G")
            notes.append("G is drawn: the file holds no G_ema, its average over training")
        contents = replace(contents, networks=networks)
    for name in names:
        taken = "G" if name == "G_ema" and name not in contents.available else name
        if name not in contents.networks and taken in contents.unread:
            raise contents.unread[taken]
        if name not in contents.networks:
            raise FormatError(
                f"it has no network {name} (it has {', '.join(contents.available) or 'none'})"
            )
    return contents, notes + unread_notes(contents)


def require_generator(contents: Contents) -> None:
    """Raise FormatError where generators are in the file and none of them can be read."""
    if any(data.kind == "generator" for data in contents.networks.values()):
        return
    for name in ("G_ema", "G"):
        if name in contents.unread:
            raise contents.unread[name]


def unread_notes(contents: Contents) -> list[str]:
    """What there is to say of networks that cannot be read."""
    return [_unread(*item) for item in contents.unread.items()]


def _unread(name: str, error: FormatError) -> str:
    return f"{name} is not read: {error.reason}"


def read_contents(source: Source, names: Collection[str]) -> Contents:
    """What the format of a file finds in it. Raises FormatError and UnsafePickleError."""
    for format_ in formats():
        if format_.recognises(source):
            contents = format_.read(source, names)
            return replace(contents, format=contents.format or format_.name)
    raise FormatError(
        f"it is no snapshot: it looks like {looks_like(source.head)}",
        what_can_be_opened(),
    )


def source_of(path: str | os.PathLike[str], steps: _Steps | None = None) -> Source:
    """A file as the formats see it. Raises UserError for what is no readable file."""
    text = os.fspath(path)
    steps = steps or _Steps(None, None)
    steps(0.0, "Reading")
    try:
        if os.path.isdir(text):
            raise UserError(
                f"{text} is a directory, not a snapshot file.",
                "Name a file in it, such as network-snapshot-000200.pkl.",
            )
        if not stat.S_ISREG(os.stat(text).st_mode):
            raise UserError(f"{text} is no file that can be read twice.", "Copy it to a file.")
        with open(text, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(4096)
    except FileNotFoundError as error:
        raise UserError(f"{text} does not exist.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(f"Cannot read {text}: {reason}.") from error
    if not head:
        raise UserError(
            f"Cannot open {text}: it is empty.", "It may still be being written; try again."
        )
    return Source(text, size, head, lambda: _read(text, size, steps), lambda: _open(text, size))


def _read(path: str, size: int, steps: _Steps) -> memoryview:
    try:
        data = bytearray(size)
        view, done = memoryview(data), 0
        with open(path, "rb") as file:
            while done < size:
                steps(0.5 * done / size, "Reading")
                count = file.readinto(view[done : done + _CHUNK])
                if not count:
                    break
                done += count
    except (OSError, MemoryError) as error:
        raise UserError(f"Cannot read {path}: {error or 'not enough memory'}.") from error
    return view[:done]


def _open(path: str, size: int) -> FileBytes:
    try:
        return FileBytes(OpenFile(path), 0, size)
    except OSError as error:
        raise UserError(f"Cannot read {path}: {error}.") from error


def _metadata(path: str, contents: Contents, notes: list[str]) -> dict[str, Any]:
    metadata = dict(contents.metadata)
    options = training_options(Path(path).parent)
    if options:
        metadata.setdefault("training_options", options)
    if notes:
        metadata["notes"] = notes
    return metadata


@contextmanager
def explained(path: str) -> Iterator[None]:
    """What goes wrong inside with the file `path` becomes a UserError."""
    try:
        yield
    except FormatError as error:
        raise _failed(path, error.reason, error.remedy) from error
    except UnsafePickleError as error:
        raise _failed(path, error.reason, UNSAFE if error.refused else INCOMPLETE) from error
    except OSError as error:  # parts of the file are read as they are needed
        raise UserError(f"Cannot read {path}: {error.strerror or error}.") from error


def _failed(path: str, reason: str, remedy: str) -> UserError:
    # Names come from the file: no control characters on the user's terminal.
    return UserError(f"Cannot open {path}: {escaped(reason, 500)}.", remedy)


class _Steps:
    """Tells how far the work is, and stops it."""

    def __init__(self, progress: ProgressReport | None, cancelled: IsCancelled | None) -> None:
        self._progress, self._cancelled = progress, cancelled

    def __call__(self, fraction: float, text: str) -> None:
        if self._cancelled is not None and self._cancelled():
            raise Cancelled("Opening was cancelled.")
        if self._progress is not None:
            self._progress(fraction, text)

    def part(self, start: float, text: str) -> Callable[[float], None]:
        """The steps of one network: its fractions from `start` to 1."""
        return lambda fraction: self(start + (1 - start) * fraction, text)


def write_snapshot(
    path: str | os.PathLike[str],
    networks: Mapping[str, nn.Module],
    *,
    metadata: Mapping[str, Any] | None = None,
    kimg: float | None = None,
    augment_p: float | None = None,
    dtype: torch.dtype | None = None,
) -> None:
    """Write our safetensors, atomically: a crash leaves the old file or the new one.

    networks: by name; those with a `config` can be rebuilt by a reader, others are tensors only.
    metadata: JSON data. dtype: of the stored weights with two or more
    dimensions (vectors stay as they are). Raises UserError.
    """
    target = Path(path)
    facts, tensors = {}, {}
    for name, network in networks.items():
        if hasattr(network, "config"):
            kind = _KINDS.get(name, "generator")
            facts[name] = {"kind": kind, "family": network.family, "config": network.config}
        for key, value in network.state_dict().items():
            tensors[f"{name}.{key}"] = _stored(value.detach().cpu(), dtype)
    try:
        header = ganscope.header(
            facts,
            kimg=kimg,
            augment_p=augment_p,
            metadata=metadata or {},
            digests=digests(tensors),
        )
    except (ValueError, TypeError) as error:
        raise UserError(f"Cannot write {target}: its metadata is no JSON ({error}).") from error
    write_tensors(target, tensors, header)


def _stored(value: torch.Tensor, dtype: torch.dtype | None) -> torch.Tensor:
    value = value.contiguous()
    if dtype is None or value.ndim < 2:
        return value.clone()  # the library refuses tensors that share memory
    return value.to(dtype)
