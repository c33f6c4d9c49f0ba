"""Which folder a file dialog begins with, and what becomes of the file that is chosen in it."""

from __future__ import annotations

from pathlib import Path

from renderer.messages.directions import SUFFIX, FromFile
from viz.desk.actions import Actions, Purpose
from viz.desk.errands import Errand
from viz.disk.copying import copy_snapshot, fetch_snapshot
from viz.disk.dialogs import folders
from viz.disk.dialogs.dialogs import Dialogs
from viz.disk.dialogs.entries import Shortcut, shortcuts
from viz.disk.dialogs.purposes import KINDS
from viz.disk.directions import name_of
from viz.shell.parts import Parts


class ChosenFiles:
    """Owns the dialogs for files, and keeps which snapshot is to be copied.

    parts: the parts of the application.
    actions: what is done with a file that was chosen.
    """

    def __init__(self, parts: Parts, actions: Actions) -> None:
        self._parts = parts
        self._actions = actions
        self._copied = ""
        self.dialogs = Dialogs(
            self.take,
            self._places,
            parts.tasks,
            parts.disk if parts.far else None,
        )

    def browse(self, purpose: Purpose) -> None:
        """Show the dialog for a purpose; see `Actions.browse`."""
        self.dialogs.open(purpose, self._start_folder(purpose), self._suggested(purpose))

    def _suggested(self, purpose: Purpose) -> str:
        """The name to write to at first, empty for the usual one."""
        if purpose == "save_directions" and (kept := self._parts.directions.shown) is not None:
            return f"{name_of(kept.found)}{SUFFIX}"
        return ""

    def _start_folder(self, purpose: Purpose) -> Path:
        parts = self._parts
        snapshot = parts.cell.now.render.snapshot
        if purpose in ("run", "overlay") and parts.run_watch.watch.path:
            return Path(parts.run_watch.watch.path).parent
        if purpose in ("snapshot", "compare") and snapshot:
            return Path(snapshot).parent
        if parts.far and KINDS[purpose].renderers:
            return Path(folders.HOME)
        if purpose == "directions":
            return self.dialogs.last("save_directions") or parts.directions.folder
        return parts.settings.now.exports if purpose == "exports" else parts.settings.now.captures

    def _places(self, far: bool) -> tuple[Shortcut, ...]:
        """The folders on the left of a dialog; far: of one that shows another machine's disk."""
        settings, watch = self._parts.settings.now, self._parts.run_watch.watch
        if far:
            return shortcuts(Path(folders.HOME), None, watch.path, settings.recent)
        if self._parts.far:  # runs and snapshots are not on the disk of this machine
            return shortcuts(Path.home(), settings.captures, "", ())
        return shortcuts(Path.home(), settings.captures, watch.path, settings.recent)

    def take(self, purpose: Purpose, path: str) -> None:
        """Do with a file, or a name to write to, what it was chosen for."""
        do = self._actions
        match purpose:
            case "snapshot":
                do.open_snapshot(path)
            case "session":
                do.restore(path)
            case "save_session":
                do.save_session(path)
            case "save_w":
                do.save_w(path if path.endswith(".npz") else f"{path}.npz")
            case "w":
                do.use_w(path)
            case "mix":
                do.mix_w(path)
            case "compare":
                do.compare(path)
            case "captures":
                do.change_settings(capture_folder=path)
            case "exports":
                do.change_settings(export_folder=path)
            case "copy":
                self._copy_to(Path(path))
            case "overlay":
                do.overlay_run(path)
            case "run":
                do.watch_run(path)
            case "target":
                do.projection.add([path])
            case "directions":
                do.directions.find(FromFile(path))
            case "midi":
                do.control.play(path)
            case "save_directions":
                do.directions.save(path if path.endswith(SUFFIX) else f"{path}{SUFFIX}")
            case "journey":
                do.journey.load(path)
            case "sound":
                do.journey.hear(path)
            case "save_journey":
                do.journey.save(path)
            case "projection":
                if (shown := self._parts.projections.selected) is not None:
                    do.projection.save_elsewhere(shown.id, path)

    def copy(self, path: str) -> None:
        """Ask where to copy a snapshot to."""
        self._copied, file = path, Path(path)
        folder = self._parts.settings.now.captures if self._parts.far else file.parent
        self.dialogs.open("copy", folder, f"{file.parent.name}-{file.name}")

    def _copy_to(self, target: Path) -> None:
        source, disk = Path(self._copied), self._parts.disk

        def copy(errand: Errand) -> Path:
            if self._parts.far:
                return fetch_snapshot(disk, str(source), target, errand)
            return copy_snapshot(source, target, errand)

        self._parts.errands.start(
            f"Copying {source.name}",
            copy,
            lambda copy: self._actions.notify(f"Copied to {copy}"),
        )
