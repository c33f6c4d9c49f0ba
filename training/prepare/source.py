"""Where images come from: what every source offers, and which one reads what the user named."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from common.errors import UserError
from training.data.labels import Label
from training.prepare.convert import Payload

LabelsFrom = Literal["auto", "json", "folders", "none"]


@dataclass(frozen=True, slots=True)
class Item:
    """An image of a source: where its pixels are, or the reason why it is left out."""

    name: str
    payload: Payload | None = None
    label: Label | None = None
    reason: str = ""


class Source(Protocol):
    """Images in a fixed order.

    `classes` names the classes that labels number, where names are known.
    """

    classes: list[str] | None

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Item]: ...


def open_source(path: str | Path, labels: LabelsFrom = "auto") -> Source:
    """The source at `path`, recognised by its content. Raises UserError.

    labels: "json" takes those of dataset.json, "folders" numbers the top folders, "none" takes
    none; "auto" takes those that the source brings along (dataset.json, a class archive).
    """
    from training.prepare import cifar, files, lmdb, mnist

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


def natural(name: str) -> tuple[tuple[tuple[int, str], ...], str]:
    """A key that sorts img2 before img10, folder by folder."""
    parts: list[tuple[int, str]] = []
    for component in name.split("/"):
        parts.extend(_chunks(component))
        parts.append((-1, ""))
    return tuple(parts), name


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    # (number of digits, digits) sorts like the number, without limits on how long it is.
    start = 0
    while start < len(text):
        end = start + 1
        digits = _digit(text[start])
        while end < len(text) and _digit(text[end]) == digits:
            end += 1
        chunk = text[start:end]
        if digits:
            chunk = chunk.lstrip("0")
            yield len(chunk), chunk
        else:
            yield 1 << 30, chunk
        start = end


def _digit(character: str) -> bool:
    return "0" <= character <= "9"


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"\x1f\x8b"):
        with gzip.open(path) as packed:
            head = packed.read(16)
    return head
