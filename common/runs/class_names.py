"""What the classes of a data set are called, as `dataset` writes it beside the labels."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Final

import msgspec

from common.regular import require_regular
from common.words import escaped

_FILE: Final = "dataset.json"
_MOST: Final = 256 << 20
"""The bytes that the labels of a hundred million pictures would not reach."""


class _Labels(msgspec.Struct):
    """The part of a label file that is read. classes: their names, by number."""

    classes: list[str] | None = None


def class_names(data: Path) -> tuple[str, ...]:
    """The names of the classes, by number; empty where the data set has none.

    data: a zip or a folder. Raises OSError or UserError where it cannot be read.
    """
    if data.is_dir():
        raw = _in_folder(data / _FILE)
    else:
        require_regular(data)
        raw = _in_zip(data)
    try:
        named = msgspec.json.decode(raw, type=_Labels)
    except msgspec.MsgspecError:
        return ()
    return tuple(escaped(name) for name in named.classes or ())


def _in_folder(file: Path) -> bytes:
    if not file.exists():
        return b""
    require_regular(file)
    with open(file, "rb") as opened:
        return opened.read(_MOST)


def _in_zip(data: Path) -> bytes:
    try:
        with zipfile.ZipFile(data) as archive, archive.open(_FILE) as opened:
            return opened.read(_MOST)
    except (KeyError, ValueError, RuntimeError, NotImplementedError):
        return b""  # it holds no labels, or keeps them in a way that nobody can read here
    except (zipfile.BadZipFile, zlib.error, EOFError):
        return b""
