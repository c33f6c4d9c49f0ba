"""A job of one's own: one file that does it, one type of message with its arguments."""

from __future__ import annotations

import importlib
import os
import signal
from pathlib import Path

import pytest

from renderer.client.client import ReceivedFrame
from renderer.messages.to_renderer import Start
from renderer.messages.to_window import JobDone, JobFailed, Progress
from tests.renderer.client.client_kit import Window, ask, notes, snapshot, wait_for_note

MESSAGE = """
from msgspec import Struct
from renderer.messages.jobs import Work
from renderer.messages.request import RenderRequest

class Brighten(Work, frozen=True, tag="brighten"):
    request: RenderRequest
    gate: str = ""

class Brightened(Struct, frozen=True):
    mean: float
"""

JOB = """
import time
from pathlib import Path
import numpy as np
from brighten_message import Brighten, Brightened
from common.errors import Cancelled
from renderer.messages.to_window import done
from renderer.server.job import Job
from tests.renderer.server.fake_pipeline import Picture

def run(work, task):
    task.open(work.path)
    with task.turn():
        drawn = task.engine.render(work.request, None, task.cancelled)
    bright = drawn.pixels + 10
    task.show("brighten", work.request, Picture(bright, drawn.info))
    task.progress(0.5, "Brighter")
    while work.gate and not Path(work.gate).exists():
        if task.cancelled():
            raise Cancelled
        time.sleep(0.01)
    return done("It is brighter", Brightened(float(bright.mean())))

JOB = Job(Brighten, run, place="between")
"""

# A pipeline that comes with jobs of its own: it adds its folder to that of the jobs.
PIPELINE = """
import renderer.server.jobs
from tests.renderer.server.fake_pipeline import FakePipeline as Pipeline
renderer.server.jobs.__path__.append({folder!r})
"""


@pytest.fixture
def brighten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The module with the message type; the job is in a folder that the renderer is told of."""
    (tmp_path / "brighten_jobs").mkdir()
    (tmp_path / "brighten_message.py").write_text(MESSAGE)
    (tmp_path / "brighten_jobs" / "brighten.py").write_text(JOB)
    folder = str(tmp_path / "brighten_jobs")
    (tmp_path / "brighten_pipeline.py").write_text(PIPELINE.format(folder=folder))
    monkeypatch.syspath_prepend(str(tmp_path))
    return importlib.import_module("brighten_message")


def window(tmp_path: Path) -> Window:
    return Window(pipeline="brighten_pipeline:Pipeline", env={"PYTHONPATH": str(tmp_path)})


def test_it_shows_pictures_and_returns_a_typed_result(tmp_path: Path, brighten) -> None:
    net = snapshot(tmp_path)
    with window(tmp_path) as seen:
        seen.frame(seen.client.submit(ask(net, 1)))
        job = seen.client.start(brighten.Brighten(net, ask(net, 5)))
        frame = seen.wait(lambda e: isinstance(e, ReceivedFrame) and e.message.stream == "brighten")
        assert isinstance(frame, ReceivedFrame)
        assert (frame.pixels == 15).all()
        assert (frame.message.id, frame.message.request) == (job, ask(net, 5))
        ended = next((e for e in seen.all(JobDone)), None) or seen.wait(
            lambda e: isinstance(e, JobDone)
        )
        assert isinstance(ended, JobDone)
        assert (ended.job, ended.text) == (job, "It is brighter")
        assert ended.read(brighten.Brightened) == brighten.Brightened(15.0)
        assert Progress(job, 0.5, "Brighter") in seen.events


def test_it_can_be_cancelled(tmp_path: Path, brighten) -> None:
    net = snapshot(tmp_path)
    with window(tmp_path) as seen:
        seen.frame(seen.client.submit(ask(net, 1)))
        gate = str(tmp_path / "never")
        job = seen.client.start(brighten.Brighten(net, ask(net, 5), gate))
        seen.wait(lambda e: isinstance(e, Progress) and e.fraction == 0.5)
        seen.client.cancel(job)
        ended = seen.wait(lambda e: isinstance(e, JobFailed))
        assert isinstance(ended, JobFailed)
        assert (ended.job, ended.path, ended.cancelled) == (job, net, True)


def test_it_goes_on_in_the_next_process(tmp_path: Path, brighten) -> None:
    net = snapshot(tmp_path)
    gate = tmp_path / "gate"
    with window(tmp_path) as seen:
        seen.frame(seen.client.submit(ask(net, 1)))
        job = seen.client.start(brighten.Brighten(net, ask(net, 5), str(gate)))
        wait_for_note(net, "render 5")
        os.kill(seen.client.pid, signal.SIGKILL)
        gate.touch()
        ended = seen.wait(lambda e: isinstance(e, JobDone))
        assert ended.job == job
        assert notes(net, "render 5") == ["render 5"] * 2


def test_a_job_that_nobody_knows_or_can_read_fails(tmp_path: Path, brighten) -> None:
    with Window() as seen:
        job = seen.client.start(brighten.Brighten("a", ask("a", 5)))
        failed = seen.wait(lambda e: isinstance(e, JobFailed))
        assert (failed.job, failed.failure.message) == (
            job,
            "The renderer knows no job named brighten.",
        )
    with window(tmp_path) as seen:
        seen.frame(seen.client.submit(ask(snapshot(tmp_path), 1)))
        broken = Start.of(7, brighten.Brighten(0, None))
        seen.client._outstanding.process.send(broken)
        failed = seen.wait(lambda e: isinstance(e, JobFailed))
        assert failed.failure.message.startswith("The job brighten cannot be read")
