"""Images in an LMDB whose values are image files, as LSUN's are. Needs the package `lmdb`."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from common.errors import UserError
from training.prepare.item import Item, LabelsFrom


class LmdbSource:
    """The values of a database in the order of its keys."""

    classes: list[str] | None = None

    def __init__(self, path: Path, labels: LabelsFrom) -> None:
        if labels in ("json", "folders"):
            raise UserError(f"{path} is an LMDB, which has no labels.", f"Drop --labels {labels}.")
        self.path = path
        try:
            self.lmdb: Any = importlib.import_module("lmdb")
        except ImportError as error:
            raise UserError(
                f"{path} is an LMDB, and the package that reads it is not installed.",
                "Run: pip install lmdb",
            ) from error
        with self._open() as database:
            self.count = int(database.stat()["entries"])

    def _open(self) -> Any:
        try:
            return self.lmdb.open(str(self.path), readonly=True, lock=False, create=False)
        except self.lmdb.Error as error:
            raise UserError(f"{self.path} cannot be opened: {error}.", "Copy it again.") from error

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Item]:
        with self._open() as database, database.begin(buffers=False) as transaction:
            for key, value in transaction.cursor():
                yield Item(key.decode("utf-8", "backslashreplace"), value)
