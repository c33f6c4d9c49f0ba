"""What a file dialog lists: a folder or all below it, filtered, in order, and what is selected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from common.runs.disk import Disk
from common.words import escaped
from viz.desk.tasks import Failed, Tasks
from viz.disk.dialogs import entries, folders
from viz.disk.dialogs.entries import Entry, Filters
from viz.disk.dialogs.purposes import Kind


class Contents:
    """The list of a dialog. The disk is looked at on threads; what it answers is listed later.

    kind: what the dialog is for.
    tasks: where the disk is looked at.
    disk: the one that is looked at.
    failed: told why a search below a folder broke off.

    entries: what the list shows.
    index: of the selected entry, -1 for none.
    moved: the selection has been moved by a key and must be scrolled to.
    filters: what is shown, and in which order.
    search: for all that lies below the folder; None while only the folder itself is listed.
    """

    def __init__(
        self, kind: Kind, tasks: Tasks, disk: Disk, failed: Callable[[Failed], None]
    ) -> None:
        self._kind = kind
        self._tasks = tasks
        self._disk = disk
        self._failed = failed
        self.entries: list[Entry] = []
        self.index = -1
        self.moved = False
        self.filters = Filters()
        self.search: folders.Search | None = None
        self._folder = Path()
        self._raw: list[Entry] = []
        self._marks: dict[str, Entry] = {}
        self._turn = 0
        self._made: tuple[object, ...] = ()

    def clear(self, folder: Path) -> None:
        """Show nothing until it is known what is in a folder."""
        self._turn += 1
        self._folder = folder
        self._raw, self._marks, self.index = [], {}, -1
        if self.filters.deep:
            self._look_below()

    def fill(self, folder: Path, found: list[Entry], select: str) -> None:
        """Show what is in a folder. select: the path of the entry to select, empty for none."""
        self._folder, self._raw = folder, found
        self.refresh()
        self._select_path(select)
        self._mark()

    def refresh(self) -> None:
        """Make the list anew where something has changed; called once per frame of the window."""
        found = len(self.search.found) if self.search is not None else -1
        made = (self._turn, len(self._raw), len(self._marks), found, self.filters)
        if made == self._made:
            return
        self._made = made
        kept = self.selected
        raw = self.search.found[:found] if self.search is not None else self._raw
        marked = [self._marks.get(entry.path, entry) for entry in raw]
        filters = self.filters
        shown = entries.shown(
            marked, self._kind, all_files=filters.all_files, hidden=filters.hidden
        )
        self.entries = entries.ordered(shown, filters.column, descending=filters.descending)
        self.index = -1
        if kept is not None:
            self._select_path(kept.path)

    def filter(self, filters: Filters) -> None:
        """Change what the list shows."""
        before, self.filters = self.filters, filters
        if (filters.deep, filters.hidden) != (before.deep, before.hidden):
            self.stop_search()
            if filters.deep:
                self._look_below()
        self.refresh()

    @property
    def selected(self) -> Entry | None:
        """The selected entry."""
        return self.entries[self.index] if 0 <= self.index < len(self.entries) else None

    def select(self, index: int, *, by_key: bool) -> None:
        """Select an entry; a number beyond the list selects its nearest end."""
        self.index = max(-1, min(index, len(self.entries) - 1))
        self.moved = by_key

    @property
    def is_run(self) -> bool:
        """Whether the folder itself is a run."""
        return any(not entry.folder and entries.is_snapshot(entry.name) for entry in self._raw)

    def stop_search(self) -> None:
        """Look below the folder no longer, and list only what is in it."""
        if self.search is not None:
            self.search.stop()
            self.search = None

    def close(self) -> None:
        """Ask the disk for nothing more."""
        self.stop_search()
        self._turn += 1

    def _mark(self) -> None:
        """Find out which of the folders are runs, after the list is there."""
        if not self._kind.runs:
            return
        turn, raw = self._turn, entries.natural_order(self._raw)

        def marked(found: dict[str, Entry]) -> None:
            self._marks = found

        # What is not known after a while stays an ordinary folder.
        self._tasks.run(
            lambda: folders.marks(raw, self._disk),
            marked,
            lambda _: None,
            quiet=True,
            wanted=lambda: self._turn == turn,
        )

    def _look_below(self) -> None:
        self.stop_search()
        search = self.search = folders.Search([])
        top, kind, hidden = self._folder, self._kind, self.filters.hidden

        def failed(error: Failed) -> None:
            search.stop()
            self._failed(error)

        self._tasks.run(
            lambda: folders.below(top, kind, search, hidden=hidden, disk=self._disk),
            lambda _: search.stop(),
            failed,
            quiet=True,
            about=f"Looking below {escaped(str(top))}",
            wanted=lambda: not search.stopped,
        )

    def _select_path(self, path: str) -> None:
        if path:
            found = (i for i, entry in enumerate(self.entries) if entry.path == path)
            self.index = next(found, -1)
            self.moved = self.index >= 0
