"""Sets of directions in the user's folder, one file each."""

from __future__ import annotations

import itertools
import os
import re
from pathlib import Path

from common.errors import UserError
from common.files import open_file, replace_file
from renderer.messages.directions import MAX_BYTES, SUFFIX, DirectionSet, decode_set, encode_set

_LONGEST = 60


def read_all(folder: Path) -> list[tuple[str, DirectionSet]]:
    """The sets in a folder by their files, oldest first. What cannot be read is left out."""
    if not folder.is_dir():
        return []
    paths = [path for path in folder.glob(f"*{SUFFIX}") if path.is_file()]
    paths.sort(key=lambda path: (path.stat().st_mtime, path.name))
    found = ((str(path), _read(path)) for path in paths)
    return [(path, read) for path, read in found if read is not None]


def keep(folder: Path, found: DirectionSet) -> str:
    """Write a set to a file of its own; return its path. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    name = name_of(found)
    numbered = (name if n == 1 else f"{name}-{n}" for n in itertools.count(1))
    path = next(p for n in numbered if not (p := folder / f"{n}{SUFFIX}").exists())
    write(path, found)
    return str(path)


def name_of(found: DirectionSet) -> str:
    """What the file of a set is called before its ending: by how and where they were found."""
    name = re.sub(r"[^\w.-]+", "-", f"{found.title} {Path(found.network).stem}").strip("-")
    return name[:_LONGEST] or "directions"


def write(path: Path, found: DirectionSet) -> None:
    """Write a set in the place of what is there. Raises OSError."""
    replace_file(path, encode_set(found))


def hide(path: Path) -> None:
    """Take a set out of the list for good; its file stays in a folder beside it. Raises OSError."""
    target = path.parent / "removed" / path.name
    target.parent.mkdir(exist_ok=True)
    os.replace(path, target)


def _read(path: Path) -> DirectionSet | None:
    try:
        with open_file(path) as file:
            return decode_set(file.read(MAX_BYTES), str(path))
    except (UserError, OSError):
        return None
