"""Exports from the window: where they go, and what becomes of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Unpack

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import structs
from PIL import Image

from renderer.messages.jobs import Export, Sheet
from renderer.messages.model import ModelInfo
from renderer.pictures import video
from renderer.pictures.codecs import ANIMATIONS
from renderer.pictures.sizes import sheet_size
from viz.desk.actions import FilmOptions
from viz.desk.jobs import Ended, Jobs
from viz.desk.notify import Notify
from viz.desk.settings import ExportOptions
from viz.desk.tasks import Tasks
from viz.disk.lists import FileLists, Written
from viz.disk.pictures import thumbnail
from viz.session.cell import SessionCell


class Exports:
    """Hands exports to the renderer, under names that are free, and lists what was written."""

    def __init__(
        self, cell: SessionCell, jobs: Jobs, tasks: Tasks, lists: FileLists, notify: Notify
    ) -> None:
        self._cell = cell
        self._notify = notify
        self._jobs = jobs
        self._tasks = tasks
        self._lists = lists
        self._taken: set[Path] = set()

    def start(
        self,
        sheets: tuple[Sheet, ...],
        path: str,
        fps: float,
        **film: Unpack[FilmOptions],
    ) -> None:
        """Export under `path`, or with a number added to the name where there is such a file.

        sheets: what is exported.
        fps: frames per second of a video.
        """
        session = msgspec.json.encode(self._cell.now).decode()
        wished = Path(os.path.expanduser(path))

        def find() -> None:
            taken = frozenset(self._taken)
            self._tasks.run(lambda: free_path(wished, taken), begin)

        def begin(target: Path) -> None:
            if target in self._taken:
                find()  # another export has taken the name meanwhile
                return
            self._taken.add(target)
            self._jobs.start(
                Export(str(target), sheets, fps, session, **film),
                f"Exporting {target.name}",
                lambda ended: self._ended(target, ended),
            )

        find()

    def _ended(self, target: Path, ended: Ended) -> None:
        if ended.failure is None:
            self._notify(ended.text, file=str(target))
            # Whoever has moved it away by now knows where it is.
            self._tasks.run(lambda: _look(target), self._list, lambda _: None, quiet=True)
        else:
            if ended.cancelled:
                self._notify(f"Export cancelled: {target.name}")
            self._jobs.tell(ended)
            self._taken.discard(target)

    def _list(self, written: Written) -> None:
        self._lists.add_captured(written)


def finished(
    sheets: Iterable[Sheet], options: ExportOptions, *, moving: bool = False
) -> tuple[Sheet, ...]:
    """Return the sheets as the options want them.

    moving: they are frames of one movement, of which none stays.
    """
    return tuple(
        structs.replace(
            sheet,
            hold=1 if moving else options.hold,
            scale=options.scale,
            side=options.side,
            lanczos=options.lanczos,
            labels=sheet.labels if options.labels else (),
        )
        for sheet in sheets
    )


def size_of(sheet: Sheet, models: Mapping[str, ModelInfo]) -> tuple[int, int] | None:
    """Return the width and height of a sheet in pixels, None where they are not known yet.

    models: facts on the networks, by path.
    """
    if any(request.view or request.augment for request in sheet.requests):
        return None
    if not sheet.requests or not all(r.snapshot in models for r in sheet.requests):
        return None
    shapes = [models[request.snapshot].img_shape for request in sheet.requests]
    height, width = sheet_size(sheet, max(h for h, _ in shapes), max(w for _, w in shapes))
    return width, height


def free_path(path: Path, taken: frozenset[Path] = frozenset()) -> Path:
    """Return `path`, or NAME-2, NAME-3 … where that exists or is `taken`."""
    number, free = 1, path
    while free in taken or free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def _look(path: Path) -> Written:
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    size = sum(file.stat().st_size for file in files)
    return Written(path, size, _first_picture(files[0]) if files else None)


def _first_picture(path: Path) -> npt.NDArray[np.uint8]:
    if path.suffix.lower() in (".png", *ANIMATIONS):
        with Image.open(path) as image:
            return thumbnail(np.asarray(image.convert("RGB")))
    return thumbnail(video.read_first(path))
