"""Finding directions through a real renderer process: progress, pictures meanwhile, cancelling."""

from __future__ import annotations

from typing import Any

import pytest

from renderer.client.events import ReceivedFrame
from renderer.messages.directions import DirectionSet, Find, Principal
from renderer.messages.engine import PIPELINE
from renderer.messages.find_job import FindDirections
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest, Seed
from renderer.messages.to_window import JobDone, JobFailed, Progress
from tests.paths import DATA
from tests.renderer.client.client_kit import Window

NETWORK = str(DATA / "sg2-uncond-32.pkl")


@pytest.fixture
def window(monkeypatch, tmp_path):
    monkeypatch.setenv("GANSCOPE_HOME", str(tmp_path))
    with Window(pipeline=PIPELINE, options=EngineOptions(device="cpu", threads=1)) as window:
        yield window


def work(samples: int) -> FindDirections:
    return FindDirections(NETWORK, Find(NETWORK, Principal(samples), count=4))


def ended(window: Window, job: int) -> Any:
    return window.wait(lambda e: isinstance(e, JobDone | JobFailed) and e.job == job, timeout=300)


def test_it_tells_how_far_it_is_and_ends_with_a_set(window):
    job = window.client.start(work(40_000))
    found = ended(window, job).read(DirectionSet)
    assert [c.name for c in found.components] == ["PC 1", "PC 2", "PC 3", "PC 4"]
    assert any(e.job == job and 0 < e.fraction < 1 for e in window.all(Progress))


def test_pictures_come_while_it_looks_and_it_can_be_given_up(window):
    job = window.client.start(work(100_000_000))
    window.wait(lambda e: isinstance(e, Progress) and e.job == job and e.fraction > 0, timeout=300)
    window.client.submit(RenderRequest(NETWORK, Seed(3)))
    window.wait(lambda e: isinstance(e, ReceivedFrame), timeout=300)
    window.client.cancel(job)
    assert ended(window, job).cancelled
