"""The lists of files that panels show, looked at on a thread: recent, captured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from viz.desk.context import FileEntry
from viz.gpu.texture import Texture

if TYPE_CHECKING:
    from viz.shell.app import App

CAPTURED = 24


class Listing:
    """Keeps `Context.recent` and `.captured` current without waiting for a disk."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._looked_for: tuple[object, ...] = ()
        self._looking = False
        self._thumbnails: list[Texture] = []

    def refresh(self) -> None:
        """Once per GUI frame: look again where something may have changed."""
        app = self._app
        # A snapshot that was opened may have come or gone.
        wanted = (app.settings.recent, app.session.render.snapshot)
        if self._looking or wanted == self._looked_for:
            return
        self._looked_for, self._looking = wanted, True
        recent = app.settings.recent
        app.tasks.run(lambda: tuple(_entry(Path(p)) for p in recent), self._show, quiet=True)

    def forget_recent(self, path: str) -> None:
        app = self._app
        app.change_settings(recent=tuple(p for p in app.settings.recent if p != path))

    def add_captured(
        self, path: Path, thumbnail: npt.NDArray[np.uint8] | None, size: int | None = None
    ) -> None:
        """A file was written. thumbnail: [h, w, 4] uint8; size: its bytes where they are known."""
        texture = Texture()
        if thumbnail is not None:
            texture.upload(thumbnail)
        size = path.stat().st_size if size is None else size
        entry = FileEntry(
            str(path), bytes=size, thumbnail=texture if thumbnail is not None else None
        )
        self._app.context.captured = (entry, *self._app.context.captured)[:CAPTURED]
        self._thumbnails.insert(0, texture)
        while len(self._thumbnails) > CAPTURED:
            self._thumbnails.pop().delete()

    def _show(self, recent: tuple[FileEntry, ...]) -> None:
        self._looking = False
        self._app.context.recent = recent


def _entry(path: Path) -> FileEntry:
    try:
        facts = path.stat()
    except OSError:
        return FileEntry(str(path), exists=False)
    return FileEntry(str(path), bytes=facts.st_size, modified=facts.st_mtime_ns)
