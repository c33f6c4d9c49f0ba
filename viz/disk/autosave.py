"""Keeping the session where the next start finds it."""

from __future__ import annotations

import time

from viz.disk.saver import Saver
from viz.session.cell import SessionCell

QUIET_SECONDS = 2.0
"""Seconds without a change after which the session is saved."""
LATEST_SECONDS = 10.0
"""Seconds after which it is saved even if it never stops changing."""


class Autosave:
    """Writes the session when it has changed, but not while it is changing."""

    def __init__(self, cell: SessionCell, saver: Saver) -> None:
        self._cell = cell
        self._saver = saver
        self._saved = self._seen = cell.now
        self._changed_at = self._unsaved_at = 0.0

    def step(self) -> None:
        """Look whether it is time; called once per frame of the window."""
        now = time.monotonic()
        if self._cell.now != self._seen:
            self._seen = self._cell.now
            self._changed_at = now
            self._unsaved_at = self._unsaved_at or now
        quiet = now - self._changed_at > QUIET_SECONDS
        if self._unsaved_at and (quiet or now - self._unsaved_at > LATEST_SECONDS):
            self._unsaved_at = 0.0
            self.save()

    def save(self) -> None:
        """Write it now, if it has changed since the last time."""
        if self._cell.now == self._saved:
            return
        self._saved = self._cell.now
        self._saver.save(self._saved)
