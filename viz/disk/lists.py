"""The lists of files that panels show, looked at on a thread: recent, captured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from common.runs.disk import HERE, Disk, Facts
from viz.desk.facts import FileEntry
from viz.desk.settings import SettingsCell
from viz.desk.tasks import Failed, Tasks
from viz.gpu.texture import Texture
from viz.session.cell import SessionCell

CAPTURED = 24
"""Captured files that are listed."""


@dataclass(frozen=True)
class Written:
    """A file that was written, looked at on the thread that wrote it.

    path: where it is.
    size: its bytes.
    thumbnail: [height, width, 4] uint8, None where it shows nothing.
    """

    path: Path
    size: int
    thumbnail: npt.NDArray[np.uint8] | None


class FileLists:
    """Opened snapshots and captured files, kept current without waiting for a disk.

    reached: whether there is a line to the disk; where one comes, it is looked at again.

    recent: opened snapshots, newest first.
    captured: files written while the program runs, newest first.
    """

    def __init__(
        self,
        cell: SessionCell,
        settings: SettingsCell,
        tasks: Tasks,
        disk: Disk = HERE,
        reached: Callable[[], bool] = lambda: True,
    ) -> None:
        self._cell = cell
        self._settings = settings
        self._tasks = tasks
        self._disk = disk
        self._reached = reached
        self._looked_for: tuple[object, ...] = ()
        self._looking = False
        self._thumbnails: list[Texture] = []
        self.recent: tuple[FileEntry, ...] = ()
        self.captured: tuple[FileEntry, ...] = ()

    def refresh(self) -> None:
        """Look again where something may have changed; called once per frame of the window."""
        recent = self._settings.now.recent
        # A snapshot that was opened may have come or gone.
        wanted = (recent, self._cell.now.render.snapshot)
        if not self._reached():
            self._looked_for = ()
            return
        if self._looking or wanted == self._looked_for:
            return
        self._looked_for, self._looking = wanted, True
        self._tasks.run(lambda: self._look(recent), self._show, self._unknown, quiet=True)

    def forget_recent(self, path: str) -> None:
        """Take a path out of the list of opened snapshots."""
        recent = self._settings.now.recent
        self._settings.change(recent=tuple(other for other in recent if other != path))

    def add_captured(self, written: Written) -> None:
        """List a file that was written."""
        texture = Texture()
        if written.thumbnail is not None:
            texture.upload(written.thumbnail)
        shown = texture if written.thumbnail is not None else None
        entry = FileEntry(str(written.path), bytes=written.size, thumbnail=shown)
        self.captured = (entry, *self.captured)[:CAPTURED]
        self._thumbnails.insert(0, texture)
        while len(self._thumbnails) > CAPTURED:
            self._thumbnails.pop().delete()

    def _look(self, recent: tuple[str, ...]) -> tuple[FileEntry, ...]:
        found = self._disk.look(recent)
        return tuple(_entry(path, facts) for path, facts in zip(recent, found, strict=True))

    def _unknown(self, error: Failed) -> None:
        """Look again when there is another line to the disk: this one was lost."""
        self._looking = False

    def _show(self, recent: tuple[FileEntry, ...]) -> None:
        self._looking = False
        self.recent = recent


def _entry(path: str, facts: Facts | None) -> FileEntry:
    if facts is None:
        return FileEntry(path, exists=False)
    return FileEntry(path, bytes=facts.size, modified=facts.modified_ns)
