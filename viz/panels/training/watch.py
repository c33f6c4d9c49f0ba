"""Watching a training run: read on a thread of its own, shown in the window, followed if wanted.

A disk that does not answer holds up that thread only: the window goes on, says for how long it has
been waiting, and can watch another run or be closed meanwhile.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec import structs

from common.runs.follow import RunReader
from common.runs.state import RunState, SnapshotFile
from viz.desk.context import FileEntry, Watch
from viz.panels.training.follow import Following

if TYPE_CHECKING:
    from viz.shell.app import App

INTERVAL = 1.0
"""Seconds between two looks at a run; a slow disk is left alone for longer."""
SILENT = 3.0
"""Seconds after which a disk that owes an answer is spoken of."""


class Reader(Protocol):
    """`common.runs.follow.RunReader`; doubles in tests."""

    def poll(self) -> RunState: ...


class Watcher:
    """A thread that polls one run directory until it is told to stop.

    persistent False: it looks once at what is no run, and ends.
    """

    def __init__(
        self,
        path: str,
        make_reader: Callable[[str], Reader],
        wake: Callable[[], None],
        *,
        persistent: bool,
    ) -> None:
        self.path = path
        self.state: RunState | None = None
        self._make_reader = make_reader
        self._wake = wake
        self._persistent = persistent
        self._asked: float | None = None
        self._stop = threading.Event()
        # A daemon: one that hangs on a dead network folder does not keep the program from ending.
        threading.Thread(target=self._run, name="ganscope-run", daemon=True).start()

    @property
    def silent(self) -> float:
        """Seconds since a question that is still unanswered; 0 where it is not worth a word."""
        asked = self._asked
        waited = 0.0 if asked is None else time.monotonic() - asked
        return waited if waited >= SILENT else 0.0

    def stop(self) -> None:
        """Returns at once; the thread ends when its disk answers."""
        self._stop.set()

    def _poll(self, reader: Reader) -> RunState:
        try:
            return reader.poll()
        except Exception as error:  # noqa: BLE001 - said in the panel; the next look may do better
            known = self.state or RunState(self.path)
            problem = f"internal error: {type(error).__name__}: {error}"
            if known.problem == problem:
                return known
            traceback.print_exc()
            return replace(known, problem=problem)

    def _run(self) -> None:
        reader = self._make_reader(self.path)
        while not self._stop.is_set():
            began = self._asked = time.monotonic()
            state = self._poll(reader)
            took, self._asked = time.monotonic() - began, None
            if self._stop.is_set() or not (state.is_run or self._persistent):
                self.state = state
                return
            if state is not self.state or took >= SILENT:
                self.state = state
                self._wake()
            self._stop.wait(0.0 if state.reading else max(INTERVAL, 4 * took))


class Monitoring:
    """Keeps `Context.run`, `.watch`, `.snapshots` and `.writing` current, and follows."""

    def __init__(
        self,
        app: App,
        wake: Callable[[], None],
        make_reader: Callable[[str], Reader] = RunReader,
    ) -> None:
        self._app = app
        self._wake = wake
        self.make_reader = make_reader
        self._watcher: Watcher | None = None
        self._chosen = ""
        self._following = Following()
        self._listed: tuple[SnapshotFile, ...] = ()

    def watch(self, path: str | None, *, awaited: bool = False) -> None:
        """A run directory, None = that of the open snapshot. awaited: as in `Following`."""
        self._chosen = str(Path(path).expanduser().absolute()) if path else ""
        self._retire()
        self._following = Following(awaited=awaited)

    def follow(self, on: bool) -> None:
        """Remembered; switched on it shows the newest snapshot at once."""
        app = self._app
        app.change_settings(monitor=structs.replace(app.settings.monitor, follow=on))
        if on:
            self._following.resume(app.session.render.snapshot)

    def refresh(self) -> None:
        """Once per GUI frame, without waiting for anything."""
        app = self._app
        shown = app.session.render.snapshot
        own = str(Path(shown).parent) if shown else ""
        if self._chosen == own:
            self._chosen = ""  # a snapshot of it is open now, and others may follow that
        path = self._chosen or own
        if self._watcher is not None and self._watcher.path != path:
            self._retire()
        if self._watcher is None:
            if not path:
                return
            self._watcher = Watcher(
                path, self.make_reader, self._wake, persistent=bool(self._chosen)
            )
        state = self._watcher.state
        if state is not None and (state.is_run or self._chosen):
            app.context.run = state
            self._list(state.snapshots)
            self._follow(state, shown)
        app.context.watch = Watch(
            path if self._chosen or app.context.run or self._watcher.silent else "",
            bool(self._chosen),
            self._watcher.silent,
            app.settings.monitor.follow and self._following.paused(shown),
        )

    def close(self) -> None:
        self._retire()

    @property
    def settled(self) -> bool:
        """What is on the disk has been read, or the disk is not worth waiting for."""
        if self._watcher is None or self._watcher.silent:
            return True
        state = self._watcher.state
        return state is not None and not state.reading

    def _retire(self) -> None:
        if self._watcher is not None:
            self._watcher.stop()
        self._watcher = None
        self._following = Following()
        self._listed = ()
        context = self._app.context
        context.run, context.watch = None, Watch()
        context.snapshots = context.writing = ()

    def _list(self, files: tuple[SnapshotFile, ...]) -> None:
        if files is self._listed:
            return
        self._listed = files
        context = self._app.context
        context.snapshots = tuple(_entry(file) for file in files if file.complete)
        context.writing = tuple(_entry(file) for file in files if not file.complete)

    def _follow(self, state: RunState, shown: str) -> None:
        app = self._app
        if app.opening.pending:
            return  # what will be shown is not yet known
        on = app.settings.monitor.follow
        found = self._following.step(state.snapshots, shown, on=on)
        if found is not None:
            app.opening.show(found.path, step=False, anew=True)


def _entry(file: SnapshotFile) -> FileEntry:
    return FileEntry(file.path, kimg=file.kimg, bytes=file.bytes, modified=file.modified)
