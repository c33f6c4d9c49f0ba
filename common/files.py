"""Writing files so that a reader sees the old one or the new one, never half of either."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TypeAlias

from common.errors import UserError, reason

Signature: TypeAlias = tuple[int, int, int]
"""Tells one content of a file from another: inode, size in bytes, time of change in ns."""


def signature(status: os.stat_result) -> Signature:
    """The signature in what the system says of a file."""
    return status.st_ino, status.st_size, status.st_mtime_ns


def signature_at(path: str | Path) -> Signature | None:
    """The signature of the file at `path`; None where there is none, or it cannot be reached."""
    try:
        return signature(os.stat(path))
    except (OSError, ValueError):
        return None


def open_file(path: str | Path) -> BinaryIO:
    """Open a regular file for reading.

    Raises OSError where that cannot be, also for a folder, and for a pipe, a socket or a device,
    of which a reader could wait for ever.
    """
    # Without O_NONBLOCK the opening of a pipe waits for somebody who writes to it.
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    number = os.open(path, flags)
    mode = os.fstat(number).st_mode
    if stat.S_ISREG(mode):
        return open(number, "rb")
    os.close(number)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise OSError(errno.EINVAL, "it is a pipe, a socket or a device")


def cannot_write(path: str | Path, error: OSError) -> UserError:
    """What to tell the user of a file that could not be written, and what to do about it.

    path: the file as the user knows it.
    error: why, as the system says it.
    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(path)
    return UserError(
        f"Cannot write {path}: {reason(error)}.",
        "Choose a folder that exists, has space and may be written to.",
    )


def disk_full(what: str | Path) -> UserError:
    """What to tell the user where the disk has no room for `what`: a path, or words for it."""
    return UserError(f"Cannot write {what}: the disk is full.", "Make room for it.")


def write_atomically(path: str | Path, data: bytes) -> None:
    """`replace_file` for users: raises UserError where the folder is missing, closed or full."""
    try:
        replace_file(Path(path), data)
    except OSError as error:
        raise cannot_write(path, error) from error


def replace_file(target: Path, data: bytes) -> None:
    """Write `data` under a temporary name in the same folder, then rename. Raises OSError."""
    with replacing(target) as temporary, temporary.open("xb") as file:
        file.write(data)


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yields a temporary name beside `target`; what was written there takes its place afterwards.

    Where the block fails `target` stays as it was and nothing is left of the temporary file.
    Raises OSError.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        yield temporary
        os.replace(temporary, target)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def named_folder(path: str | Path) -> Path:
    """The folder that a user names, which need not be there. Raises UserError for an empty name."""
    if not os.fspath(path).strip():
        raise UserError("No folder is named.", "Name one, or . for the present one.")
    return Path(os.path.expanduser(path))


def check_folder(path: str | Path) -> Path:
    """The folder `path`, of which nothing is made yet. Raises UserError where it cannot be made, or
    written to."""
    folder = named_folder(path)
    there = next((p for p in (folder, *folder.absolute().parents) if p.exists()), folder)
    if there.exists() and not there.is_dir():
        raise UserError(
            f"Cannot make the folder {folder}: {there} is a file.", "Choose another one."
        )
    if there.exists() and not os.access(there, os.W_OK):
        raise UserError(f"The folder {there} may not be written to.", "Choose another one.")
    return folder


def make_folder(path: str | Path) -> Path:
    """The folder `path`, made where it is missing. Raises UserError where that cannot be."""
    folder = named_folder(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"Cannot make the folder {folder}: {reason(error)}.",
            "Choose another one.",
        ) from error
    if not os.access(folder, os.W_OK):
        raise UserError(f"The folder {folder} may not be written to.", "Choose another one.")
    return folder
