"""A hidden folder beside the place where something long is going to be, until it is finished.

Whoever works in one holds a lock on a file in it, which the system takes back when a process
ends, however it ends. So what a killed process left behind is known, and goes the next time.
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
_YOUNG = 60.0  # seconds in which a folder may not have its lock yet


@contextmanager
def workspace(parent: Path) -> Iterator[Path]:
    """A new folder in `parent` (made where it is missing), removed at the end with what is in it.

    Raises UserError where it cannot be made. Folders of processes that are gone are removed.
    """
    sweep(make_folder(parent))
    folder = parent / f"{PREFIX}{secrets.token_hex(6)}"
    try:
        folder.mkdir()
        (folder / _LOCK).touch()  # where there are no locks it still says that somebody is there
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise cannot_write(folder, error) from error
    lock = FileLock(folder / _LOCK, timeout=0)
    try:
        _claim(lock)
        yield folder
    finally:
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Remove what processes that are gone left in `parent`."""
    for folder in parent.glob(f"{PREFIX}*"):
        if _abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _abandoned(folder: Path) -> bool:
    lock = folder / _LOCK
    try:
        if not lock.exists():
            return time.time() - os.path.getmtime(folder) > _YOUNG
        claimed = FileLock(lock, timeout=0)
    except OSError:
        return False
    try:
        return _claim(claimed)
    finally:
        claimed.release()


def _claim(lock: FileLock) -> bool:
    """Take a lock; False where another process has it, or this file system has none."""
    try:
        lock.acquire()
    except (Timeout, OSError, NotImplementedError):
        return False
    return True
