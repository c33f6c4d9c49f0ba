"""Errands: how far they are, how they end, and what they leave behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from common.errors import Cancelled, UserError
from tests.viz.conftest import PATIENCE
from viz.desk.errands import Errand, Errands
from viz.disk import copying
from viz.disk.copying import copy_snapshot


class Desk:
    """What an `Errands` tells: `said` to the user, and `bugs`."""

    def __init__(self) -> None:
        self.said: list[tuple[str, bool]] = []
        self.bugs: list[Exception] = []
        self.results: list[Any] = []
        self.errands = Errands(lambda: None, self._notify, self.bugs.append)

    def _notify(self, text: str, *, error: bool = False) -> None:
        self.said.append((text, error))

    def finish(self, work: Callable[[Errand], Any]) -> None:
        self.errands.start("Counting", work, self.results.append)
        end = time.monotonic() + PATIENCE
        while self.errands.facts:
            assert time.monotonic() < end
            self.errands.poll()
            time.sleep(0.001)


def test_a_result_a_failure_and_a_bug_each_go_where_they_belong() -> None:
    desk = Desk()
    desk.finish(lambda errand: 7)
    assert desk.results == [7]
    desk.finish(lambda errand: _raise(UserError("No numbers.", "Add some.")))
    assert desk.said == [("Counting failed. No numbers. Add some.", True)]
    desk.finish(lambda errand: _raise(ZeroDivisionError()))
    assert [type(bug) for bug in desk.bugs] == [ZeroDivisionError]
    assert desk.results == [7]


def test_one_that_waits_is_told_to_end_when_the_window_closes() -> None:
    desk, stopped, waits = Desk(), threading.Event(), threading.Event()

    def work(errand: Errand) -> None:
        errand.on_cancel(stopped.set)
        waits.set()
        stopped.wait(PATIENCE)
        errand.check()

    desk.errands.start("Waiting", work, desk.results.append)
    assert waits.wait(PATIENCE)
    desk.errands.close()
    assert stopped.is_set()
    desk.errands.poll()
    assert desk.said == [("Waiting: cancelled.", False)]
    assert not desk.results


def test_a_copy_that_is_cancelled_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "CHUNK", 10)
    source, target = tmp_path / "a.pkl", tmp_path / "kept" / "b.pkl"
    source.write_bytes(bytes(100))
    target.parent.mkdir()

    class Impatient(Errand):
        def progress(self, fraction: float, text: str = "") -> None:
            if fraction >= 0.5:
                self.cancel()
            super().progress(fraction, text)

    with pytest.raises(Cancelled):
        copy_snapshot(source, target, Impatient())
    assert not [*target.parent.iterdir()]
    target.write_bytes(b"older")
    with pytest.raises(Cancelled):
        copy_snapshot(source, target, Impatient())
    assert target.read_bytes() == b"older"
    assert copy_snapshot(source, target, Errand()) == target
    assert target.read_bytes() == bytes(100)


def _raise(error: Exception) -> None:
    raise error
