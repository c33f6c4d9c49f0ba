"""Projecting through a real renderer process: it reports, keeps, stops and goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from common.projection import ProjectionSettings
from renderer.client.events import ReceivedFrame, StatusChanged
from renderer.messages.engine import PIPELINE
from renderer.messages.options import EngineOptions
from renderer.messages.project_job import STREAM, Project, Projected, ProjectionSteps
from renderer.messages.projection import ProjectionSpec
from renderer.messages.request import RenderRequest, SavedW, Target
from renderer.messages.to_window import FrameReady, JobDone, JobFailed, Report
from renderer.pictures import projected
from renderer.pictures.projected import FACTS, LATENT, PICTURE, TARGET
from renderer.server.jobs import project
from renderer.server.jobs.project import STATE
from tests.paths import DATA
from tests.renderer.client.client_kit import Window

NETWORK = str(DATA / "sg2-uncond-32.pkl")
ONE_THREAD = EngineOptions(device="cpu", threads=1)


def picture(path: Path) -> Path:
    x = np.linspace(0, 255, 48, dtype=np.uint8)
    Image.fromarray(np.stack(np.meshgrid(x, x[::-1]) * 2, -1)[..., :3]).save(path)
    return path


def work(folder: Path, steps: int) -> Project:
    """A projection of a picture 48 pixels wide, of which a square is looked for."""
    target = str(picture(folder / "me.png"))
    settings = ProjectionSettings(steps=steps, seeds=8, distance="pixels")
    out = folder / "out"
    out.mkdir(exist_ok=True)
    return Project(target, ProjectionSpec(NETWORK, target, settings, (4, 0, 40)), str(out))


def started() -> Window:
    return Window(pipeline=PIPELINE, options=ONE_THREAD)


def steps(window: Window) -> list[ProjectionSteps]:
    return [event.read(ProjectionSteps) for event in window.all(Report)]


def wait(window: Window, wanted: Callable[[Any], object]) -> Any:
    return window.wait(wanted, timeout=300)  # torch is imported first, on a busy machine slowly


def ended(window: Window, job: int) -> Any:
    return wait(window, lambda e: isinstance(e, JobDone | JobFailed) and e.job == job)


def drawn(window: Window, request: RenderRequest) -> np.ndarray:
    id = window.client.submit(request)
    frame = wait(window, lambda e: isinstance(e, ReceivedFrame) and e.message.id == id)
    return frame.pixels[..., :3].copy()


def searching(event: object, least: int = 3) -> bool:
    """Whether a report tells of the search, and of what has been kept of it."""
    if not isinstance(event, Report):
        return False
    found = event.read(ProjectionSteps)
    return found.first + len(found.distances) >= least


def test_a_picture_is_found_reported_and_written(tmp_path: Path) -> None:
    asked = work(tmp_path, 6)
    with started() as window:
        job = window.client.start(asked)
        done = ended(window, job)
        assert isinstance(done, JobDone), done
        found = done.read(Projected)
        told = steps(window)
        distances = [d for report in told for d in report.distances]
        assert len(distances) == 6
        assert [report.first for report in told[1:]] == [
            sum(len(r.distances) for r in told[: i + 1]) for i in range(len(told) - 1)
        ]
        assert told[-1].best == int(np.argmin(distances))
        shown = [message for message in window.all(FrameReady) if message.stream == STREAM]
        assert [(m.width, m.height) for m in shown] == [(32, 32)] * max(len(shown), 1)
        # What it writes draws the same picture again, and the target can be drawn beside it.
        request = RenderRequest(found.snapshot, SavedW(found.w))
        again = drawn(window, request)
        with Image.open(found.picture) as image:
            np.testing.assert_array_equal(np.asarray(image), again)
        target = drawn(window, RenderRequest(NETWORK, target=Target(asked.path, (4, 0, 40))))
        with Image.open(Path(asked.folder) / TARGET) as image:
            np.testing.assert_array_equal(np.asarray(image), target)
    assert {p.name for p in Path(asked.folder).iterdir()} == {TARGET, LATENT, PICTURE, FACTS}


def test_what_was_found_is_kept_when_it_is_stopped_and_gone_on_from(tmp_path: Path) -> None:
    asked = work(tmp_path, 100_000)
    folder = Path(asked.folder)
    with started() as window:
        job = window.client.start(asked)
        wait(window, searching)
        window.client.cancel(job)
        stopped = ended(window, job)
        assert isinstance(stopped, JobFailed)
        assert stopped.cancelled
        assert {STATE, LATENT, FACTS} <= {p.name for p in folder.iterdir()}
        before = steps(window)[-1]
        taken = before.first + len(before.distances)
        assert before.w == str(folder / LATENT)
        seen = len(window.all(Report))
        job = window.client.start(asked)
        wait(window, lambda e: searching(e, taken + 1))
        again = [d for report in steps(window)[seen:] for d in report.distances]
        first = [d for report in steps(window)[:seen] for d in report.distances]
        assert again[:taken] == first, "it goes on from where it stopped"
        window.client.cancel(job)
        ended(window, job)


def test_a_renderer_that_dies_leaves_what_had_been_kept(tmp_path: Path) -> None:
    asked = work(tmp_path, 100_000)
    with started() as window:
        job = window.client.start(asked)

        def kept(event: object) -> bool:
            return isinstance(event, Report) and event.read(ProjectionSteps).w != ""

        wait(window, kept)
        assert window.client.pid is not None
        os.kill(window.client.pid, signal.SIGKILL)
        failed = ended(window, job)
        assert isinstance(failed, JobFailed)
        assert failed.failure.remedy.startswith("Go on from what was found")
        assert not failed.cancelled
        wait(window, lambda e: isinstance(e, StatusChanged) and e.state == "ready")
        job = window.client.start(asked)
        wait(window, searching)
        window.client.cancel(job)
        ended(window, job)


def test_the_target_is_written_once_in_a_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = work(tmp_path, 6)
    file = Path(asked.folder) / TARGET
    monkeypatch.setattr(projected, "write_latent", lambda folder, searched: folder / LATENT)
    monkeypatch.setattr(projected, "write_facts", lambda *facts: None)
    pixels = np.zeros((8, 8, 4), np.uint8)
    searched: Any = SimpleNamespace(
        target=lambda: pixels, history=[1.0], state=lambda: b"state", nearest=lambda: None
    )
    task: Any = None
    progress = project._Progress(asked, task, searched)
    progress.keep()
    written = file.stat().st_ino
    progress.keep()
    assert file.stat().st_ino == written
    again = project._Progress(asked, task, searched)  # gone on with, in a folder that may be new
    file.unlink()
    again.keep()
    assert file.exists()
