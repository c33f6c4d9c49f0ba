"""What is saved on a thread: the newest of each kind, one after the other, and told if it fails."""

from __future__ import annotations

import threading
from pathlib import Path

from viz.desk.settings import Settings
from viz.desk.tasks import Tasks
from viz.disk.saver import Saver
from viz.disk.store import Store
from viz.session.session import Session


class SlowStore(Store):
    """Notes what it writes, and waits for `gate` before each write."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.gate = threading.Event()
        self.written: list[Settings | Session] = []
        self.full = False

    def save(self, value: Settings | Session) -> None:
        self.gate.wait(20)
        if self.full:
            raise OSError(28, "No space left on device", str(self.folder))
        self.written.append(value)


def make(tmp_path: Path) -> tuple[SlowStore, Tasks, Saver, list[str]]:
    store, said = SlowStore(tmp_path), []

    def notify(text: str, *, error: bool = False, holds: object = None) -> None:
        said.append(text)

    tasks = Tasks(lambda: None, said.append, lambda error: said.append(repr(error)))
    return store, tasks, Saver(store, tasks, notify), said


def test_of_many_changes_the_newest_is_written_last_and_the_rest_need_not_be(tmp_path) -> None:
    store, tasks, saver, said = make(tmp_path)
    for scale in (1.0, 1.1, 1.2, 1.3):
        saver.save(Settings(scale=scale))
    saver.save(Session())
    store.gate.set()
    assert tasks.close(10) == ()
    scales = [value.scale for value in store.written if isinstance(value, Settings)]
    assert scales == [1.0, 1.3]
    assert any(isinstance(value, Session) for value in store.written)
    assert not said


def test_a_full_disk_is_told_and_the_next_change_is_tried_again(tmp_path) -> None:
    store, tasks, saver, said = make(tmp_path)
    store.full = True
    store.gate.set()
    saver.save(Settings(scale=1.1))
    while tasks.pending:
        tasks.poll()
    assert "The settings could not be saved." in said[0]
    assert "No space left on device" in said[0]
    store.full = False
    saver.save(Settings(scale=1.2))
    assert tasks.close(10) == ()
    assert [value.scale for value in store.written] == [1.2]
