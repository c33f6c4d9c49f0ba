"""A second run, whose curves are drawn over those of the watched one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from common.runs.follow import RunReader
from viz.desk.facts import Overlay
from viz.panels.training.watch import Reader, Watcher


class RunOverlay:
    """Follows the other run as `RunWatch` follows the first, on a thread of its own.

    wake: has the window draw a frame soon; called from any thread.
    make_reader: what reads a run directory.

    facts: what panels see of it, None where no other run is compared.
    """

    def __init__(
        self, wake: Callable[[], None], make_reader: Callable[[str], Reader] = RunReader
    ) -> None:
        self._wake = wake
        self.make_reader = make_reader
        self._watcher: Watcher | None = None
        self.facts: Overlay | None = None

    def refresh(self, path: str, first: str) -> None:
        """Take in what was read; called once per frame, without waiting for anything.

        path: the folder of the other run, empty for none.
        first: the folder of the watched run, which is not compared with itself.
        """
        wanted = path if path and first and Path(path) != Path(first) else ""
        if self._watcher is not None and self._watcher.path != wanted:
            self.close()
        if not wanted:
            self.facts = None
            return
        if self._watcher is None:
            self._watcher = Watcher(wanted, self.make_reader, self._wake, persistent=True)
        state, silent = self._watcher.state, self._watcher.silent
        before = self.facts
        if before is None or before.run is not state or before.silent != silent:
            self.facts = Overlay(wanted, state, silent)

    @property
    def settled(self) -> bool:
        """Whether what is on the disk has been read, or the disk is not worth waiting for."""
        if self._watcher is None or self._watcher.silent:
            return True
        state = self._watcher.state
        return state is not None and not state.reading

    def close(self) -> None:
        """Stop following it."""
        if self._watcher is not None:
            self._watcher.stop()
        self._watcher, self.facts = None, None
