"""Which source of images reads what the user named: recognised by content, not by name."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

from common.errors import UserError
from common.regular import require_regular
from common.words import escaped
from training.data.unpacking import BROKEN_PACKING
from training.prepare import cifar, files, lmdb, mnist
from training.prepare.item import LabelsFrom, Source
from training.prepare.unpack import unpacked


def open_source(
    path: str | Path, labels: LabelsFrom = "auto", *, size: int | None = None
) -> Source:
    """The source at `path`, recognised by its content. Raises UserError.

    labels: where labels are taken from.
    size: pixels a side, where the source holds every picture in several sizes.
    """
    path = Path(path).expanduser()
    require_regular(path)
    if not path.exists():
        raise UserError(f"{path} does not exist.", "Check --source.")
    if path.is_dir() and (path / "data.mdb").is_file():
        return lmdb.LmdbSource(path, labels, size)
    if path.is_dir():
        return files.FileSource(path, labels)
    try:
        head = _head(path)
        if zipfile.is_zipfile(path):
            return files.FileSource(path, labels)
        if path.suffix == ".mdb":
            return lmdb.LmdbSource(path.parent, labels, size)
        if head.startswith(mnist.IMAGES):
            return mnist.MnistSource(path, labels)
        if _is_tar(head):
            return cifar.CifarSource(path, labels)
    except BROKEN_PACKING as error:
        raise UserError(
            f"{path} cannot be read: {escaped(str(error), 200)}.", "Copy it again."
        ) from error
    if head.startswith(b"PK"):
        raise UserError(f"{path} is no whole zip: its end is missing.", "Copy it again.")
    raise UserError(
        f"{path} is not a source of images.",
        "Give a folder, a zip, an LMDB, a CIFAR archive (.tar.gz) or MNIST images "
        "(train-images-idx3-ubyte.gz).",
    )


def _head(path: Path) -> bytes:
    with unpacked(path) as file:
        return file.read(tarfile.BLOCKSIZE)


def _is_tar(head: bytes) -> bool:
    # `tarfile.is_tarfile` reads the first name whole, however long a hostile file makes it.
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True
