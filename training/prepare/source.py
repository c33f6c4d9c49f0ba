"""Which source of images reads what the user named: recognised by content, not by name."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
import zlib
from pathlib import Path

from common.errors import UserError
from training.prepare import cifar, files, lmdb, mnist
from training.prepare.item import LabelsFrom, Source


def open_source(path: str | Path, labels: LabelsFrom = "auto") -> Source:
    """The source at `path`, recognised by its content. Raises UserError.

    labels: where labels are taken from.
    """
    path = Path(path).expanduser()
    if not path.exists():
        raise UserError(f"{path} does not exist.", "Check --source.")
    if path.is_dir() and (path / "data.mdb").is_file():
        return lmdb.LmdbSource(path, labels)
    if path.is_dir():
        return files.FileSource(path, labels)
    try:
        head = _head(path)
        if zipfile.is_zipfile(path):
            return files.FileSource(path, labels)
        if path.suffix == ".mdb":
            return lmdb.LmdbSource(path.parent, labels)
        if head.startswith(mnist.IMAGES):
            return mnist.MnistSource(path, labels)
        if tarfile.is_tarfile(path):
            return cifar.CifarSource(path, labels)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path} cannot be read: {error}.", "Copy it again.") from error
    if head.startswith(b"PK"):
        raise UserError(f"{path} is no whole zip: its end is missing.", "Copy it again.")
    raise UserError(
        f"{path} is not a source of images.",
        "Give a folder, a zip, an LMDB, a CIFAR archive (.tar.gz) or MNIST images "
        "(train-images-idx3-ubyte.gz).",
    )


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"\x1f\x8b"):
        with gzip.open(path) as packed:
            head = packed.read(16)
    return head
