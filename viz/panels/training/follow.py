"""Which snapshot to show as a run goes on: the newest one, as long as that is what is looked at."""

from __future__ import annotations

from collections.abc import Sequence

from common.runs.state import SnapshotFile


class Following:
    """Follows one run.

    It stops by itself where the user turns to another snapshot, and goes on where they come back
    to the newest.

    awaited: the run had no snapshot when it was opened; the first is wanted, whenever it comes.
    newest: the newest snapshot that is whole, None before there is one.
    """

    def __init__(self, *, awaited: bool = False) -> None:
        self._awaited = awaited
        self.newest: SnapshotFile | None = None
        self._files: Sequence[SnapshotFile] | None = None
        self._known: set[SnapshotFile] = set()
        self._base = ""  # what is on the screen while nobody interferes
        self._due = False

    def step(self, files: Sequence[SnapshotFile], shown: str, *, on: bool) -> SnapshotFile | None:
        """Return the snapshot that is to be loaded now, None where none is.

        files: those of the run, oldest first.
        shown: the path of the snapshot in the picture.
        on: whether the run is followed at all.
        """
        if files is not self._files:
            self._look(files, shown)
        if self.newest is None:
            return None
        if shown not in (self._base, self.newest.path) or not on:
            self._base, self._due = self.newest.path, False
            return None
        if shown == self.newest.path:
            self._base = shown
        if not self._due:
            return None
        self._due = False
        return self.newest

    def _look(self, files: Sequence[SnapshotFile], shown: str) -> None:
        whole = [file for file in files if file.complete]
        fresh = [file for file in whole if file not in self._known]
        first, self._files = self._files is None, files
        self._known.update(whole)
        if first:
            self.newest = whole[-1] if whole else None
            self._base = shown if self.newest is None or self._awaited else self.newest.path
            self._due = self.newest is not None and self._awaited
        elif fresh and (self.newest is None or _is_newer(fresh[-1], self.newest)):
            self.newest, self._due = fresh[-1], True
        elif self.newest not in whole:
            self.newest = whole[-1] if whole else None

    def paused(self, shown: str) -> bool:
        """Whether the user is looking at something else than the newest snapshot."""
        return self.newest is not None and shown not in (self._base, self.newest.path)

    def resume(self, shown: str) -> None:
        """Show the newest with the next step."""
        self._base, self._due = shown, self.newest is not None and self.newest.path != shown


def _is_newer(file: SnapshotFile, other: SnapshotFile) -> bool:
    """Whether a file is newer, by kimg or, where a run began again or writes one file over and
    over, by the time of writing.
    """
    return (file.kimg or 0) > (other.kimg or 0) or file.modified > other.modified
