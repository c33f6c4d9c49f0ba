"""A hidden folder beside the place where something long is going to be, until it is finished.

Whoever works in one holds a lock on a file in it, which the system takes back when a process
ends, however it ends. So what a killed process left behind is known: the window clears it up when
it sees the process gone, and whoever works in the same place next does so too.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from common.files import cannot_write, make_folder

PREFIX = ".ganscope-export-"
_LOCK = "lock"
_YOUNG = 60.0  # seconds in which a folder that is not empty may have come to be without a lock


@contextmanager
def workspace(parent: Path) -> Iterator[Path]:
    """A new folder in `parent` (made where it is missing), removed at the end with what is in it.

    Raises UserError where it cannot be made. Folders of processes that are gone are removed.
    """
    sweep(make_folder(parent))
    folder, lock = _new(parent)
    try:
        yield folder
    finally:
        _remove(folder, lock)


def sweep(parent: Path) -> bool:
    """Remove what processes that are gone left in `parent`; whether nothing is left.

    Raises nothing; a disk may stall it.
    """
    for folder in parent.glob(f"{PREFIX}*"):
        _remove_abandoned(folder)
    return not any(parent.glob(f"{PREFIX}*"))


def _new(parent: Path) -> tuple[Path, FileLock]:
    """A folder and the lock on it. Raises UserError."""
    while True:
        folder = parent / f"{PREFIX}{secrets.token_hex(6)}"
        try:
            folder.mkdir()
            lock = _lock(folder)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise cannot_write(folder, error) from error
        if lock is not None:
            return folder, lock


def _lock(folder: Path) -> FileLock | None:
    """The lock on a folder that has just been made, None where it was swept up before.

    Raises OSError where it cannot be written to.
    """
    lock = FileLock(folder / _LOCK, timeout=0)
    try:
        claimed = _claim(lock)
        if claimed is None:
            (folder / _LOCK).touch()  # says that somebody is there, where there are no locks
        if claimed is not False and (folder / _LOCK).exists():
            return lock
    except FileNotFoundError:
        if folder.exists():
            raise
    lock.release()
    return None


def _remove_abandoned(folder: Path) -> None:
    """Remove a folder, where nobody works in it."""
    path = folder / _LOCK
    try:
        if not path.exists():
            if time.time() - os.path.getmtime(folder) > _YOUNG:
                shutil.rmtree(folder, ignore_errors=True)
            else:
                folder.rmdir()  # while it is empty; who has just made it makes another one
            return
        lock = FileLock(path, timeout=0)
        if _claim(lock):
            _remove(folder, lock)
    except OSError:
        return  # it has just gone, or may not be looked at


def _remove(folder: Path, lock: FileLock) -> None:
    """Remove a folder whose lock is ours, or cannot be anybody's."""
    shutil.rmtree(folder, ignore_errors=True)  # while nobody else can claim it
    lock.release()
    shutil.rmtree(folder, ignore_errors=True)  # Windows keeps a file that is open


def _claim(lock: FileLock) -> bool | None:
    """Take a lock; False where another process has it, None where this file system has none."""
    try:
        lock.acquire()
    except Timeout:
        return False
    except (OSError, NotImplementedError):
        return None
    return True
