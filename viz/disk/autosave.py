"""Keeping the session where the next start finds it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from viz.desk.tasks import describe

if TYPE_CHECKING:
    from viz.shell.app import App

QUIET_SECONDS = 2.0
"""Seconds without a change after which the session is saved."""
LATEST_SECONDS = 10.0
"""Seconds after which it is saved even if it never stops changing."""


class Autosave:
    """Writes the session when it has changed, but not while it is changing."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._saved = self._seen = app.session
        self._changed_at = self._unsaved_at = 0.0

    def step(self) -> None:
        """Once per GUI frame."""
        now = time.monotonic()
        if self._app.session != self._seen:
            self._seen = self._app.session
            self._changed_at = now
            self._unsaved_at = self._unsaved_at or now
        quiet = now - self._changed_at > QUIET_SECONDS
        if self._unsaved_at and (quiet or now - self._unsaved_at > LATEST_SECONDS):
            self._unsaved_at = 0.0
            self.save()

    def save(self) -> None:
        """Write it now, if it has changed since the last time."""
        app = self._app
        if app.session == self._saved:
            return
        self._saved = app.session
        try:
            app.store.save(app.session)
        except OSError as error:
            app.notify(f"The session could not be saved. {describe(error)}", error=True)
