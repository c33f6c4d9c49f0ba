"""The lists of files that panels show, looked at on a thread: recent, the run's, captured."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from renderer import locate
from viz.context import FileEntry
from viz.texture import Texture

if TYPE_CHECKING:
    from viz.app import App

CAPTURED = 24
LOOK_AGAIN = 15.0
"""Seconds after which a run directory is looked at again: training may have written to it."""


@dataclass(frozen=True)
class _Looked:
    recent: tuple[FileEntry, ...]
    snapshots: tuple[FileEntry, ...]
    writing: tuple[FileEntry, ...]


class Listing:
    """Keeps `Context.recent`, `.snapshots` and `.captured` current without waiting for a disk."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._looked_for: tuple[object, ...] = ()
        self._looked_at = 0.0
        self._looking = False
        self._thumbnails: list[Texture] = []

    def refresh(self) -> None:
        """Once per GUI frame: look again where something may have changed."""
        app = self._app
        wanted = (app.settings.recent, app.session.render.snapshot)
        stale = time.monotonic() - self._looked_at > LOOK_AGAIN and len(app.context.snapshots) > 0
        if self._looking or (wanted == self._looked_for and not stale):
            return
        self._looked_for, self._looked_at, self._looking = wanted, time.monotonic(), True
        recent, opened = wanted
        app.tasks.run(lambda: _look(recent, opened), self._show, quiet=True)

    def forget_recent(self, path: str) -> None:
        app = self._app
        app.change_settings(recent=tuple(p for p in app.settings.recent if p != path))

    def add_captured(self, path: Path, thumbnail: npt.NDArray[np.uint8]) -> None:
        """A file was written. thumbnail: [h, w, 4] uint8."""
        texture = Texture()
        texture.upload(thumbnail)
        entry = FileEntry(str(path), bytes=path.stat().st_size, thumbnail=texture)
        self._app.context.captured = (entry, *self._app.context.captured)[:CAPTURED]
        self._thumbnails.insert(0, texture)
        while len(self._thumbnails) > CAPTURED:
            self._thumbnails.pop().delete()

    def _show(self, looked: _Looked) -> None:
        self._looking = False
        self._app.context.recent = looked.recent
        self._app.context.snapshots = looked.snapshots
        self._app.context.writing = looked.writing


def _look(recent: tuple[str, ...], opened: str) -> _Looked:
    run = Path(opened).parent
    listed = locate.snapshots(run) if opened and run.is_dir() and locate.is_run(run) else []
    return _Looked(
        tuple(_entry(Path(path)) for path in recent),
        tuple(_entry(s.path, s.kimg) for s in listed if s.complete),
        tuple(_entry(s.path, s.kimg) for s in listed if not s.complete),
    )


def _entry(path: Path, kimg: float | None = None) -> FileEntry:
    try:
        facts = path.stat()
    except OSError:
        return FileEntry(str(path), exists=False, kimg=kimg)
    return FileEntry(str(path), kimg=kimg, bytes=facts.st_size, modified=facts.st_mtime_ns)
