"""File dialogs: the system's own where it has one, else one drawn in the window."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from imgui_bundle import im_file_dialog, portable_file_dialogs

from common import snapshot_files
from viz.desk.actions import Purpose
from viz.disk.pictures import SESSIONS


@dataclass(frozen=True)
class Dialog:
    """How a dialog is shown.

    title: over it.
    patterns: names and file name patterns, as the system's dialog takes them.
    filter: the same as ours takes it.
    folder: a folder is chosen, not a file.
    save: a name to write to is chosen.
    """

    title: str
    patterns: list[str]
    filter: str
    folder: bool = False
    save: bool = False


SNAPSHOTS = snapshot_files.SUFFIXES
LATENTS = (".npz", ".npy")


def _open(title: str, what: str, suffixes: tuple[str, ...], *, all_files: bool = False) -> Dialog:
    names = [f"*{suffix}" for suffix in suffixes]
    patterns = [what, " ".join(names)] + ["All files", "*"] * all_files
    return Dialog(title, patterns, f"{what} ({';'.join(names)}){{{','.join(suffixes)}}}")


DIALOGS: dict[Purpose, Dialog] = {
    "snapshot": _open("Open a snapshot", "Snapshots", SNAPSHOTS, all_files=True),
    "session": _open("Restore a session", "Sessions", SESSIONS),
    "save_session": Dialog(
        "Save the session", ["Sessions", "*.json"], "Sessions (*.json){.json}", save=True
    ),
    "save_w": Dialog("Save w", ["Latents", "*.npz"], "Latents (*.npz){.npz}", save=True),
    "w": _open("Open a saved w", "Saved w", LATENTS),
    "mix": _open("Mix in a saved w", "Saved w", LATENTS),
    "compare": _open(
        "Compare with a snapshot or a session",
        "Snapshots and sessions",
        (*SNAPSHOTS, *SESSIONS),
        all_files=True,
    ),
    "captures": Dialog("Folder for captures", [], "", folder=True),
    "run": Dialog("Watch a run", [], "", folder=True),
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
    """At most one dialog at a time.

    chosen: told what a dialog was for, and the path that was chosen.
    """

    def __init__(self, chosen: Callable[[Purpose, str], None]) -> None:
        self._chosen = chosen
        self._native: tuple[Purpose, object] | None = None
        self._drawn: Purpose | None = None

    def open(self, purpose: Purpose, folder: Path) -> None:
        """Show a dialog that begins in `folder`, in the place of one that is open."""
        kind = DIALOGS[purpose]
        start = str(folder)
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
        """Draw ours, and look after the system's; called once per frame of the window."""
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
