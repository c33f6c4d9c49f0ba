"""MNIST's idx files, gzipped or not: images, and labels where their file lies beside.

Format: big-endian magic 0x00000803, count, rows, columns, then bytes; labels 0x00000801, count,
then bytes (Y. LeCun, "The MNIST database of handwritten digits").
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from common.errors import UserError
from training.prepare.item import Item, LabelsFrom

IMAGES = struct.pack(">I", 0x803)
LABELS = struct.pack(">I", 0x801)


class MnistSource:
    """Grey images; those of 28×28 pixels get a border of 2 black ones, as is usual for networks."""

    classes: list[str] | None = None

    def __init__(self, path: Path, labels: LabelsFrom) -> None:
        if labels in ("json", "folders"):
            raise UserError(
                f"{path} has labels of its own, in a file beside it.", "Use --labels auto or none."
            )
        self.path = path
        self.images = _read(path, IMAGES, 3)
        if self.images.shape[1:] == (28, 28):
            self.images = np.pad(self.images, ((0, 0), (2, 2), (2, 2)))
        self.labels: np.ndarray | None = None
        beside = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
        if labels == "auto" and beside != path and beside.is_file():
            self.labels = _read(beside, LABELS, 1)
            if len(self.labels) != len(self.images):
                raise UserError(
                    f"{beside} has {len(self.labels)} labels, {path} {len(self.images)} images.",
                    "Copy both again.",
                )

    def __len__(self) -> int:
        return len(self.images)

    def __iter__(self) -> Iterator[Item]:
        for i, image in enumerate(self.images):
            label = None if self.labels is None else int(self.labels[i])
            yield Item(f"{self.path.name}[{i}]", image, label)


def _read(path: Path, magic: bytes, axes: int) -> np.ndarray:
    try:
        data = path.read_bytes()
        if data.startswith(b"\x1f\x8b"):
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path} cannot be read: {error}.", "Copy it again.") from error
    head = 4 + 4 * axes
    if not data.startswith(magic) or len(data) < head:
        raise UserError(f"{path} is not an idx file of {axes} axes.", "Copy it again.")
    shape = struct.unpack(f">{axes}I", data[4:head])
    if len(data) - head != np.prod(shape, dtype=object):
        raise UserError(
            f"{path} promises {' × '.join(map(str, shape))} values and holds {len(data) - head}.",
            "Copy it again.",
        )
    return np.frombuffer(data, np.uint8, offset=head).reshape(shape)
