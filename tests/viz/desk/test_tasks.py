"""Work on threads: nothing that goes wrong there or afterwards leaves the frame of the window."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from common.errors import UserError
from viz.desk.tasks import Tasks


class Desk:
    """Tasks with a record of what was told. reported: for the user; faults: nobody foresaw them."""

    def __init__(self) -> None:
        self.reported: list[str] = []
        self.faults: list[Exception] = []
        self.tasks = Tasks(lambda: None, self.reported.append, self.faults.append)

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
