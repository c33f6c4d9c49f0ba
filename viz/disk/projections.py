"""What projections leave in the user's folder: one folder for each, with the state of the search.

The renderer writes what it finds; here it is listed, so that it is there after the next start.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from common.errors import UserError, reason
from common.files import open_file, replace_file, write_atomically
from common.images.image_file import IMAGE_SUFFIXES
from renderer.messages.projection import ProjectionSpec
from renderer.pictures.projected import FACTS, LATENT, NETWORK, PICTURE, ProjectionFacts
from renderer.pictures.target import target_size
from viz.desk.parts.projection import Projection

PICTURES = tuple(sorted(IMAGE_SUFFIXES))
"""Suffixes of pictures that can be looked for."""

Looked = tuple[list[Projection], list[str]]
"""The pictures that can be looked for, and in words why the others cannot."""

_FACTS_BYTES = 4 << 20


def look_at(paths: Sequence[str]) -> Looked:
    """Look at pictures as they are added to the list."""
    found: list[Projection] = []
    refused: list[str] = []
    for path in paths:
        try:
            found.append(_look_at(path))
        except UserError as error:
            refused.append(str(error))
    return found, refused


def _look_at(path: str) -> Projection:
    size = target_size(path)
    try:
        version = os.stat(path).st_mtime_ns
    except OSError as error:
        raise UserError(f"Cannot read {path}: {reason(error)}.") from error
    return Projection(0, path, version, size)


def prepare(item: Projection, parent: Path) -> str:
    """Return the folder of a projection that has been asked for, made where it has none yet.

    Of what nothing has been found yet it is noted there what is looked for, so that a picture whose
    turn has not come is listed after the next start. Raises OSError, UserError.

    parent: where the folder is made.
    """
    folder = Path(item.folder) if item.folder else _new_folder(parent, Path(item.path).stem)
    if item.spec is not None and not item.distances:
        spec = item.spec
        facts = ProjectionFacts(
            network=spec.snapshot,
            target=spec.target,
            settings=spec.settings,
            crop=spec.crop,
            complete=False,
            best_step=0,
            psnr=None,
            seconds=0.0,
            distances=[],
        )
        write_atomically(folder / FACTS, msgspec.json.encode(facts))
    return str(folder)


def _new_folder(parent: Path, stem: str) -> Path:
    """Make a folder of its own for a projection of a picture called `stem`. Raises OSError."""
    parent.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        path = parent / (stem if number == 1 else f"{stem}-{number}")
        try:
            path.mkdir()
            return path
        except FileExistsError:
            number += 1


def keep_latent(path: Path) -> str:
    """Copy a latent that a search goes on with to a file of its own beside it. Raises OSError."""
    number = 1
    while (kept := path.with_name(f"{path.stem}-{number}{path.suffix}")).exists():
        number += 1
    replace_file(kept, path.read_bytes())
    return str(kept)


def hide(folder: Path) -> None:
    """Take a projection out of the list for good; its files stay. Raises OSError."""
    (folder / FACTS).rename(folder / f"removed-{FACTS}")


def read_all(folder: Path) -> list[Projection]:
    """List what was projected before, oldest first. What cannot be read is left out."""
    if not folder.is_dir():
        return []
    found = [(path.stat().st_mtime, path) for path in folder.glob(f"*/{FACTS}") if path.is_file()]
    items = (_read(path) for _, path in sorted(found))
    return [item for item in items if item is not None]


def _read(path: Path) -> Projection | None:
    try:
        with open_file(path) as file:
            facts = msgspec.json.decode(file.read(_FACTS_BYTES), type=ProjectionFacts)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    try:
        picture = _look_at(facts.target)
        size, version = picture.size, picture.version
    except UserError:
        size, version = None, 0  # what was found is there without the picture
    settings, folder = facts.settings, path.parent
    begun = bool(facts.distances)
    return Projection(
        0,
        facts.target,
        version,
        size,
        facts.crop,
        ProjectionSpec(facts.network, facts.target, settings, facts.crop),
        "done" if facts.complete else "stopped" if begun else "chosen",
        phase="done" if facts.complete else "search",
        done=len(facts.distances),
        total=settings.steps + settings.tune,
        distances=tuple(facts.distances),
        best=facts.best_step if begun else None,
        psnr=facts.psnr,
        w=_there(folder / LATENT),
        picture=_there(folder / PICTURE),
        result=_there(folder / NETWORK) or facts.network,
        folder=str(folder),
    )


def _there(path: Path) -> str:
    """The path where there is such a file, else an empty one."""
    return str(path) if path.is_file() else ""
