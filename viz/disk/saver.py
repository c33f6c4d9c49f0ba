"""Writing the session and the settings on a thread, the newest of each last."""

from __future__ import annotations

from viz.desk.notify import Notify
from viz.desk.settings import Settings
from viz.desk.tasks import Failed, Tasks, describe
from viz.disk.store import Store
from viz.session.session import Session


class Saver:
    """Hands what is to be kept to a thread, one write of a kind at a time.

    While one is under way only the newest of those that wait is kept.
    """

    def __init__(self, store: Store, tasks: Tasks, notify: Notify) -> None:
        self._store = store
        self._tasks = tasks
        self._notify = notify
        self._writing: set[type] = set()
        self._waiting: dict[type, Settings | Session] = {}
        self._failures: dict[type, str] = {}

    @property
    def failures(self) -> tuple[str, ...]:
        """What could not be saved and has not been since, in words."""
        return tuple(self._failures.values())

    def save(self, value: Settings | Session) -> None:
        """Keep a value. Where that fails the user is told, once."""
        kind = type(value)
        if kind in self._writing:
            self._waiting[kind] = value
            return
        self._writing.add(kind)
        name = "The settings" if isinstance(value, Settings) else "The session"

        def written(_: None) -> None:
            self._failures.pop(kind, None)
            self._next(kind)

        def failed(error: Failed) -> None:
            text = f"{name} could not be saved. {describe(error)}"
            self._failures[kind] = text
            self._notify(text, error=True, holds=lambda: self._failures.get(kind) == text)
            self._next(kind)

        self._tasks.run(lambda: self._store.save(value), written, failed, about=name)

    def _next(self, kind: type) -> None:
        self._writing.discard(kind)
        value = self._waiting.pop(kind, None)
        if value is not None:
            self.save(value)
