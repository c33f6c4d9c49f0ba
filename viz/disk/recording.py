"""Pictures to disk: single ones, every one that comes, and the window itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
from imgui_bundle import imgui

from viz.desk import context
from viz.desk.context import Frame
from viz.desk.tasks import Failed, describe
from viz.disk import pictures
from viz.gpu.texture import read_framebuffer

if TYPE_CHECKING:
    from viz.shell.app import App

QUEUE = 32
"""Pictures that may wait for the disk before a recording leaves some out."""

Written: TypeAlias = tuple[Path, npt.NDArray[np.uint8]]


class Recording:
    """Writes pictures on the worker threads."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._folder = Path()
        self._started = 0.0
        self._frames = self._waiting = self._dropped = 0
        self.running = False

    def picture(self, frame: Frame | None = None) -> None:
        """A picture, or the newest one, as a PNG."""
        app = self._app
        frame = frame or app.context.frame
        if frame is None:
            app.notify("There is no picture to capture yet.", error=True)
            return
        pixels = frame.pixels.copy()
        session = pictures.session_of(app.session, frame.request)
        folder = app.settings.captures
        model = app.feed.models.get(frame.request.snapshot)
        stem = Path(model.name).stem if model else "picture"

        def write() -> Written:
            path = pictures.write_png(pictures.next_path(folder, stem), pixels, session)
            return path, pictures.thumbnail(pixels)

        app.tasks.run(write, self._saved)

    def toggle(self) -> None:
        """Start or stop a sequence: every new picture, numbered, in a folder of its own."""
        if self.running:
            self.stop()
            return
        self._folder = pictures.recording_folder(self._app.settings.captures)
        self._frames = self._dropped = 0
        self._started = time.monotonic()
        self.running = True
        self._app.notify(f"Recording every new picture into {self._folder}")

    def stop(self) -> None:
        if not self.running:
            return
        self.running = False
        lost = f", {self._dropped} left out (the disk was too slow)" if self._dropped else ""
        self._app.notify(f"Recorded {self._frames} pictures into {self._folder}{lost}")

    def add(self, frame: Frame) -> None:
        """A new picture arrived."""
        if not self.running:
            return
        if self._waiting >= QUEUE:
            self._dropped += 1
            return
        path = self._folder / f"frame-{self._frames:06}.png"
        pixels = frame.pixels.copy()
        session = pictures.session_of(self._app.session, frame.request)
        self._frames += 1
        self._waiting += 1
        self._app.tasks.run(
            lambda: pictures.write_png(path, pixels, session), self._written, self._failed
        )

    @property
    def facts(self) -> context.Recording | None:
        """For the panels."""
        if not self.running:
            return None
        seconds = time.monotonic() - self._started
        return context.Recording(str(self._folder), self._frames, seconds, self._waiting)

    def _saved(self, written: Written) -> None:
        path, thumbnail = written
        self._app.listing.add_captured(path, thumbnail)
        self._app.notify(f"Saved {path}")

    def _written(self, path: Path) -> None:
        self._waiting -= 1

    def _failed(self, error: Failed) -> None:
        """One failed write ends the recording: a full disk would fail every picture."""
        self._waiting -= 1
        if self.running:
            self._frames -= 1
            self._app.notify(describe(error), error=True)
            self.stop()


class WindowShots:
    """Captures of the whole window, out of the framebuffer of the frame that is being drawn."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._wanted: list[tuple[Path | None, Callable[[Path], None]]] = []

    def ask(self, path: Path | None, done: Callable[[Path], None]) -> None:
        """Capture the next frame. path None: a new name in the capture folder."""
        self._wanted.append((path, done))

    def take(self) -> None:
        """Read the framebuffer where a capture was asked for."""
        wanted, self._wanted = self._wanted, []
        if not wanted:
            return
        io = imgui.get_io()
        pixels = read_framebuffer(
            round(io.display_size.x * io.display_framebuffer_scale.x),
            round(io.display_size.y * io.display_framebuffer_scale.y),
        )
        session, folder = self._app.session, self._app.settings.captures
        for path, done in wanted:

            def write(path: Path | None = path) -> Written:
                to = path or pictures.next_path(folder, "window")
                return pictures.write_png(to, pixels, session), pictures.thumbnail(pixels)

            def written(result: Written, done: Callable[[Path], None] = done) -> None:
                self._app.listing.add_captured(*result)
                done(result[0])

            self._app.tasks.run(write, written)
