"""Images in an LMDB whose values are image files, as LSUN's are. Needs the package `lmdb`.

Many trainers outside NVIDIA's store every picture in several sizes, under keys such as 256-00000,
with their number under `length`. One of the sizes is taken.
"""

from __future__ import annotations

import contextlib
import importlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from common.errors import UserError
from common.words import escaped
from training.prepare.item import Item, LabelsFrom

_SIZED = re.compile(rb"([1-9]\d{0,5})-\d+")
_COUNT = b"length"


class LmdbSource:
    """The values of a database in the order of its keys.

    size: pixels a side that are taken where there are several; None, or one that is not there:
        the largest.
    """

    classes: list[str] | None = None

    def __init__(self, path: Path, labels: LabelsFrom, size: int | None = None) -> None:
        if labels in ("json", "folders"):
            raise UserError(f"{path} is an LMDB, which has no labels.", f"Drop --labels {labels}.")
        self.path = path
        self.notes: list[str] = []
        try:
            self.lmdb: Any = importlib.import_module("lmdb")
        except ImportError as error:
            raise UserError(
                f"{path} is an LMDB, and the package that reads it is not installed.",
                "Run: pip install lmdb",
            ) from error
        self.prefix = b""
        with self._cursor() as cursor:
            self.count = 0
            sizes: Counter[int | None] = Counter()
            for key in cursor.iternext(values=False):
                self.count += 1
                if key != _COUNT:
                    sizes[_size(key)] += 1
        if sizes and None not in sizes:
            self._choose({known: n for known, n in sizes.items() if known is not None}, size)

    def _choose(self, sizes: dict[int, int], wanted: int | None) -> None:
        taken = wanted if wanted in sizes else max(sizes)
        self.prefix, self.count = b"%d-" % taken, sizes[taken]
        if len(sizes) > 1:
            listed = ", ".join(map(str, sorted(sizes)))
            self.notes.append(
                f"The database holds every picture in the sizes {listed}: {taken} is taken "
                "(--width chooses another)."
            )

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[Any]:
        try:
            with (
                self.lmdb.open(str(self.path), readonly=True, lock=False, create=False) as database,
                database.begin(buffers=False) as transaction,
            ):
                yield transaction.cursor()
        except self.lmdb.Error as error:
            raise UserError(
                f"{self.path} cannot be opened: {escaped(str(error), 200)}.", "Copy it again."
            ) from error

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Item]:
        with self._cursor() as cursor:
            if not cursor.set_range(self.prefix):
                return
            for key, value in cursor.iternext():
                if not key.startswith(self.prefix):
                    return
                yield Item(escaped(key.decode("utf-8", "backslashreplace")), value)


def _size(key: bytes) -> int | None:
    found = _SIZED.fullmatch(key)
    return int(found[1]) if found else None
