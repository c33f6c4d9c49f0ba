"""A file dialog without its drawing: where it is, and what is typed and chosen there.

The disk is looked at on threads only; what it answers arrives in a later frame.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from common.errors import UserError
from common.runs.disk import HERE, Disk, Facts
from common.words import escaped
from viz.desk.tasks import Failed, Tasks, describe
from viz.disk.dialogs import entries, folders
from viz.disk.dialogs.asking import Question
from viz.disk.dialogs.contents import Contents
from viz.disk.dialogs.entries import Entry, Shortcut
from viz.disk.dialogs.purposes import Kind

T = TypeVar("T")

NO_UNICODE = "The name of this file is no valid Unicode, so it cannot be used. Rename it first."


class Browser:
    """One dialog, from its opening until something is chosen or it is cancelled.

    kind: what it is for.
    places: folders that are one click away.
    chosen: told the path that was chosen.
    disk: the one that is looked at.
    folder: what is shown.
    contents: the list of what is there.
    path: what stands in the path field.
    name: what stands in the name field, where something is written.
    problem: why the last thing that was asked for did not happen.
    question: an existing file that would be replaced, until that is answered.
    is_open: it has neither chosen anything nor been cancelled.
    """

    def __init__(
        self,
        kind: Kind,
        folder: Path,
        places: tuple[Shortcut, ...],
        tasks: Tasks,
        chosen: Callable[[Path], None],
        disk: Disk = HERE,
    ) -> None:
        self.kind = kind
        self.places = places
        self.folder = folder
        self.contents = Contents(kind, tasks, disk, self._failed)
        self.path = ""
        self.name = kind.suggested
        self.problem = ""
        self.question: Path | None = None
        self.is_open = True
        self._chosen = chosen
        self._disk = disk
        self._question = Question(tasks)
        self._show(folder, told=False)  # nobody chose where a dialog starts

    # -- where it is --------------------------------------------------------------------------

    def go(self, folder: Path, select: str = "") -> None:
        """Show a folder, or the closest one above it that is there.

        select: the path of the entry to select in it.
        """
        self._show(folder, select, told=True)

    def _show(self, folder: Path, select: str = "", *, told: bool) -> None:
        """Show a folder as go() does.

        told: whether to say so where another folder is shown because this one is not there.
        """
        self.folder, self.path = folder, escaped(str(folder))
        self.contents.clear(folder)
        self.problem, self.question = "", None

        def look() -> tuple[Path, list[Entry]]:
            there = folders.nearest(folder, self._disk)
            return there, folders.listing(there, self._disk)

        def listed(found: tuple[Path, list[Entry]]) -> None:
            there, listing = found
            if there != folder:
                if told and str(folder) != folders.HOME:
                    self.problem = f"{self.path} is not there. This is the closest folder that is."
                self.folder, self.path = there, escaped(str(there))
            self.contents.fill(there, listing, select)

        self._ask(look, listed)

    def up(self) -> None:
        """Show the folder that this one is in, with this one selected."""
        if self.folder.parent != self.folder:
            self.go(self.folder.parent, select=str(self.folder))

    def go_to_typed(self) -> None:
        """Go to the folder in the path field, or choose the file that it names."""
        text, base = self.path, self.folder
        if text == escaped(str(base)):
            self.go(base)  # what stands there may be escaped, and so no path
            return

        def there(place: folders.Place) -> None:
            if not place.file:
                self.go(place.folder)
            elif self.kind.folder:
                self.problem = f"{place.file} is no folder."
            elif self.kind.save:
                self.name = place.file
                self.go(place.folder)
            else:
                self._finish(place.folder / place.file)

        self._ask(lambda: folders.typed(text, base, self.kind, self._disk), there)

    @property
    def silence(self) -> float:
        """Seconds for which the disk has owed an answer; 0 while it owes none."""
        return self._question.silence

    # -- what is selected ---------------------------------------------------------------------

    @property
    def selected(self) -> Entry | None:
        """The selected entry."""
        return self.contents.selected

    def select(self, index: int, *, by_key: bool = False) -> None:
        """Select an entry; a number beyond the list selects its nearest end."""
        self.contents.select(index, by_key=by_key)
        entry = self.selected
        if self.kind.save and entry is not None and not entry.folder:
            self.name, self.question = entry.name, None

    def jump(self, letters: str) -> None:
        """Select the next entry whose name begins with what was typed."""
        found = entries.jump(self.contents.entries, letters, self.contents.index)
        if found >= 0:
            self.select(found, by_key=True)

    @property
    def is_run(self) -> bool:
        """Whether the folder itself is a run, which can be chosen as it is."""
        return self.kind.runs and self.contents.is_run

    # -- what is chosen -----------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Whether there is something to choose."""
        if self.question is not None or self._question.silence > 0:
            return False
        if self.kind.save:
            return bool(self.name.strip())
        return self.kind.folder or self.selected is not None or self.is_run

    @property
    def verb(self) -> str:
        """What choosing does now, for its button."""
        entry = self.selected
        choosable = self.kind.folder or self.kind.save or entry is None or not entry.folder
        return self.kind.verb if choosable or (entry and entry.snapshots) else "Enter"

    def activate(self, index: int) -> None:
        """Enter a folder, or choose a file, as a double click does."""
        self.select(index)
        entry = self.selected
        if entry is not None and entry.folder:
            self.contents.stop_search()
            self.go(Path(entry.path))
        elif entry is not None:
            self.choose()

    def enter(self) -> None:
        """Do what Enter does in the list: choose a run, as the button says, or activate."""
        entry = self.selected
        if entry is not None and entry.snapshots and not self.kind.save:
            self.choose()
        else:
            self.activate(self.contents.index)

    def choose(self) -> None:
        """Choose what is selected or named, or enter a folder that cannot be chosen."""
        entry = self.selected
        if self.kind.save:
            self._choose_name()
        elif entry is None:
            if self.kind.folder or self.is_run:
                self._finish(self.folder)
        elif entry.folder and not (self.kind.folder or entry.snapshots):
            self.activate(self.contents.index)
        else:
            self._finish(Path(entry.path))

    def replace(self) -> None:
        """Write over the file that `question` asks about."""
        if self.question is not None:
            self._finish(self.question)

    def keep(self) -> None:
        """Leave that file as it is, and let another name be typed."""
        self.question = None

    def cancel(self) -> None:
        """Close the dialog without choosing anything."""
        self.contents.close()
        self._question.drop()
        self.is_open = False

    def _choose_name(self) -> None:
        """Choose what stands in the name field: a name here, or a path to somewhere else."""
        text, base = self.name.strip(), self.folder

        def there(place: folders.Place) -> None:
            if place.file:
                self._choose_in(place.folder, place.file)
            else:
                self.name = self.kind.suggested
                self.go(place.folder)

        if entries.is_path(text):
            self._ask(lambda: folders.typed(text, base, self.kind, self._disk), there)
        else:
            self._choose_in(base, text)

    def _choose_in(self, folder: Path, name: str) -> None:
        try:
            target = folder / entries.file_name(name, self.kind)
        except UserError as error:
            self.problem = str(error)
            return

        def look() -> Facts | None:
            return self._disk.look((str(target),))[0]

        def known(there: Facts | None) -> None:
            if there is not None and there.kind == "folder":
                self.problem = f"{escaped(target.name)} is a folder."
            elif there is not None:
                self.question = target
            else:
                self._finish(target)

        self._ask(look, known)

    def _finish(self, path: Path) -> None:
        try:
            str(path).encode()
        except UnicodeEncodeError:
            self.problem = NO_UNICODE
            return
        self.cancel()
        self._chosen(path)

    # -- looking at the disk ------------------------------------------------------------------

    def _ask(self, work: Callable[[], T], done: Callable[[T], None]) -> None:
        """Ask the disk something, in the place of what it was asked before."""

        def answered(found: T) -> None:
            self.problem = ""
            done(found)

        self._question.ask(work, answered, self._failed, about=f"Looking at {self.path}")

    def _failed(self, error: Failed) -> None:
        self.problem = escaped(describe(error))
