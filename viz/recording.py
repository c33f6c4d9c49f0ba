"""Pictures to disk: single ones, every one that comes, and the window itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from imgui_bundle import imgui

from viz import capture
from viz.context import Frame
from viz.texture import GL

if TYPE_CHECKING:
    from viz.app import App

QUEUE = 32


class Recording:
    """Writes pictures on the worker threads. count: pictures of the sequence, None when off."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._folder = Path()
        self._dropped = 0
        self.count: int | None = None

    def picture(self) -> None:
        """The newest picture as a PNG."""
        app, frame = self._app, self._app.context.frame
        if frame is None:
            app.notify("There is no picture to capture yet.", error=True)
            return
        pixels = frame.pixels.copy()
        session = capture.session_of(app.session, frame.request)
        folder = app.settings.captures
        stem = Path(app.model.name).stem if app.model else "picture"

        def write() -> Path:
            return capture.write_png(capture.next_path(folder, stem), pixels, session)

        app.tasks.run(write, lambda path: app.notify(f"Saved {path}"))

    def toggle(self) -> None:
        if self.count is None:
            self._folder = capture.recording_folder(self._app.settings.captures)
            self.count, self._dropped = 0, 0
            self._app.notify(f"Recording every new picture into {self._folder}")
        else:
            self.stop()

    def stop(self) -> None:
        if self.count is None:
            return
        lost = f", {self._dropped} dropped (the disk was too slow)" if self._dropped else ""
        self._app.notify(f"Recorded {self.count} pictures into {self._folder}{lost}")
        self.count = None

    def add(self, frame: Frame) -> None:
        """A new picture arrived."""
        if self.count is None:
            return
        if self._app.tasks.pending > QUEUE:
            self._dropped += 1
            return
        path = self._folder / f"frame-{self.count:06}.png"
        pixels = frame.pixels.copy()
        session = capture.session_of(self._app.session, frame.request)
        self._app.tasks.run(lambda: capture.write_png(path, pixels, session), lambda path: None)
        self.count += 1


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
        width = int(io.display_size.x * io.display_framebuffer_scale.x)
        height = int(io.display_size.y * io.display_framebuffer_scale.y)
        GL.glPixelStorei(GL.GL_PACK_ALIGNMENT, 1)
        data = GL.glReadPixels(0, 0, width, height, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE)
        pixels = np.frombuffer(data, np.uint8).reshape(height, width, 4)[::-1].copy()
        session, folder = self._app.session, self._app.settings.captures
        for path, done in wanted:

            def write(path: Path | None = path) -> Path:
                to = path or capture.next_path(folder, "window")
                return capture.write_png(to, pixels, session)

            self._app.tasks.run(write, done)
