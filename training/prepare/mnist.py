"""MNIST's idx files, gzipped or not: images, and labels where their file lies beside.

Format: big-endian magic 0x00000803, count, rows, columns, then bytes; labels 0x00000801, count,
then bytes (Y. LeCun, "The MNIST database of handwritten digits").
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BufferedReader
from math import prod
from pathlib import Path

import numpy as np

from common.errors import UserError
from common.words import escaped
from training.data.unpacking import BROKEN_PACKING
from training.prepare.item import Item, LabelsFrom
from training.prepare.unpack import unpacked

IMAGES = struct.pack(">I", 0x803)
LABELS = struct.pack(">I", 0x801)

_BLOCK = 1 << 20  # bytes read at once
_MAX_IMAGE = 1 << 24  # bytes of one image


class MnistSource:
    """Grey images; those of 28×28 pixels get a border of 2 black ones, as is usual for networks.

    They are counted when the source is opened, and read as they are drawn: a data set of this kind
    may be larger than the memory.
    """

    classes: list[str] | None = None

    def __init__(self, path: Path, labels: LabelsFrom) -> None:
        if labels in ("json", "folders"):
            raise UserError(
                f"{path} has labels of its own, in a file beside it.", "Use --labels auto or none."
            )
        self.path = path
        self.notes: list[str] = []
        self.count, *shape = _checked(path, IMAGES, 3)
        self.shape = (shape[0], shape[1])
        self.labels: np.ndarray | None = None
        if labels == "auto":
            self._read_labels()

    def _read_labels(self) -> None:
        name = self.path.name.replace("images", "labels").replace("idx3", "idx1")
        names = (name, name.removesuffix(".gz"), f"{name}.gz")
        places = [self.path.with_name(n) for n in names if n != self.path.name]
        beside = next((place for place in places if place.is_file()), None)
        if beside is None:
            self.notes.append(f"No labels: there is no {name} beside {self.path.name}.")
            return
        (count,) = _checked(beside, LABELS, 1)
        if count != self.count:
            raise UserError(
                f"{beside} has {count} labels, {self.path} {self.count} images.",
                "Copy both again.",
            )
        with unpacked(beside) as file:
            self.labels = np.frombuffer(file.read(8 + count), np.uint8, offset=8)

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Item]:
        border = 2 if self.shape == (28, 28) else 0
        size = prod(self.shape)
        with unpacked(self.path) as file:
            file.read(16)
            for i in range(self.count):
                pixels = np.frombuffer(_exactly(file, size), np.uint8).reshape(self.shape)
                label = None if self.labels is None else int(self.labels[i])
                yield Item(f"{self.path.name}[{i}]", np.pad(pixels, border), label)


def _checked(path: Path, magic: bytes, axes: int) -> tuple[int, ...]:
    # The shape of an idx file that is read once from end to end, a block at a time.
    head = 4 + 4 * axes
    try:
        with unpacked(path) as file:
            start = file.read(head)
            if not start.startswith(magic) or len(start) < head:
                raise UserError(f"{path} is not an idx file of {axes} axes.", "Copy it again.")
            shape = struct.unpack(f">{axes}I", start[4:])
            promised, held = prod(shape), 0
            while held <= promised and (block := file.read(_BLOCK)):
                held += len(block)
    except BROKEN_PACKING as error:
        raise UserError(
            f"{path} cannot be read: {escaped(str(error), 200)}.", "Copy it again."
        ) from error
    if held != promised or prod(shape[1:]) > _MAX_IMAGE:
        more = "more" if held > promised else held
        raise UserError(
            f"{path} promises {' × '.join(map(str, shape))} values and holds {more}.",
            "Copy it again.",
        )
    return shape


def _exactly(file: BufferedReader, size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise UserError("The images ended while they were read.", "Copy the file again.")
    return data
