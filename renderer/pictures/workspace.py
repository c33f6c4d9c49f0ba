"""A hidden folder beside the place where something long is going to be, until it is finished.

Whoever works in one holds a lock on a file in it, which the system takes back when a process
ends, however it ends. So what a killed process left behind is known, and goes the next time.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from common.files import cannot_write, make_folder

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

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
        lock = (folder / _LOCK).open("wb")
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise cannot_write(folder, error) from error
    try:
        _claim(lock)
        yield folder
    finally:
        lock.close()
        shutil.rmtree(folder, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Remove what processes that are gone left in `parent`."""
    for folder in parent.glob(f"{PREFIX}*"):
        if _abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _abandoned(folder: Path) -> bool:
    try:
        with (folder / _LOCK).open("r+b") as lock:
            return _claim(lock)
    except FileNotFoundError:
        return time.time() - os.path.getmtime(folder) > _YOUNG if folder.exists() else False
    except OSError:
        return False


def _claim(lock: BinaryIO) -> bool:
    """Lock a file. False: another process has it, or this file system has no locks."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
