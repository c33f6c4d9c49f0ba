"""Captures of the whole window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from imgui_bundle import imgui

from viz.desk.settings import SettingsCell
from viz.desk.tasks import Tasks
from viz.disk import pictures
from viz.disk.lists import FileLists, Written
from viz.gpu.texture import read_framebuffer
from viz.session.cell import SessionCell


class WindowShots:
    """Captures out of the framebuffer of the frame that is being drawn."""

    def __init__(
        self, cell: SessionCell, settings: SettingsCell, tasks: Tasks, lists: FileLists
    ) -> None:
        self._cell = cell
        self._settings = settings
        self._tasks = tasks
        self._lists = lists
        self._wanted: list[tuple[Path | None, Callable[[Path], None]]] = []

    @property
    def asked(self) -> bool:
        """Whether the frame that is being drawn will be captured."""
        return bool(self._wanted)

    def ask(self, path: Path | None, done: Callable[[Path], None]) -> None:
        """Capture the next frame.

        path: where to, None for a new name in the capture folder.
        done: told the path when it is written.
        """
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
        session, folder = self._cell.now, self._settings.now.captures
        for path, done in wanted:

            def write(path: Path | None = path) -> Written:
                to = path or pictures.next_path(folder, "window")
                return pictures.write_listed(to, pixels, session)

            def written(result: Written, done: Callable[[Path], None] = done) -> None:
                self._lists.add_captured(result)
                done(result.path)

            self._tasks.run(write, written, about="Saving the window")
