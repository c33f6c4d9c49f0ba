"""CIFAR-10 and CIFAR-100, "python version": a tar of pickles, read without running any of them.

A batch is {"data": uint8 [N, 3072] (red, green, blue planes of 32×32), "labels" or "fine_labels":
N integers}, a meta file lists the names of the classes (https://www.cs.toronto.edu/~kriz/cifar.html).
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from common.errors import UserError
from common.words import escaped
from networks.pickles.data import Budget, Global, Names, Record, UnsafePickleError
from networks.pickles.machine import unpickle
from training.data.unpacking import BROKEN_PACKING
from training.prepare.item import Item, LabelsFrom, natural
from training.prepare.unpack import unpacked

_BATCH = re.compile(r"(?:.*/)?(data_batch_\d+|train)")
_META = re.compile(r"(?:.*/)?(batches\.meta|meta)")
_MAX_BYTES = 1 << 28  # of one batch: the largest is CIFAR-100's, 154 MB
_MAX_TOTAL = 1 << 29  # of an archive: CIFAR-10 unpacks to 186 MB
_RECONSTRUCT = {"numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"}
_ALLOWED = {*_RECONSTRUCT, "numpy.ndarray", "numpy.dtype", "_codecs.encode"}


class CifarSource:
    """The training images of an archive, with its classes (the fine ones of CIFAR-100)."""

    def __init__(self, path: Path, labels: LabelsFrom) -> None:
        if labels in ("json", "folders"):
            raise UserError(f"{path} has labels of its own.", "Use --labels auto or none.")
        self.classes: list[str] | None = None
        self.notes: list[str] = []
        self.batches: list[tuple[str, np.ndarray, list[int]]] = []
        for name, data in _members(path):
            where = f"{escaped(name, 200)} of {path}"
            contents = _contents(data, where)
            if _META.fullmatch(name):
                self.classes = _class_names(contents)
            else:
                self.batches.append((name.rsplit("/", 1)[-1], *_batch(contents, where)))
        self.batches.sort(key=lambda batch: natural(batch[0]))
        if not self.batches:
            raise UserError(
                f"{path} is a tar archive, and not one of CIFAR-10 or CIFAR-100 (python version).",
                "Unpack it and give the folder.",
            )
        self.labelled = labels == "auto"
        if not self.labelled:
            self.classes = None

    def __len__(self) -> int:
        return sum(len(images) for _, images, _ in self.batches)

    def __iter__(self) -> Iterator[Item]:
        for name, images, labels in self.batches:
            for i, (image, label) in enumerate(zip(images, labels, strict=True)):
                pixels = np.ascontiguousarray(image.reshape(3, 32, 32).transpose(1, 2, 0))
                yield Item(f"{name}[{i}]", pixels, label if self.labelled else None)


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    total = 0
    try:
        with unpacked(path) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                total += member.size
                if total > _MAX_TOTAL:  # before it is unpacked
                    raise UserError(
                        f"{path} is no archive of CIFAR: it unpacks to more than "
                        f"{_MAX_TOTAL >> 20} MiB.",
                        "Unpack it and give the folder.",
                    )
                wanted = _BATCH.fullmatch(member.name) or _META.fullmatch(member.name)
                if not (wanted and member.isfile()):
                    continue
                file = archive.extractfile(member)
                if file is not None:
                    yield member.name, file.read()
    except (tarfile.TarError, *BROKEN_PACKING) as error:
        raise UserError(
            f"{path} is damaged: {escaped(str(error), 200)}.", "Download it again."
        ) from error


def _contents(data: bytes, where: str) -> dict[Any, Any]:
    # A batch of CIFAR-100 is one string of 154 MB.
    budget = Budget(copied=_MAX_BYTES, text=_MAX_BYTES)
    try:
        contents, _ = unpickle(memoryview(data), Names(_ALLOWED), budget=budget)
    except UnsafePickleError as error:
        raise UserError(f"{where} is refused: {error.reason}.", "Download it again.") from error
    if not isinstance(contents, dict):
        raise UserError(f"{where} is not a CIFAR file.", "Download it again.")
    # Keys are bytes where the archive was written anew by a newer Python.
    return {k.decode("latin-1") if isinstance(k, bytes) else k: v for k, v in contents.items()}


def _batch(contents: dict[Any, Any], where: str) -> tuple[np.ndarray, list[int]]:
    images = _array(contents.get("data"))
    labels = contents.get("fine_labels", contents.get("labels"))
    if images is None or images.ndim != 2 or images.shape[1] != 3072:
        raise UserError(f"{where}: `data` is not a uint8 array [N, 3072].", "Download it again.")
    if (
        not isinstance(labels, list)
        or len(labels) != len(images)
        or not all(type(label) is int and 0 <= label < 100 for label in labels)
    ):
        raise UserError(
            f"{where}: `labels` is not a list of {len(images)} classes.", "Download it again."
        )
    return images, labels


def _array(record: Any) -> np.ndarray | None:
    # ndarray.__reduce__: _reconstruct(ndarray, (0,), b"b"), state (1, shape, dtype, order, bytes).
    if not isinstance(record, Record) or record.name not in _RECONSTRUCT or not record.args:
        return None
    state = record.state
    if record.args[0] != Global("numpy.ndarray") or type(state) is not tuple or len(state) != 5:
        return None
    _, shape, dtype, fortran, data = state
    if isinstance(data, str):
        data = data.encode("latin-1")
    if (
        not isinstance(dtype, Record)
        or dtype.name != "numpy.dtype"
        or dtype.args[:1] not in (("u1",), (b"u1",))
        or type(shape) is not tuple
        or not all(type(size) is int and size >= 0 for size in shape)
        or not isinstance(data, bytes | memoryview)
        or len(data) != np.prod(shape, dtype=object)
    ):
        return None
    return np.frombuffer(data, np.uint8).reshape(shape, order="F" if fortran else "C")


def _class_names(contents: dict[Any, Any]) -> list[str] | None:
    names = contents.get("fine_label_names", contents.get("label_names"))
    if not isinstance(names, list):
        return None
    texts = [n.decode("latin-1") if isinstance(n, bytes) else n for n in names]
    return texts if all(isinstance(text, str) for text in texts) else None
