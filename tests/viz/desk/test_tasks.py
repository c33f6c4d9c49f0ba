"""Work on threads: nothing that goes wrong there or afterwards leaves the frame of the window."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

import pytest

from common.errors import UserError
from viz.desk.tasks import Tasks


class Desk:
    """Tasks with a record of what was told. reported: for the user; faults: nobody foresaw them."""

    def __init__(self, patience: float = 60.0) -> None:
        self.reported: list[str] = []
        self.faults: list[Exception] = []
        self.tasks = Tasks(lambda: None, self.reported.append, self.faults.append, patience)

    def run(self, work: Callable[[], object], done: Callable[[object], None]) -> None:
        self.tasks.run(work, done)
        self.tasks.close()


def raising(error: Exception) -> Callable[..., object]:
    def work(*_: object) -> object:
        raise error

    return work


@pytest.mark.parametrize("error", [UserError("No such run."), OSError(5, "Input/output error")])
def test_errors_that_were_foreseen_are_told_wherever_they_come_from(error: Exception) -> None:
    for work, done in ((raising(error), print), (lambda: 1, raising(error))):
        desk = Desk()
        desk.run(work, done)
        assert len(desk.reported) == 1
        assert not desk.faults


@pytest.mark.parametrize("error", [RecursionError("deep"), ValueError("odd"), MemoryError()])
def test_others_are_faults_and_the_next_task_is_delivered_all_the_same(error: Exception) -> None:
    for work, done in ((raising(error), print), (lambda: 1, raising(error))):
        desk, delivered = Desk(), []
        desk.tasks.run(work, done)
        desk.run(lambda: "next", delivered.append)
        assert desk.faults == [error]
        assert delivered == ["next"]
        assert not desk.reported


def poll_until(desk: Desk, happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 600
    while not happened():
        assert time.monotonic() < end
        desk.tasks.poll()
        time.sleep(0.01)


def test_work_that_never_ends_is_given_up_and_others_take_its_place() -> None:
    desk, release, late = Desk(patience=0.2), threading.Event(), []
    for _ in range(4):  # more than there are threads
        desk.tasks.run(release.wait, late.append, about="Reading a pipe")
    poll_until(desk, lambda: len(desk.reported) == 4)
    assert all("Reading a pipe: no answer" in text for text in desk.reported)
    delivered: list[int] = []
    desk.tasks.run(lambda: 7, delivered.append)
    poll_until(desk, lambda: bool(delivered))
    release.set()
    assert desk.tasks.close() == ()
    assert not late, "nobody waits for it any more"
    assert not desk.faults


def test_closing_waits_for_work_that_gets_done_and_not_for_work_that_hangs() -> None:
    desk, hangs, written = Desk(), threading.Event(), []
    desk.tasks.run(hangs.wait, written.append, about="The session")
    for i in range(5):
        desk.tasks.run(lambda i=i: time.sleep(0.1) or i, written.append)
    before = time.monotonic()
    assert desk.tasks.close(0.3) == ("The session",)
    assert time.monotonic() - before < 10
    assert written == [0, 1, 2, 3, 4]
    hangs.set()


def test_work_that_nobody_wants_any_more_holds_up_no_thread() -> None:
    desk, release, heard = Desk(patience=math.inf), threading.Event(), []
    wanted = True
    for _ in range(5):  # more than there are threads
        desk.tasks.run(release.wait, heard.append, wanted=lambda: wanted)
    desk.tasks.poll()
    wanted = False
    desk.tasks.poll()
    desk.tasks.run(lambda: "next", heard.append)
    poll_until(desk, lambda: bool(heard))
    release.set()
    desk.tasks.close()
    assert heard == ["next"]
    assert not desk.reported
