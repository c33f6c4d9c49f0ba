"""Files of a folder or of a zip by name: listed once, read at random, opened anew per process."""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from common.errors import UserError, reason
from common.images.image_file import HEAD, MAX_BYTES, by_head, by_suffix
from common.regular import require_regular
from common.words import escaped
from training.data.unpacking import BROKEN_PACKING, HARMLESS, RATIO, swollen

LABELS_FILE = "dataset.json"


class UnreadableError(Exception):
    """One file of an archive cannot be read; the text is the reason, in a few words."""


class Archive:
    """The files below a folder, or in a zip; hidden files are left out.

    path: the folder or zip.
    is_zip: which of them it is.
    names: relative names with forward slashes, in sorted order, also where a zip writes
        `.\\a\\0.png`.
    Pickling leaves the open file behind. Raises UserError where there is nothing to open.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).expanduser()
        require_regular(self.path)
        self._zip: zipfile.ZipFile | None = None
        self._written: dict[str, str] = {}  # how a zip writes a name, where that differs
        self._owner = -1  # the process that opened the zip: a fork shares its file position
        if self.path.is_dir():
            self.is_zip = False
            self.names = sorted(name for name in _walk(self.path) if not _hidden(name))
        elif not self.path.exists():
            raise UserError(f"{self.path} does not exist.", "Check the path.")
        else:
            self.is_zip = True
            self.names = self._zip_names()

    def _zip_names(self) -> list[str]:
        entries = {entry.filename for entry in self._opened().infolist()}
        written = {name for name in entries if name and name[-1] not in "/\\"}
        for name in sorted(written):
            parts = name.replace("\\", "/").split("/")
            tidy = "/".join(part for part in parts if part not in ("", "."))
            if tidy not in written and tidy not in self._written:
                self._written[tidy] = name
        names = written - set(self._written.values()) | set(self._written)
        return sorted(name for name in names if not _hidden(name))

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_zip": None, "_owner": -1}

    def _opened(self) -> zipfile.ZipFile:
        if self._zip is None or self._owner != os.getpid():
            try:
                self._zip = zipfile.ZipFile(self.path)
            except BROKEN_PACKING as error:
                raise UserError(
                    f"{self.path} cannot be opened as a zip: {escaped(str(error), 200)}.",
                    "Copy it again, or give a folder of images.",
                ) from error
            self._owner = os.getpid()
        return self._zip

    def _entry(self, name: str) -> zipfile.ZipInfo:
        return self._opened().getinfo(self._written.get(name, name))

    def images(self) -> list[str]:
        """The files that are images by their extension, or by content where that says nothing."""
        return [name for name in self.names if self._is_image(name)]

    def _is_image(self, name: str) -> bool:
        known = by_suffix(name)
        if known is not None:
            return known
        try:
            return by_head(self.read(name, HEAD))
        except UnreadableError:
            return False

    def check(
        self,
        name: str,
        limit: int = MAX_BYTES,
        *,
        ratio: int = RATIO,
        harmless: int = HARMLESS,
    ) -> None:
        """Check that a file may be read whole: a plain file of at most `limit` bytes, no bomb.

        ratio, harmless: what a bomb is (`swollen`). Nothing is read. Raises UnreadableError.
        """
        if self.is_zip:
            entry = self._entry(name)
            there = file_size(self.path) - entry.header_offset  # what the zip's list says may lie
            packed = min(entry.compress_size, there)
            if swollen(packed, entry.file_size, ratio, harmless):
                raise UnreadableError("it unpacks to far more than it is (a decompression bomb?)")
            size = entry.file_size
        else:
            size = file_size(self.path / name)
        if size > limit:
            raise UnreadableError(f"larger than {limit / 2**20:.3g} MiB")

    def fingerprint(self, names: Iterable[str]) -> str:
        """A text that changes when one of the files `names` does.

        No file is read: in a zip its checksum counts, else its size and when it was changed.
        Raises UserError where one is gone.
        """
        digest = hashlib.blake2b(digest_size=16)
        for name in names:
            if self.is_zip:
                entry = self._entry(name)
                facts: tuple[int, ...] = (entry.file_size, entry.CRC)
            else:
                try:
                    found = (self.path / name).stat()
                except OSError as error:
                    raise UserError(
                        f"{escaped(name)} of {self.path} cannot be read: {reason(error)}.",
                        "Put the data back as it was.",
                    ) from error
                facts = (found.st_size, found.st_mtime_ns)
            digest.update(os.fsencode(f"{name}\0{facts}\n"))
        return digest.hexdigest()

    def read(self, name: str, limit: int = -1) -> bytes:
        """The contents of a file, or its first `limit` bytes. Raises UnreadableError.

        The checksum in a zip is verified where the whole file is read, which `check` allows first.
        """
        if limit < 0:
            self.check(name)
        elif not self.is_zip:
            file_size(self.path / name)
        try:
            with (
                self._opened().open(self._entry(name))
                if self.is_zip
                else (self.path / name).open("rb") as file
            ):
                return file.read(limit)
        except MemoryError as error:
            raise UnreadableError("too large for the memory that is free") from error
        except NotImplementedError as error:
            raise UnreadableError("packed in a way that is not supported") from error
        except RuntimeError as error:
            raise UnreadableError("encrypted") from error
        except BROKEN_PACKING as error:
            if isinstance(error, OSError) and error.errno:
                raise UnreadableError(reason(error)) from error
            raise UnreadableError("damaged in the zip") from error


def file_size(path: Path) -> int:
    """The bytes of a plain file. Raises UnreadableError: opening a pipe might wait for ever."""
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else "its name is impossible"
        raise UnreadableError(why) from error
    if not stat.S_ISREG(found.st_mode):
        raise UnreadableError("neither a file nor a folder, but a pipe, socket or device")
    return found.st_size


def _hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _unreadable(error: OSError) -> None:
    raise UserError(
        f"The folder {escaped(str(error.filename))} cannot be read: {reason(error)}.",
        "Change its permissions, or move it away.",
    ) from error


def _walk(root: Path) -> Iterator[str]:
    # Links to folders are followed, but each folder is entered once, so a loop ends.
    seen: set[tuple[int, int]] = set()
    for folder, folders, files in os.walk(root, onerror=_unreadable, followlinks=True):
        identity = os.stat(folder)
        if (identity.st_dev, identity.st_ino) in seen:
            folders.clear()
            continue
        seen.add((identity.st_dev, identity.st_ino))
        folders.sort()
        relative = Path(folder).relative_to(root)
        for name in files:
            yield (relative / name).as_posix()
