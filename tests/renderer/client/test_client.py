"""A real renderer process with a fake pipeline: requests, streams, pixels, jobs."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from renderer.client.client import ReceivedFrame
from renderer.messages.frame import StatsSpec
from renderer.messages.jobs import Load, SaveW
from renderer.messages.options import EngineOptions
from renderer.messages.request import LayerView
from renderer.messages.to_window import (
    FrameReady,
    Hello,
    JobDone,
    JobFailed,
    Loaded,
    Progress,
    RenderFailed,
)
from tests.inline import InlineClient
from tests.renderer.client.client_kit import (
    Window,
    answers,
    ask,
    broken,
    notes,
    snapshot,
    wait_for_note,
)
from tests.renderer.server.fake_pipeline import RAISES, FakePipeline


def test_of_a_thousand_requests_few_are_drawn_and_the_last_is_answered(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    net = snapshot(tmp_path, render_gate=str(gate))
    with Window() as window:
        window.client.submit(ask(net, 1000))
        wait_for_note(net, "begin 1000")
        ids = [window.client.submit(ask(net, n)) for n in range(1000)]
        # Answered at once, beside the picture under way: the renderer has read what came before.
        window.client.cancel(window.client.start(Load(snapshot(tmp_path, "other"))))
        window.wait(lambda e: isinstance(e, JobFailed | Loaded))
        gate.touch()
        frame = window.frame(ids[-1])
        assert (frame.pixels == 999 % 251).all()
        assert frame.message.request == ask(net, 999)
        drawn = [e.id for e in window.events if isinstance(e, FrameReady)]
        assert drawn == sorted(drawn)
        # The first, the last, and perhaps one that was the newest when the gate opened.
        assert len(notes(net, "render")) <= 3


def test_pictures_are_whole_and_stay_while_they_are_held(tmp_path: Path) -> None:
    """Frames change size on the way, so that rings come and go under the held ones."""
    small, large = snapshot(tmp_path, "small", size=64), snapshot(tmp_path, "large", size=700)
    with Window() as window:
        held: list[tuple[int, ReceivedFrame]] = []
        for n in range(150):
            seed = n + 1
            frame = window.frame(window.client.submit(ask((small, large)[n // 25 % 2], seed)))
            assert (frame.pixels == seed).all()
            assert frame.pixels.shape[0] == (64, 700)[n // 25 % 2]
            held.append((seed, frame))
            if len(held) > 3:
                seed, frame = held.pop(0)
                assert (frame.pixels == seed).all()
                frame.release()
        assert not frame.pixels.flags.writeable
    for seed, frame in held:
        assert (frame.pixels == seed).all(), "pixels outlive the renderer"


def test_a_window_that_holds_every_slot_gets_the_newest_picture_once_it_lets_go(
    tmp_path: Path,
) -> None:
    net = snapshot(tmp_path)
    with Window() as window:
        held = [window.frame(window.client.submit(ask(net, n))) for n in range(4)]
        window.client.submit(ask(net, 100))
        other = window.frame(window.client.submit(ask(net, 7), stream="atlas"), "atlas")
        assert (other.pixels == 7).all(), "other streams go on"
        last = window.client.submit(ask(net, 101))
        while "render 101" not in notes(net):
            window.frame(window.client.submit(ask(net, 7), stream="atlas"), "atlas").release()
        for n, frame in enumerate(held):
            assert (frame.pixels == n).all()
        held[0].release()
        assert (window.frame(last).pixels == 101).all()
        assert [(f.pixels == n).all() for n, f in enumerate(held)][1:] == [True] * 3


def test_frames_nobody_keeps_give_their_slot_back(tmp_path: Path) -> None:
    net = snapshot(tmp_path)
    with Window() as window:
        for n in range(20):
            window.frame(window.client.submit(ask(net, n)))


def test_a_busy_picture_leaves_the_atlas_its_turn(tmp_path: Path) -> None:
    net = snapshot(tmp_path, render_s=0.005)
    with Window() as window:
        window.frame(window.client.submit(ask(net, 0)))
        for n in range(10):
            asked = window.client.submit(ask(net, n), stream="atlas")
            dragging = threading.Event()

            def drag(done: threading.Event = dragging) -> None:
                while not done.wait(0.001):
                    window.client.submit(ask(net, 1))

            hand = threading.Thread(target=drag)
            hand.start()
            try:
                window.frame(asked, "atlas")
            finally:
                dragging.set()
                hand.join()


def test_a_view_that_is_left_is_not_drawn_to_its_end(tmp_path: Path) -> None:
    net, slow = snapshot(tmp_path), snapshot(tmp_path, "slow", render_s=30)
    with Window() as window:
        window.frame(window.client.submit(ask(net, 1)))
        window.client.submit(ask(slow, 2))
        wait_for_note(slow, "begin 2")
        window.frame(window.client.submit(ask(net, 3, view=LayerView("b4"))))
        assert notes(slow)[-1:] == ["gave up 2"]


def test_statistics_only_where_they_are_asked_for(tmp_path: Path) -> None:
    net = snapshot(tmp_path)
    with Window() as window:
        plain = window.frame(window.client.submit(ask(net, 1)))
        rich = window.frame(window.client.submit(ask(net, 1), stats=StatsSpec("b4")))
        assert plain.message.info.timings["asked for statistics"] == 0
        assert rich.message.info.timings["asked for statistics"] == 1
        assert rich.message.info.timings["publish"] > 0


def test_an_unexpected_error_is_told_and_survived(tmp_path: Path) -> None:
    net = snapshot(tmp_path)
    with Window() as window:
        bad = window.client.submit(ask(net, RAISES))
        failed = window.wait(lambda e: isinstance(e, RenderFailed))
        assert answers(failed, bad)
        assert failed.failure.message == "internal error: ZeroDivisionError: a bug"
        window.frame(window.client.submit(ask(net, 1)))
        assert any("ZeroDivisionError" in line for line in window.client.log)


def test_an_error_while_looking_for_a_network_is_survived_too(tmp_path: Path) -> None:
    net, other = snapshot(tmp_path), snapshot(tmp_path, "other")
    with Window() as window:
        window.frame(window.client.submit(ask(net, 1)))
        os.remove(net)  # the fake pipeline does not expect that
        asked = window.client.submit(ask(net, 2))
        assert answers(window.wait(lambda e: isinstance(e, RenderFailed)), asked)
        window.frame(window.client.submit(ask(other, 3)))
        assert "restarting" not in window.states()


def test_options_are_told_to_the_renderer_and_refusals_to_the_window(tmp_path: Path) -> None:
    with Window(options=EngineOptions(device="one")) as window:
        assert window.wait(lambda e: isinstance(e, Hello)).device == "one"
        window.client.configure(EngineOptions(device="two"))
        assert window.wait(lambda e: isinstance(e, Hello)).device == "two"
        window.client.configure(EngineOptions(device="gone"))
        refused = window.wait(lambda e: isinstance(e, JobFailed))
        assert (refused.job, refused.failure.message) == (0, "There is no device gone.")
    with Window(options=EngineOptions(device="gone")) as window:
        assert window.wait(lambda e: isinstance(e, Hello)).device == "auto"


def test_inline_client_answers_like_the_process(tmp_path: Path) -> None:
    net, bad = snapshot(tmp_path), broken(tmp_path, "bad")
    client = InlineClient(engine=FakePipeline(EngineOptions()))
    client.poll()
    for n in range(1000):
        last = client.submit(ask(net, n))
    atlas = client.submit(ask(net, 5), stream="atlas")
    events = client.poll()
    frames = [e for e in events if isinstance(e, ReceivedFrame)]
    assert [f.message.id for f in frames] == [last, atlas]
    assert (frames[0].pixels == 999 % 251).all()
    assert not frames[0].pixels.flags.writeable
    assert [e.job for e in events if isinstance(e, Loaded)] == [0]
    assert notes(net, "load", "render") == ["load net", "render 999", "render 5"]

    job = client.start(Load(bad))
    other = client.start(Load(net))
    client.cancel(other)
    client.submit(ask(bad, 1))
    failed = [e for e in client.poll() if isinstance(e, JobFailed | RenderFailed)]
    assert [getattr(e, "job", None) for e in failed] == [other, job, None]
    assert failed[0].cancelled
    assert failed[1].failure == failed[2].failure

    saved = client.start(SaveW(str(tmp_path / "w"), ask(net, 3)))
    assert [e.job for e in client.poll() if isinstance(e, JobDone)] == [saved]
    client.close()


@pytest.mark.skipif(not os.path.exists("/dev/shm"), reason="shared memory is not in /dev/shm")
def test_nothing_is_visible_in_shared_memory_while_pictures_are_shown(tmp_path: Path) -> None:
    net = snapshot(tmp_path, size=512)
    with Window() as window:
        frame = window.frame(window.client.submit(ask(net, 9)))
        assert list(Path("/dev/shm").glob(f"gs-{os.getpid():x}-*")) == []
        assert np.array_equal(np.unique(frame.pixels), [9])


def test_progress_of_an_implicit_load_is_told(tmp_path: Path) -> None:
    net = snapshot(tmp_path, load_s=0.2)
    with Window() as window:
        window.frame(window.client.submit(ask(net, 1)))
        told = [e for e in window.events if isinstance(e, Progress)]
        assert told
        assert all(e.job == 0 for e in told)
        assert told[-1].fraction == 1
