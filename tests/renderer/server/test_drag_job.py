"""Dragging points through a real renderer process: every step is shown, and it can be gone on."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from common.dragging import DragPoint
from renderer.client.events import ReceivedFrame, StatusChanged
from renderer.messages.bundled import bundled_snapshot
from renderer.messages.drag_job import (
    MASK_SIDE,
    STREAM,
    Drag,
    Dragged,
    DragSpec,
    DragSteps,
    packed,
    unpacked,
)
from renderer.messages.engine import PIPELINE
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest, Seed, Truncation
from renderer.messages.to_window import FrameReady, JobDone, JobFailed, Report
from tests.paths import DATA
from tests.renderer.client.client_kit import Window

NETWORK = str(DATA / "sg2-uncond-32.pkl")
REQUEST = RenderRequest(NETWORK, Seed(5), truncation=Truncation(0.8))
FAR = (DragPoint(1, (10, 10), (28, 30)),)


def started() -> Window:
    return Window(EngineOptions(device="cpu", threads=1), pipeline=PIPELINE)


def work(folder: Path, **more) -> Drag:
    asked = Drag(NETWORK, "a", DragSpec(REQUEST), FAR, str(folder / "drags"))
    return structs.replace(asked, **more)


def lasting(folder: Path) -> Drag:
    """Work that goes on for longer than a test looks at it."""
    path = str(bundled_snapshot())
    far = (DragPoint(1, (30, 30), (60, 5)), DragPoint(2, (34, 34), (5, 60)))
    return Drag(path, "long", DragSpec(RenderRequest(path, Seed(2))), far, str(folder))


def told(window: Window) -> list[DragSteps]:
    return [event.read(DragSteps) for event in window.all(Report)]


def ended(window: Window, job: int) -> JobDone | JobFailed:
    end = window.wait(lambda e: isinstance(e, JobDone | JobFailed) and e.job == job)
    assert isinstance(end, JobDone | JobFailed)
    return end


def dragged(window: Window, asked: Drag) -> Dragged:
    end = ended(window, window.client.start(asked))
    assert isinstance(end, JobDone), end
    return end.read(Dragged)


def drawn(window: Window, request: RenderRequest) -> np.ndarray:
    id = window.client.submit(request)
    frame = window.wait(lambda e: isinstance(e, ReceivedFrame) and e.message.id == id)
    assert isinstance(frame, ReceivedFrame)
    return frame.pixels[..., :3].copy()


def test_every_step_is_reported_and_shown_and_the_end_is_a_saved_w(tmp_path: Path) -> None:
    with started() as window:
        found = dragged(window, work(tmp_path, steps=4))
        assert [report.step.done for report in told(window)] == [1, 2, 3, 4, 4]
        assert found.step == told(window)[-1].step
        assert found.ids == (1,)
        shown = [m for m in window.all(FrameReady) if m.stream == STREAM]
        assert shown
        assert all(m.request == REQUEST for m in shown)
        saved = RenderRequest(NETWORK, found.w)
        assert (drawn(window, saved) != drawn(window, REQUEST)).any()
        # It goes on from there, and as far as it would have come in one go.
        again = dragged(window, work(tmp_path, steps=2))
        whole = dragged(window, work(tmp_path, id="b", steps=4))
        assert again.step.done == 6
        with np.load(whole.w.path) as once, np.load(found.w.path) as first:
            np.testing.assert_array_equal(once["w"], first["w"])
        assert whole.w == found.w, "files are named after what is in them"


def test_no_step_keeps_the_picture_as_it_is(tmp_path: Path) -> None:
    with started() as window:
        found = dragged(window, work(tmp_path, steps=0))
        before = drawn(window, REQUEST)
        np.testing.assert_array_equal(drawn(window, RenderRequest(NETWORK, found.w)), before)
        Path(found.w.path).unlink()
        np.testing.assert_array_equal(drawn(window, RenderRequest(NETWORK, found.w)), before)


def test_the_newest_target_wins_while_it_runs(tmp_path: Path) -> None:
    with started() as window:
        endless = lasting(tmp_path)
        first = window.client.start(endless)
        window.wait(lambda e: isinstance(e, Report))
        moved = structs.replace(endless.points[0], target=(2.0, 3.0))
        second = window.client.start(structs.replace(endless, points=(moved,), steps=3))
        window.client.cancel(first)
        stopped = ended(window, first)
        assert isinstance(stopped, JobFailed)
        assert stopped.cancelled
        taken = told(window)[-1].step.done
        done = ended(window, second)
        assert isinstance(done, JobDone)
        assert done.read(Dragged).step.done >= taken


def test_it_outlives_the_renderer(tmp_path: Path) -> None:
    with started() as window:
        asked = lasting(tmp_path)
        job = window.client.start(asked)
        window.wait(lambda e: isinstance(e, Report) and bool(e.read(DragSteps).state))
        kept = next(report for report in reversed(told(window)) if report.state)
        assert window.client.pid is not None
        os.kill(window.client.pid, signal.SIGKILL)
        failed = ended(window, job)
        assert isinstance(failed, JobFailed)
        assert failed.failure.message == "The renderer ended before the drag was done."
        assert not failed.cancelled
        assert "Start" in failed.failure.remedy
        window.wait(lambda e: isinstance(e, StatusChanged) and e.state == "ready")
        found = dragged(window, structs.replace(asked, steps=0, state=kept.state))
        assert found.step.done == kept.step.done
        assert found.step.handles == kept.step.handles


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with started() as window:
        job = window.client.start(
            structs.replace(work(tmp_path, steps=1), folder=str(tmp_path / "file"))
        )
        failed = ended(window, job)
        assert isinstance(failed, JobFailed)
        assert str(tmp_path / "file") in failed.failure.message


def test_masks_are_packed() -> None:
    mask = np.random.RandomState(0).rand(MASK_SIDE, MASK_SIDE) < 0.5
    np.testing.assert_array_equal(unpacked(packed(mask)), mask)
    assert packed(np.ones_like(mask)) == b""
    assert unpacked(b"").all()
    for broken in (b"rubbish", packed(mask)[:-40]):
        with pytest.raises(ValueError, match="mask"):
            unpacked(broken)
