"""Watching a training run: read on a thread of its own, shown in the window, followed if wanted.

A disk that does not answer holds up that thread only: the window goes on, says for how long it has
been waiting, and can watch another run or be closed meanwhile.
"""

from __future__ import annotations

import os
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from msgspec import structs

from common.runs.follow import RunReader
from common.runs.state import RunState, SnapshotFile
from viz.desk.facts import FileEntry, Watch
from viz.desk.settings import SettingsCell
from viz.disk.showing import Showing
from viz.panels.training.follow import Following
from viz.session.cell import SessionCell

INTERVAL = 1.0
"""How many seconds pass between two looks at a run; a slow disk is left alone for longer."""
SILENT = 3.0
"""After how many seconds a disk that owes an answer is spoken of."""


class Reader(Protocol):
    """What reads a run: `common.runs.follow.RunReader`, or a stand-in of a test."""

    def poll(self) -> RunState:
        """Read on, and give the state of the run as it is then."""


class Watcher:
    """A thread that polls one run directory until it is told to stop.

    persistent: it goes on looking at what is no run yet; otherwise it ends once it knows that.
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
        """The seconds that the disk has owed an answer, 0 where that is not worth a word."""
        asked = self._asked
        waited = 0.0 if asked is None else time.monotonic() - asked
        return waited if waited >= SILENT else 0.0

    def stop(self) -> None:
        """Stop watching. This returns at once; the thread ends when its disk answers."""
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
            # What cannot be reached may be a run, and is looked at until that is known.
            lasting = state.is_run or self._persistent or state.problem
            if self._stop.is_set() or not lasting:
                self.state = state
                return
            if state is not self.state or took >= SILENT:
                self.state = state
                self._wake()
            self._stop.wait(0.0 if state.reading else max(INTERVAL, 4 * took))


class RunWatch:
    """The run that is watched: what is known of it, and whether its new snapshots are shown.

    showing: shows snapshots at the present session.
    opening: whether something is being opened, so that what will be shown is not yet known.
    wake: has the window draw a frame soon; called from any thread.
    met: told when a run that the user has opened is known to be one.
    make_reader: what reads a run directory.

    run: what is known of the run, None where none is watched.
    watch: how it is watched.
    snapshots: its whole snapshots, by kimg.
    writing: those that are not whole yet.
    quiet: the first run that is opened is not told of.
    """

    def __init__(
        self,
        cell: SessionCell,
        settings: SettingsCell,
        showing: Showing,
        *,
        opening: Callable[[], bool],
        wake: Callable[[], None],
        met: Callable[[], None],
        make_reader: Callable[[str], Reader] = RunReader,
    ) -> None:
        self._cell = cell
        self._settings = settings
        self._showing = showing
        self._opening = opening
        self._wake = wake
        self._met = met
        self._opened = ""
        self.quiet = False
        self.make_reader = make_reader
        self._watcher: Watcher | None = None
        self._probe: Watcher | None = None  # looks whether the open snapshot lies in another run
        self._chosen = ""
        self._following = Following()
        self._listed: tuple[SnapshotFile, ...] = ()
        self.run: RunState | None = None
        self.watch = Watch()
        self.snapshots: tuple[FileEntry, ...] = ()
        self.writing: tuple[FileEntry, ...] = ()

    def choose(self, path: str | None, *, awaited: bool = False) -> None:
        """Watch a run directory; None stands for that of the open snapshot.

        awaited: it has no snapshot yet, and its first is wanted, whenever it comes.
        """
        self._chosen = str(Path(os.path.expanduser(path)).absolute()) if path else ""
        self._retire()
        self._following = Following(awaited=awaited)
        if path:
            self._opened = self._chosen

    def opened(self, folder: str, *, named: bool) -> None:
        """Take note that the user has opened a snapshot; `met` is told if that opens a run.

        folder: what the snapshot lies in.
        named: the folder was named. Otherwise a further snapshot of the same run opens no run.
        """
        if self.quiet:
            self.quiet = False
        elif named or folder != self.watch.path:
            self._opened = folder

    def follow(self, on: bool) -> None:
        """Show new snapshots by themselves or not, from now on; the newest one at once."""
        self._settings.change(monitor=structs.replace(self._settings.now.monitor, follow=on))
        if on:
            self._following.resume(self._cell.now.render.snapshot)

    def refresh(self) -> None:
        """Take in what was read; called once per frame, without waiting for anything."""
        shown = self._cell.now.render.snapshot
        own = str(Path(shown).parent) if shown else ""
        if self._chosen == own:
            self._chosen = ""  # a snapshot of it is open now, and others may follow that
        path = self._chosen or self._run_of(own)
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
            self.run = state
            self._list(state.snapshots)
            self._follow(state, shown)
        self._meet(path, state)
        self.watch = Watch(
            path if self._chosen or self.run or self._watcher.silent else "",
            bool(self._chosen),
            self._watcher.silent,
            self._settings.now.monitor.follow and self._following.paused(shown),
        )

    def close(self) -> None:
        """Stop watching; called once, when the window closes."""
        self._retire()

    @property
    def settled(self) -> bool:
        """Whether what is on the disk has been read, or the disk is not worth waiting for."""
        if self._watcher is None or self._watcher.silent:
            return True
        if self._probe is not None and self._probe.state is None and not self._probe.silent:
            return False
        state = self._watcher.state
        return state is not None and not state.reading

    def _run_of(self, own: str) -> str:
        """Return the folder to watch: `own`, or the run until now where `own` is none.

        own: the folder of the open snapshot.
        """
        if self.run is None or self._watcher is None or self._watcher.path == own:
            self._forget_probe()
            return own
        if own and (self._probe is None or self._probe.path != own):
            self._forget_probe()
            self._probe = Watcher(own, self.make_reader, self._wake, persistent=False)
        state = self._probe.state if own and self._probe is not None else None
        if state is None or not state.is_run:
            return self._watcher.path
        self._forget_probe()
        return own

    def _forget_probe(self) -> None:
        if self._probe is not None:
            self._probe.stop()
        self._probe = None

    def _retire(self) -> None:
        self._forget_probe()
        if self._watcher is not None:
            self._watcher.stop()
        self._watcher = None
        self._following = Following()
        self._listed = ()
        self.run, self.watch = None, Watch()
        self.snapshots = self.writing = ()

    def _list(self, files: tuple[SnapshotFile, ...]) -> None:
        if files is self._listed:
            return
        self._listed = files
        self.snapshots = tuple(_entry(file) for file in files if file.complete)
        self.writing = tuple(_entry(file) for file in files if not file.complete)

    def _meet(self, path: str, state: RunState | None) -> None:
        """Tell once of a run that was opened, when enough of it has been read."""
        if state is None and self._opened == path:
            return
        probe = self._probe
        if probe is not None and probe.path == self._opened and probe.state is None:
            return  # it is being looked whether that is a run
        opened, self._opened = self._opened, ""
        if opened == path and state is not None and state.is_run:
            self._met()

    def _follow(self, state: RunState, shown: str) -> None:
        if self._opening():
            return  # what will be shown is not yet known
        on = self._settings.now.monitor.follow
        found = self._following.step(state.snapshots, shown, on=on)
        if found is not None:
            self._showing.show(found.path, step=False, anew=True)


def _entry(file: SnapshotFile) -> FileEntry:
    return FileEntry(file.path, kimg=file.kimg, bytes=file.bytes, modified=file.modified)
