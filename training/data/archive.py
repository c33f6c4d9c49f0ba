"""Files of a folder or of a zip by name: listed once, read at random, opened anew per process."""

from __future__ import annotations

import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from common.errors import UserError, reason

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif"})
LABELS_FILE = "dataset.json"


class UnreadableError(Exception):
    """One file of an archive cannot be read; the text is the reason, in a few words."""


class Archive:
    """The files below a folder, or in a zip; hidden files are left out.

    path: the folder or zip.
    is_zip: which of them it is.
    names: relative names with forward slashes, in sorted order.
    Pickling leaves the open file behind. Raises UserError where there is nothing to open.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).expanduser()
        self._zip: zipfile.ZipFile | None = None
        self._owner = -1  # the process that opened the zip: a fork shares its file position
        if self.path.is_dir():
            self.is_zip = False
            self.names = sorted(name for name in _walk(self.path) if not _hidden(name))
        elif not self.path.exists():
            raise UserError(f"{self.path} does not exist.", "Check the path.")
        else:
            self.is_zip = True
            entries = self._opened().infolist()
            self.names = sorted(
                {e.filename for e in entries if not e.is_dir() and not _hidden(e.filename)}
            )

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_zip": None, "_owner": -1}

    def _opened(self) -> zipfile.ZipFile:
        if self._zip is None or self._owner != os.getpid():
            try:
                self._zip = zipfile.ZipFile(self.path)
            except (OSError, zipfile.BadZipFile, ValueError, struct.error) as error:
                raise UserError(
                    f"{self.path} cannot be opened as a zip: {error}.",
                    "Copy it again, or give a folder of images.",
                ) from error
            self._owner = os.getpid()
        return self._zip

    def size(self, name: str) -> int:
        """The bytes of a file, unpacked. Raises UnreadableError."""
        if self.is_zip:
            return self._opened().getinfo(name).file_size
        try:
            return (self.path / name).stat().st_size
        except OSError as error:
            raise UnreadableError(reason(error)) from error

    def fingerprint(self, names: Iterable[str]) -> str:
        """A text that changes when one of the files `names` does.

        No file is read: in a zip its checksum counts, else its size and when it was changed.
        Raises UserError where one is gone.
        """
        digest = hashlib.blake2b(digest_size=16)
        for name in names:
            if self.is_zip:
                entry = self._opened().getinfo(name)
                facts: tuple[int, ...] = (entry.file_size, entry.CRC)
            else:
                try:
                    found = (self.path / name).stat()
                except OSError as error:
                    raise UserError(
                        f"{printable(name)} of {self.path} cannot be read: {reason(error)}.",
                        "Put the data back as it was.",
                    ) from error
                facts = (found.st_size, found.st_mtime_ns)
            digest.update(os.fsencode(f"{name}\0{facts}\n"))
        return digest.hexdigest()

    def read(self, name: str, limit: int = -1) -> bytes:
        """The contents of a file, or its first `limit` bytes. Raises UnreadableError.

        The checksum in a zip is verified where the whole file is read.
        """
        try:
            with (
                self._opened().open(name) if self.is_zip else (self.path / name).open("rb") as file
            ):
                return file.read(limit)
        except (zipfile.BadZipFile, zlib.error, EOFError, struct.error) as error:
            raise UnreadableError("damaged in the zip") from error
        except NotImplementedError as error:
            raise UnreadableError("packed in a way that is not supported") from error
        except RuntimeError as error:
            raise UnreadableError("encrypted") from error
        except OSError as error:
            raise UnreadableError(reason(error)) from error


def is_image_name(name: str) -> bool:
    """Whether a file is an image by its extension."""
    return os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES


def printable(name: str) -> str:
    """`name` with control characters and bytes that are no text escaped."""
    if name.isprintable():
        return name
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def _hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _unreadable(error: OSError) -> None:
    raise UserError(
        f"The folder {error.filename} cannot be read: {reason(error)}.",
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
