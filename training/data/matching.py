"""Which image a name in a label file means: as it is written, or as far as it can mean only one."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Mapping

from common.errors import UserError
from common.words import escaped

_DEPTH = 16  # folders that are compared, from the image upwards


def tidy(name: str) -> str:
    """A name with forward slashes and without `./` and doubled slashes."""
    return posixpath.normpath(name.replace("\\", "/")).lstrip("/")


def match(named: Iterable[str], images: Collection[str], folder: str, where: str) -> dict[str, str]:
    """The image that each of the names means; names that mean none are left out.

    A name counts from the folder of the label file, or from the top of the archive. Otherwise it
    may have folders too few (`0.png` is `a/0.png`) or too many (`data/a/0.png` is `a/0.png`),
    where only one image can be meant by it, and by no other name.

    folder: where in the archive the label file lies; empty at its top.
    where: what the label file is called. Raises UserError with both names where two can be meant.
    """
    there = set(images)
    meant: dict[str, str] = {}

    def claim(image: str, name: str) -> None:
        if image in meant:
            raise UserError(
                f"{where} labels {escaped(image)} twice: as {escaped(meant[image])} and as "
                f"{escaped(name)}.",
                "Write the names with their folders, as they are in the data, each once.",
            )
        meant[image] = name

    loose: list[str] = []
    for name in named:
        path = tidy(name)
        for exact in (posixpath.join(folder, path), path):
            if exact in there:
                claim(exact, name)
                break
        else:
            loose.append(name)
    sure = set(meant)
    if loose and len(sure) < len(there):
        ends = _ends(there)
        for name in loose:
            image = _loosely(name, there, ends, where)
            if image is not None and image not in sure:
                claim(image, name)
    return {name: image for image, name in meant.items()}


def _ends(images: Collection[str]) -> dict[str, list[str]]:
    """The images, two at most, whose names end in `b/0.png` or `0.png` without being that."""
    ends: dict[str, list[str]] = {}
    for image in sorted(images):
        parts = image.split("/")[-_DEPTH:]
        for i in range(1, len(parts)):
            found = ends.setdefault("/".join(parts[i:]), [])
            if len(found) < 2:
                found.append(image)
    return ends


def _loosely(
    name: str, images: Collection[str], ends: Mapping[str, list[str]], where: str
) -> str | None:
    path = tidy(name)
    found = ends.get(path, [])
    if len(found) > 1:
        raise UserError(
            f"{where} labels {escaped(name)}, which may be {escaped(found[0])} or "
            f"{escaped(found[1])}.",
            "Write the names with their folders, as they are in the data.",
        )
    if found:
        return found[0]
    parts = path.split("/")[-_DEPTH:]
    for i in range(1, len(parts)):
        shorter = "/".join(parts[i:])
        if shorter in images:
            return shorter
    return None
