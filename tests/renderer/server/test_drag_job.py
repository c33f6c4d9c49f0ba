"""Dragging points through a real renderer process: every step is shown, and it can be gone on."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from common.dragging import DragPoint
from networks.snapshots.snapshot import open_snapshot
from renderer.client.events import ReceivedFrame, StatusChanged
from renderer.messages.drag_job import (
    MASK_SIDE,
    STREAM,
    Drag,
    Dragged,
    DragSpec,
    DragSteps,
    led_to,
    packed,
    unpacked,
)
from renderer.messages.engine import PIPELINE
from renderer.messages.options import EngineOptions
from renderer.messages.request import Noise, RenderRequest, SavedW, Seed, Truncation
from renderer.messages.to_window import FrameReady, JobDone, JobFailed, Report
from tests.paths import BUSTS, DATA
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
    path = str(BUSTS)
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
        shown = [m.request for m in window.all(FrameReady) if m.stream == STREAM]
        assert shown
        said = [led_to(REQUEST, report.w) for report in told(window) if report.w is not None]
        assert set(shown) <= set(said)
        assert shown[-1] == said[-1] == RenderRequest(NETWORK, found.w)
        assert (drawn(window, shown[-1]) != drawn(window, REQUEST)).any()
        # It goes on from there, and as far as it would have come in one go.
        again = dragged(window, work(tmp_path, steps=2))
        whole = dragged(window, work(tmp_path, id="b", steps=4))
        assert again.step.done == 6
        assert whole.w == found.w
        assert not (tmp_path / "drags").exists(), "the request carries all of it"


def on_the_way(window: Window) -> tuple[RenderRequest, np.ndarray]:
    """The next picture that a drag shows."""
    frame = window.wait(lambda e: isinstance(e, ReceivedFrame) and e.message.stream == STREAM)
    assert isinstance(frame, ReceivedFrame)
    return frame.message.request, frame.pixels[..., :3].copy()


def test_each_picture_on_the_way_is_that_of_its_request(tmp_path: Path) -> None:
    with started() as window:
        job = window.client.start(work(tmp_path, steps=1))
        request, pixels = on_the_way(window)
        ended(window, job)
        np.testing.assert_array_equal(drawn(window, request), pixels)


def test_all_that_a_picture_is_dragged_to_shares_one_file_of_its_noise(tmp_path: Path) -> None:
    generator = open_snapshot(NETWORK).G_ema
    layer = next(layer for layer in generator.layers if layer.noise)
    file, maps = tmp_path / "projected_w.npz", np.ones(layer.shape, np.float32)
    with started() as window:
        w = np.zeros((1, generator.num_ws, generator.w_dim), np.float32)
        np.savez(file, **{"w": w, f"noise.{layer.name}": 3 * maps})
        request = RenderRequest(NETWORK, SavedW(str(file)), noise=Noise("const"))
        asked = work(tmp_path, spec=DragSpec(request), steps=1)
        before = dragged(window, structs.replace(asked, steps=0))
        job = window.client.start(asked)
        _, pixels = on_the_way(window)
        done = ended(window, job)
        assert isinstance(done, JobDone)
        after = done.read(Dragged)
        assert before.w.data != after.w.data
        (kept,) = (tmp_path / "drags").iterdir()
        assert before.w.path == after.w.path == str(kept)
        file.unlink()
        exact = drawn(window, led_to(request, after.w))
        np.testing.assert_array_equal(exact, pixels)
        kept.rename(tmp_path / "elsewhere.npz")
        assert (drawn(window, led_to(request, after.w)) != exact).any(), "the noise was seen"
        other = structs.replace(after.w, path=str(tmp_path / "elsewhere.npz"))
        plain = drawn(window, led_to(request, after.w))
        np.testing.assert_array_equal(drawn(window, led_to(request, other)), plain)
        np.savez(file, **{"w": w, f"noise.{layer.name}": 3 * maps})
        nowhere = structs.replace(asked, id="b", folder=str(file))
        failed = ended(window, window.client.start(nowhere))
        assert isinstance(failed, JobFailed)
        assert str(file) in failed.failure.message


def test_no_step_keeps_the_picture_as_it_is(tmp_path: Path) -> None:
    with started() as window:
        found = dragged(window, work(tmp_path, steps=0))
        before = drawn(window, REQUEST)
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


def test_masks_are_packed() -> None:
    mask = np.random.RandomState(0).rand(MASK_SIDE, MASK_SIDE) < 0.5
    np.testing.assert_array_equal(unpacked(packed(mask)), mask)
    assert packed(np.ones_like(mask)) == b""
    assert unpacked(b"").all()
    for broken in (b"rubbish", packed(mask)[:-40]):
        with pytest.raises(ValueError, match="mask"):
            unpacked(broken)
