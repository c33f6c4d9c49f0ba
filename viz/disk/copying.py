"""Copying a snapshot to where the user wants it."""

from __future__ import annotations

import os
from pathlib import Path

from common.errors import UserError
from common.files import cannot_write, open_file, replacing
from common.runs.disk import Disk
from common.units import file_size
from viz.desk.errands import Errand

CHUNK = 4 << 20
"""Bytes that are copied between two looks at whether it is to end."""


def fetch_snapshot(disk: Disk, source: str, target: Path, errand: Errand) -> Path:
    """Copy a file of another machine's disk to this one; see `copy_snapshot`."""
    try:
        with replacing(target) as temporary, temporary.open("xb") as writing:
            done, size = 0, 1
            while done < size:
                part = disk.read(source, done, CHUNK)
                if not part.data:
                    raise UserError(f"{source} became shorter meanwhile.", "Try it again.")
                writing.write(part.data)
                done, size = done + len(part.data), part.file.size
                errand.progress(done / size, f"{file_size(done)} of {file_size(size)}")
            errand.check()
    except OSError as error:
        raise cannot_write(target, error) from error
    return target


def copy_snapshot(source: Path, target: Path, errand: Errand) -> Path:
    """Copy a file, whole or not at all; return where it is then.

    Raises UserError where it cannot be read or written, and Cancelled.
    """
    try:
        with open_file(source) as reading:
            if target.exists() and os.path.samestat(os.fstat(reading.fileno()), target.stat()):
                raise UserError(f"{target} is the snapshot itself.", "Choose another name.")
            size = os.fstat(reading.fileno()).st_size
            with replacing(target) as temporary, temporary.open("xb") as writing:
                done = 0
                while chunk := reading.read(CHUNK):
                    errand.progress(done / max(size, 1), f"{file_size(done)} of {file_size(size)}")
                    writing.write(chunk)
                    done += len(chunk)
                errand.check()
    except OSError as error:
        raise cannot_write(target, error) from error
    return target
