"""File dialogs: the system's own where it has one, else one drawn in the window."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imgui_bundle import im_file_dialog, portable_file_dialogs

from viz.disk.pictures import SESSIONS

if TYPE_CHECKING:
    from viz.shell.app import App


@dataclass(frozen=True)
class Purpose:
    """What a dialog is for. patterns: of the system's dialog; filter: of ours."""

    title: str
    patterns: list[str]
    filter: str
    folder: bool = False
    save: bool = False


SNAPSHOTS = (".pkl", ".pt", ".safetensors")
LATENTS = (".npz", ".npy")


def _open(title: str, what: str, suffixes: tuple[str, ...], *, all_files: bool = False) -> Purpose:
    names = [f"*{suffix}" for suffix in suffixes]
    patterns = [what, " ".join(names)] + ["All files", "*"] * all_files
    return Purpose(title, patterns, f"{what} ({';'.join(names)}){{{','.join(suffixes)}}}")


PURPOSES = {
    "snapshot": _open("Open a snapshot", "Snapshots", SNAPSHOTS, all_files=True),
    "session": _open("Restore a session", "Sessions", SESSIONS),
    "save_session": Purpose(
        "Save the session", ["Sessions", "*.json"], "Sessions (*.json){.json}", save=True
    ),
    "save_w": Purpose("Save w", ["Latents", "*.npz"], "Latents (*.npz){.npz}", save=True),
    "w": _open("Open a saved w", "Saved w", LATENTS),
    "mix": _open("Mix in a saved w", "Saved w", LATENTS),
    "compare": _open(
        "Compare with a snapshot or a session",
        "Snapshots and sessions",
        (*SNAPSHOTS, *SESSIONS),
        all_files=True,
    ),
    "captures": Purpose("Folder for captures", [], "", folder=True),
    "run": Purpose("Watch a run", [], "", folder=True),
}


def native() -> bool:
    """Whether the system has dialogs of its own that can be called."""
    if not sys.platform.startswith("linux"):
        return True
    return any(shutil.which(name) for name in ("zenity", "kdialog", "matedialog", "qarma"))


def reveal(path: Path) -> None:
    """Show a file in the system's file manager. Raises OSError where there is none."""
    folder = path if path.is_dir() else path.parent
    if sys.platform == "win32":
        command = ["explorer", f"/select,{path}"]
    elif sys.platform == "darwin":
        command = ["open", "-R", str(path)]
    else:
        command = ["xdg-open", str(folder)]
    subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Dialogs:
    """At most one dialog at a time."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._native: tuple[str, object] | None = None
        self._drawn: str | None = None

    def open(self, purpose: str) -> None:
        """Raises KeyError on a purpose that is not in PURPOSES."""
        kind = PURPOSES[purpose]
        start = str(self._start(purpose))
        if native():
            dialogs = portable_file_dialogs
            if kind.folder:
                self._native = (purpose, dialogs.select_folder(kind.title, start))
            elif kind.save:
                self._native = (purpose, dialogs.save_file(kind.title, start, kind.patterns))
            else:
                self._native = (purpose, dialogs.open_file(kind.title, start, kind.patterns))
            return
        if self._drawn is not None:
            im_file_dialog.FileDialog.instance().close()
        dialog = im_file_dialog.FileDialog.instance()
        if kind.folder:
            dialog.open(purpose, kind.title, "", False, start)
        elif kind.save:
            dialog.save(purpose, kind.title, kind.filter, start)
        else:
            dialog.open(purpose, kind.title, f"{kind.filter},.*", False, start)
        self._drawn = purpose

    def draw(self) -> None:
        """Once per frame: draws ours, looks after the system's."""
        if self._native is not None:
            purpose, dialog = self._native
            if dialog.ready(0):  # type: ignore[attr-defined]
                self._native = None
                result = dialog.result()  # type: ignore[attr-defined]
                path = result if isinstance(result, str) else (result[0] if result else "")
                if path:
                    self._chosen(purpose, path)
        if self._drawn is not None:
            dialog = im_file_dialog.FileDialog.instance()
            if dialog.is_done(self._drawn):
                purpose, self._drawn = self._drawn, None
                path = dialog.get_result().path() if dialog.has_result() else ""
                dialog.close()
                if path:
                    self._chosen(purpose, path)

    def _chosen(self, purpose: str, path: str) -> None:
        actions = self._app.actions
        act: dict[str, Callable[[], None]] = {
            "snapshot": lambda: actions.open_snapshot(path),
            "session": lambda: actions.restore(path),
            "save_session": lambda: actions.save_session(path),
            "save_w": lambda: actions.save_w(path if path.endswith(".npz") else f"{path}.npz"),
            "w": lambda: actions.use_w(path),
            "mix": lambda: actions.mix_w(path),
            "compare": lambda: actions.compare(path),
            "captures": lambda: actions.change_settings(capture_folder=path),
            "run": lambda: actions.watch_run(path),
        }
        act[purpose]()

    def _start(self, purpose: str) -> Path:
        if purpose == "run" and self._app.context.watch.path:
            folder = Path(self._app.context.watch.path).parent
        elif purpose in ("snapshot", "compare") and self._app.session.render.snapshot:
            folder = Path(self._app.session.render.snapshot).parent
        else:
            folder = self._app.settings.captures
        return folder if folder.is_dir() else Path.home()
