"""Wishes for snapshots that come faster than they can be loaded."""

from __future__ import annotations

from renderer.messages.failure import Failure
from renderer.messages.jobs import Load, Work
from renderer.messages.to_window import JobFailed, Loaded
from tests.viz.conftest import make_model
from viz.desk.jobs import Jobs
from viz.disk.showing import Showing
from viz.session.cell import SessionCell
from viz.session.session import Session


class SlowClient:
    """Loads that end when the test says so. loads: paths by job. cancelled: jobs."""

    def __init__(self) -> None:
        self.loads: dict[int, str] = {}
        self.cancelled: list[int] = []

    def start(self, work: Work) -> int:
        assert isinstance(work, Load)
        self.loads[len(self.loads) + 1] = work.path
        return len(self.loads)

    def cancel(self, job: int) -> None:
        self.cancelled.append(job)


def test_going_back_to_one_whose_load_was_cancelled_shows_it_all_the_same() -> None:
    client, cell = SlowClient(), SessionCell(Session())
    jobs = Jobs(client, lambda text, error=False: None)
    showing = Showing(cell, jobs, lambda: None, lambda path, failure: None)
    for path in ("a.pkl", "b.pkl", "c.pkl", "b.pkl"):
        showing.show(path)
        showing.advance()
    assert len(client.cancelled) == len(set(client.cancelled)), "once is enough"
    for job, path in client.loads.items():
        if job in client.cancelled:
            jobs.take(JobFailed(job, path, Failure("Cancelled."), cancelled=True))
        else:
            jobs.take(Loaded(job, make_model(path)))
    assert cell.now.render.snapshot == "b.pkl"
    assert not showing.pending
    assert showing.wished is None
