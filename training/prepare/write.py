"""The written data set, a zip or a folder: whole under its name, or not there at all.

Layout: 00000/img00000000.png …, a thousand images to a folder, and dataset.json, as NVIDIA's tools
read it. Zips are stored, not compressed, and do not depend on the time, so equal images make equal
files.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from common.errors import UserError
from common.files import cannot_write
from common.words import escaped
from training.data.archive import LABELS_FILE
from training.data.unpacking import BROKEN_PACKING

FACTORS_FILE = "factors.jsonl"  # what `recipes.busts` attaches
_OURS = re.compile(
    r"\d{5}/img\d{8}\.(png|jpg|webp)|" + "|".join(map(re.escape, (LABELS_FILE, FACTORS_FILE)))
)


class _Store(Protocol):
    """Files by name; `close` writes what is left to write."""

    def put(self, name: str, data: bytes) -> None: ...

    def get(self, name: str) -> bytes: ...

    def close(self) -> None: ...


class Writer:
    """Writes images to a temporary place beside `dest`; `finish` gives it the name.

    It is a context: leaving it without `finish`, for whatever reason, removes what was written.

    dest: the zip or folder that is made.
    suffix: extension of the images.
    force: whether a data set that is there is replaced.
    names: of the images written so far.
    Raises UserError where `dest` is taken, or cannot be written.
    """

    def __init__(self, dest: Path, suffix: str, *, force: bool = False) -> None:
        self.dest, self.suffix, self.force = dest, suffix, force
        self.names: list[str] = []
        self.is_zip = dest.suffix.lower() == ".zip"
        check_destination(dest, force)
        token = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._temporary = dest.with_name(f".{dest.name}.{token}.part")
        with self._told():
            dest.parent.mkdir(parents=True, exist_ok=True)
            self._store = self._new(self._temporary)

    def add(self, data: bytes) -> str:
        """Write the next image; returns its name."""
        number = f"{len(self.names):08d}"
        name = f"{number[:5]}/img{number}{self.suffix}"
        with self._told():
            self._store.put(name, data)
        self.names.append(name)
        return name

    def rewrite(self, change: Callable[[bytes], bytes]) -> None:
        """Replace every image written so far by `change` of it."""
        old, store = self._temporary, self._store
        self._temporary = old.with_name(f"{old.name[:-5]}-2.part")
        try:
            with self._told():
                self._store = self._new(self._temporary)
                for name in self.names:
                    self._store.put(name, change(store.get(name)))
        finally:
            with contextlib.suppress(OSError):
                store.close()
            _remove(old)

    def attach(self, name: str, data: bytes) -> None:
        """Write a file that is no image; readers of data sets pass it over."""
        with self._told():
            self._store.put(name, data)

    def finish(self, metadata: bytes) -> None:
        """Write dataset.json and put everything under its name."""
        with self._told():
            self._store.put(LABELS_FILE, metadata)
            self._store.close()
            if self.dest.is_dir():
                self._exchange()
            else:
                os.replace(self._temporary, self.dest)

    def _exchange(self) -> None:
        # A folder cannot be replaced in one step; the old one is kept aside until the new is there.
        aside = self._temporary.with_suffix(".old")
        os.replace(self.dest, aside)
        try:
            os.replace(self._temporary, self.dest)
        except OSError:
            os.replace(aside, self.dest)
            raise
        shutil.rmtree(aside)

    def _new(self, path: Path) -> _Store:
        return _ZipStore(path) if self.is_zip else _FolderStore(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Closing a zip writes its list, for which there may be no space.
        with contextlib.suppress(OSError):
            self._store.close()
        _remove(self._temporary)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise cannot_write(self.dest, error) from error


def check_destination(dest: Path, force: bool) -> None:
    """Check that nothing is at `dest` that must not be replaced. Raises UserError."""
    as_zip = dest.suffix.lower() == ".zip"
    if as_zip and dest.is_dir():
        raise UserError(f"{dest} is a folder.", "Name another --dest.")
    if not dest.exists():
        return
    if not as_zip and not dest.is_dir():
        raise UserError(
            f"{dest} is a file and does not end in .zip.",
            "Name a zip, or a folder that is new or empty.",
        )
    if not as_zip and not os.listdir(dest):
        return
    if not force:
        what = f"{dest} exists already." if as_zip else f"The folder {dest} is not empty."
        raise UserError(what, "Name another --dest, or add --force.")
    foreign = _foreign(dest)
    if foreign:
        what = f"{dest}" if as_zip else f"The folder {dest}"
        raise UserError(
            f"{what} {foreign}, so --force will not replace it.", "Name another --dest."
        )


def _foreign(dest: Path) -> str:
    # How a zip or folder differs from the data sets that are written here; empty where it does not.
    if dest.is_dir():
        found = (Path(folder, name) for folder, _, names in os.walk(dest) for name in names)
        names = [path.relative_to(dest).as_posix() for path in found]
    else:
        try:
            with zipfile.ZipFile(dest) as archive:
                names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
        except BROKEN_PACKING:
            return "is not a data set, nor any whole zip"
    other = min((name for name in names if not _OURS.fullmatch(name)), default=None)
    return "" if other is None else f"holds more than a data set ({escaped(other, 200)})"


class _ZipStore:
    def __init__(self, path: Path) -> None:
        self.file = zipfile.ZipFile(path, "x", zipfile.ZIP_STORED)

    def put(self, name: str, data: bytes) -> None:
        entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        entry.external_attr = 0o644 << 16
        self.file.writestr(entry, data)

    def get(self, name: str) -> bytes:
        return self.file.read(name)

    def close(self) -> None:
        self.file.close()


class _FolderStore:
    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()

    def put(self, name: str, data: bytes) -> None:
        file = self.path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(data)

    def get(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def close(self) -> None:
        pass


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
