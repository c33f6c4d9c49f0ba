"""Pictures to disk: single ones, and every one that comes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from common import units
from renderer.messages.model import ModelInfo
from viz.desk import facts
from viz.desk.notify import Notify
from viz.desk.settings import SettingsCell
from viz.desk.tasks import Failed, Tasks, describe
from viz.disk import pictures
from viz.disk.lists import FileLists, Written
from viz.gpu.pictures import Frame
from viz.session.cell import SessionCell
from viz.session.session import Session

QUEUE = 32
"""Pictures that may wait for the disk before a recording leaves some out."""


class Recording:
    """Writes pictures on the worker threads.

    models: facts on the networks, by path; files are named after them.
    running: whether a sequence is being written.
    upcoming: the path that the next single picture gets, empty until that has been looked up.
    """

    def __init__(
        self,
        cell: SessionCell,
        settings: SettingsCell,
        models: Mapping[str, ModelInfo],
        tasks: Tasks,
        lists: FileLists,
        notify: Notify,
    ) -> None:
        self._cell = cell
        self._settings = settings
        self._models = models
        self._tasks = tasks
        self._lists = lists
        self._notify = notify
        self._folder = Path()
        self._started = 0.0
        self._frames = self._waiting = self._dropped = 0
        self.running = False
        self.upcoming = ""
        self._looked: tuple[Path, str, int] | None = None
        self._saves = 0

    def refresh(self) -> None:
        """Look up `upcoming` where it may have changed; called once per frame of the window."""
        folder, stem = self._settings.now.captures, self._stem(self._cell.now.render.snapshot)
        wanted = folder, stem, self._saves
        if wanted == self._looked:
            return
        self._looked = wanted

        def found(path: Path) -> None:
            if wanted == self._looked:
                self.upcoming = str(path)

        self._tasks.run(lambda: pictures.next_path(folder, stem), found, lambda _: None, quiet=True)

    def picture(self, frame: Frame, session: Session) -> None:
        """Write a picture as a PNG that carries its session.

        session: what is kept beside the picture's own request.
        """
        pixels = frame.pixels.copy()
        session = pictures.session_of(session, frame.request)
        folder = self._settings.now.captures
        stem = self._stem(frame.request.snapshot)

        def write() -> Written:
            return pictures.write_listed(pictures.next_path(folder, stem), pixels, session)

        self._tasks.run(write, self._saved, about=f"Saving {stem}")

    def toggle(self) -> None:
        """Start or stop a sequence: every new picture, numbered, in a folder of its own."""
        if self.running:
            self.stop()
            return
        self._folder = pictures.recording_folder(self._settings.now.captures)
        self._frames = self._dropped = 0
        self._started = time.monotonic()
        self.running = True
        folder = self._folder
        self._notify(
            f"Recording every new picture into {folder}",
            holds=lambda: self.running and self._folder == folder,
        )

    def stop(self) -> None:
        """End the sequence, if one is being written, and say what came of it."""
        if not self.running:
            return
        self.running = False
        lost = f", {self._dropped} left out (the disk was too slow)" if self._dropped else ""
        folder = str(self._folder)
        many = units.counted(self._frames, "picture")
        self._notify(f"Recorded {many} into {folder}{lost}", file=folder)

    def add(self, frame: Frame) -> None:
        """Write a picture that has just come, while a sequence is being written."""
        if not self.running or frame.info.draft is not None:
            return
        if self._waiting >= QUEUE:
            self._dropped += 1
            return
        path = self._folder / f"frame-{self._frames:06}.png"
        pixels = frame.pixels.copy()
        session = pictures.session_of(self._cell.now, frame.request)
        self._frames += 1
        self._waiting += 1
        self._tasks.run(
            lambda: pictures.write_png(path, pixels, session),
            self._written,
            self._failed,
            about=f"Saving {path.name}",
        )

    @property
    def facts(self) -> facts.Recording | None:
        """What panels show of the sequence, None where none is being written."""
        if not self.running:
            return None
        seconds = time.monotonic() - self._started
        return facts.Recording(str(self._folder), self._frames, seconds, self._waiting)

    def _stem(self, snapshot: str) -> str:
        """What the names of pictures of a network begin with."""
        model = self._models.get(snapshot)
        return Path(model.name).stem if model else "picture"

    def _saved(self, written: Written) -> None:
        self._saves += 1
        self._lists.add_captured(written)
        self._notify(f"Saved {written.path}", file=str(written.path))

    def _written(self, path: Path) -> None:
        self._waiting -= 1

    def _failed(self, error: Failed) -> None:
        """End the sequence: what failed one write (a full disk) would fail them all."""
        self._waiting -= 1
        if self.running:
            self._frames -= 1
            self._notify(describe(error), error=True)
            self.stop()
