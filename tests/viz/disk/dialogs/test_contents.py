"""What a file dialog lists, with disks that take their time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from common.runs.disk import LocalDisk, Paths
from viz.desk.tasks import Tasks
from viz.disk.dialogs.browser import Browser
from viz.disk.dialogs.purposes import KINDS


class SlowDisk(LocalDisk):
    """A disk that says what is a run only once it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()

    def snapshots_in(self, folders: Paths) -> tuple[Paths, ...]:
        assert self.let.wait(300)
        return super().snapshots_in(folders)


def test_runs_are_marked_though_something_else_is_asked_meanwhile(tmp_path: Path) -> None:
    (tmp_path / "00000-faces").mkdir()
    (tmp_path / "00000-faces" / "network-snapshot-000200.pkl").write_bytes(b"")
    tasks, disk = Tasks(lambda: None, lambda _: None, lambda _: None), SlowDisk()
    browser = Browser(KINDS["run"], tmp_path, (), tasks, lambda _: None, disk)

    def until(holds: Callable[[], object]) -> None:
        end = time.monotonic() + 300
        while not holds():
            assert time.monotonic() < end
            tasks.poll()
            browser.contents.refresh()
            time.sleep(0.01)

    try:
        until(lambda: browser.contents.entries)
        browser.path = "not here"
        browser.go_to_typed()
        until(lambda: browser.problem)
        assert not browser.contents.entries[0].snapshots
        disk.let.set()
        until(lambda: browser.contents.entries[0].snapshots)
        assert browser.selected is None
    finally:
        disk.let.set()
        browser.cancel()
        tasks.close()
