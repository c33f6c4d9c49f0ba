"""A MIDI file that plays as if somebody moved the knobs."""

from __future__ import annotations

from pathlib import Path

from viz.control.inbox import Inbox
from viz.control.midi import Note, file_notes
from viz.desk.tasks import Tasks


class Tune:
    """Plays one file at a time, by the clock of the window.

    inbox: takes what it plays.
    tasks: reads files.
    name: of the file that is played, empty for none.
    """

    def __init__(self, inbox: Inbox, tasks: Tasks) -> None:
        self._inbox, self._tasks = inbox, tasks
        self._notes: list[tuple[float, Note]] = []
        self._at = 0.0
        self.name = ""

    def play(self, path: str) -> None:
        """Begin a file once it has been read; an empty path stops the one that plays."""
        self._notes, self.name = [], ""
        if not path:
            return
        name = Path(path).name

        def begin(notes: tuple[tuple[float, Note], ...]) -> None:
            self._notes, self.name, self._at = list(reversed(notes)), name, 0.0

        self._tasks.run(lambda: file_notes(Path(path)), begin, about=f"Reading {name}")

    def advance(self, seconds: float) -> None:
        """Put into the inbox what is played within so many seconds."""
        self._at += seconds
        while self._notes and self._notes[-1][0] <= self._at:
            note = self._notes.pop()[1]
            self._inbox.put(note.source, note.share, note.down)
        if not self._notes:
            self.name = ""
