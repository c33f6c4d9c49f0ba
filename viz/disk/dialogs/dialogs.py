"""File dialogs: the system's own where it has one, else one drawn in the window."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from imgui_bundle import portable_file_dialogs

from common.runs.disk import HERE, Disk
from viz.desk.actions import Purpose
from viz.desk.tasks import Tasks
from viz.disk.dialogs.browser import Browser
from viz.disk.dialogs.entries import Shortcut
from viz.disk.dialogs.purposes import KINDS, Kind
from viz.disk.dialogs.view import DialogView


def native() -> bool:
    """Whether the system has dialogs of its own that can be called."""
    if not sys.platform.startswith("linux"):
        return True
    return any(shutil.which(name) for name in ("zenity", "kdialog", "matedialog", "qarma"))


class Dialogs:
    """At most one dialog at a time.

    chosen: told what a dialog was for, and the path that was chosen.
    places: folders that a dialog of ours offers besides, told whether it shows that disk.
    tasks: where the disk is looked at.
    far: the disk of the renderer where that is on another machine, else None.
    """

    def __init__(
        self,
        chosen: Callable[[Purpose, str], None],
        places: Callable[[bool], tuple[Shortcut, ...]],
        tasks: Tasks,
        far: Disk | None = None,
    ) -> None:
        self._chosen = chosen
        self._places = places
        self._tasks = tasks
        self._far = far
        self._native: tuple[Purpose, object] | None = None
        self._drawn: DialogView | None = None
        self._last: dict[Purpose, Path] = {}

    @property
    def browser(self) -> Browser | None:
        """The dialog that is drawn in the window, None where there is none."""
        return self._drawn.browser if self._drawn is not None else None

    def last(self, purpose: Purpose) -> Path | None:
        """The folder in which something was chosen last for a purpose, None before the first."""
        return self._last.get(purpose)

    def open(self, purpose: Purpose, folder: Path, suggested: str = "") -> None:
        """Show a dialog, in the place of one that is open.

        folder: where it begins, unless one for this purpose has been somewhere else before.
        suggested: the name to write to at first, where it is not the usual one.
        """
        kind = KINDS[purpose]
        if suggested:
            own = (suffix for suffix in kind.suffixes if suggested.endswith(suffix))
            suffix = next(own, Path(suggested).suffix)
            kind = replace(kind, suggested=suggested, suffixes=(suffix,))
        there = self._far if kind.renderers else None
        if there is not None:
            kind = replace(kind, title=f"{kind.title} on {there.place}")
        elif native():
            # A folder that does not answer is not worth waiting for.
            self._tasks.run(
                folder.is_dir,
                lambda there: self._open_native(purpose, kind, folder if there else Path.home()),
                lambda _: self._open_native(purpose, kind, Path.home()),
                about=f"Looking at {folder}",
            )
            return

        def chosen(path: Path) -> None:
            self._last[purpose] = path if kind.folder else path.parent
            self._chosen(purpose, str(path))

        if self._drawn is not None:
            self._drawn.browser.cancel()
        start = self._last.get(purpose, folder)
        places = self._places(there is not None)
        browser = Browser(kind, start, places, self._tasks, chosen, there or HERE)
        self._drawn = DialogView(browser)

    def draw(self) -> None:
        """Draw ours, and look after the system's; called once per frame of the window."""
        if self._native is not None:
            self._poll_native(*self._native)
        view = self._drawn
        if view is None:
            return
        try:
            view.draw()
        except Exception:
            self._drawn = None  # one that fails must not fail again in every frame
            raise
        if not view.browser.is_open and self._drawn is view:
            self._drawn = None

    def _open_native(self, purpose: Purpose, kind: Kind, folder: Path) -> None:
        start, dialogs = str(folder / kind.suggested), portable_file_dialogs
        if kind.folder:
            self._native = (purpose, dialogs.select_folder(kind.title, start))
        elif kind.save:
            self._native = (purpose, dialogs.save_file(kind.title, start, kind.patterns))
        else:
            self._native = (purpose, dialogs.open_file(kind.title, start, kind.patterns))

    def _poll_native(self, purpose: Purpose, dialog: object) -> None:
        if not dialog.ready(0):  # type: ignore[attr-defined]
            return
        self._native = None
        result = dialog.result()  # type: ignore[attr-defined]
        path = result if isinstance(result, str) else (result[0] if result else "")
        if path:
            self._chosen(purpose, path)
