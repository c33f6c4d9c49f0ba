"""A command that has yet to reach its renderer: what it says, and that nothing of it is left."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psutil

from renderer.client.client import StatusChanged
from renderer.client.elsewhere import Elsewhere
from renderer.client.events import Line
from renderer.messages.jobs import Load
from renderer.messages.to_window import JobDone, JobFailed
from tests.renderer.client.client_kit import FAKE, PATIENCE, Window, ask, far, snapshot

SLEEPS = "import time; time.sleep(36000)"
QUEUE = (
    "import subprocess, sys, time\n"
    f"child = subprocess.Popen([sys.executable, '-c', {SLEEPS!r}])\n"
    "sys.stderr.write(f'\\x1b[2Jjob queued\\n\\npid {child.pid}')\n"  # the last line has no end
    "sys.stderr.flush()\n"
)


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for_end(pid: int) -> None:
    end = time.monotonic() + PATIENCE
    while runs(pid):
        assert time.monotonic() < end, "it is left behind"
        time.sleep(0.02)


def queued(window: Window) -> tuple[Line, int]:
    """What is told of a command that waits, once it has named its child; and that child."""
    event = window.wait(
        lambda e: (
            isinstance(e, StatusChanged)
            and e.line is not None
            and any(said.startswith("pid ") for said in e.line.said)
        )
    )
    assert isinstance(event, StatusChanged)
    assert event.line is not None
    return event.line, int(event.line.said[-1].removeprefix("pid "))


def failed(event: object) -> bool:
    return isinstance(event, StatusChanged) and event.state == "failed"


def test_what_it_says_is_told_and_it_can_be_given_up_and_tried_again(tmp_path: Path) -> None:
    with Window(elsewhere=far("-c", QUEUE + SLEEPS)) as window:
        line, child = queued(window)
        assert line.place == "farland"
        assert line.said[-2] == "\\x1b[2Jjob queued", "nothing that steers what shows it"
        assert line.again_at is None
        first = window.client.pid
        assert first is not None
        window.client.give_up()
        event = window.wait(failed)
        assert isinstance(event, StatusChanged)
        assert event.line is not None
        wait_for_end(child)
        wait_for_end(first)
        window.client.restart()
        again, other = queued(window)
        assert other != child
        assert again.began > line.began
    wait_for_end(other)


def test_what_it_has_started_ends_with_it() -> None:
    with Window(elsewhere=far("-c", QUEUE)) as window:  # it ends, and its child holds the pipe
        _, child = queued(window)
    wait_for_end(child)


def test_giving_up_what_is_ready_or_nearby_does_nothing(tmp_path: Path) -> None:
    net = snapshot(tmp_path)
    for elsewhere in (None, far()):
        env = {"GANSCOPE_PIPELINE": FAKE}
        with Window(env=env, elsewhere=elsewhere) as window:
            window.frame(window.client.submit(ask(net, 1)))
            window.client.give_up()
            window.frame(window.client.submit(ask(net, 2)))
            assert "failed" not in window.states()


def test_jobs_that_wait_fail_when_it_is_given_up(tmp_path: Path) -> None:
    with Window(elsewhere=far("-c", QUEUE + SLEEPS)) as window:
        queued(window)
        job = window.client.start(Load("net"))
        window.client.give_up()
        event = window.wait(lambda e: isinstance(e, JobDone | JobFailed) and e.job == job)
        assert isinstance(event, JobFailed)
        assert "farland" in event.failure.message


def test_a_question_without_an_end_is_told_as_it_stands() -> None:
    asks = "import sys; sys.stderr.write('Verification code: '); sys.stderr.flush()\n" + SLEEPS
    elsewhere = Elsewhere("farland", (sys.executable, "-c", asks))
    with Window(elsewhere=elsewhere) as window:
        event = window.wait(
            lambda e: isinstance(e, StatusChanged) and e.line is not None and e.line.said
        )
        assert isinstance(event, StatusChanged)
        assert event.line is not None
        assert event.line.said == ("Verification code:",)
