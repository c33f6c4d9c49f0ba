"""A renderer behind a line that is slow, long, and cut."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from renderer.bench import remote
from renderer.client import far_side, reconnecting
from renderer.client.client import StatusChanged
from renderer.messages.jobs import Load
from renderer.messages.to_window import FrameReady, Hello, Loaded
from tests.renderer.client.client_kit import FAKE, Window, ask, far, snapshot

ENV = {"GANSCOPE_PIPELINE": FAKE}
LINE = (sys.executable, "-P", "-m", "renderer.bench.shaper", "0.02", "250000")


def test_over_a_slow_line_pictures_are_few_whole_and_the_last_is_exact(tmp_path: Path) -> None:
    net = snapshot(tmp_path, size=256)
    with Window(env=ENV, elsewhere=far(line=LINE)) as window:
        for seed in range(1, 200):
            last = window.client.submit(ask(net, seed), drafts=True)
            window.client.poll()
        frame = window.frame(last)
        while frame.message.info.draft is not None:
            frame = window.frame(last)
        assert (frame.pixels == 199).all()


@pytest.mark.parametrize("cuts", [5])
def test_a_line_that_is_cut_again_and_again_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cuts: int
) -> None:
    monkeypatch.setattr(reconnecting, "FIRST", 0.01)
    net, gate = snapshot(tmp_path, size=200), tmp_path / "gate"
    slow = snapshot(tmp_path, "slow", load_gate=str(gate))
    other = snapshot(tmp_path, "other")
    with Window(env=ENV, elsewhere=far(line=LINE)) as window:
        window.frame(window.client.submit(ask(net, 1)))
        job = window.client.start(Load(slow))
        for cut in range(cuts):
            seed = 10 + cut
            id = window.client.submit(ask(net, seed), drafts=True)
            process = window.client._outstanding.process
            if process is not None:  # else the last cut is not yet got over
                process.end("cut by the test")
            if cut == cuts - 1:
                gate.touch()
            if cut % 2:
                continue  # cut once more before anything has come
            if not gate.exists():
                # What is opened waits behind the slow one, so that a job is always under way.
                window.wait(lambda e: getattr(e, "state", "") == "ready")
                continue
            frame = window.frame(id)
            while frame.message.info.draft is not None:
                frame = window.frame(id)
            assert (frame.pixels == seed).all()
        assert any(isinstance(e, Loaded) and e.job == job for e in window.events)
        id = window.client.submit(ask(other, 77))
        assert (window.frame(id).pixels == 77).all()
    ids = [e.id for e in window.events if isinstance(e, FrameReady) and e.stream == "main"]
    assert ids == sorted(ids)


def test_bench_measures_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "DELAY", 0.01)
    found = remote.measure(64, seconds=0.5)
    assert found.side == 64
    assert found.fps > 0
    assert found.latency_ms >= 2 * 10, "there and back"
    assert found.latency_95_ms >= found.latency_ms
    assert found.exact_bytes > found.moving_bytes


def test_a_line_that_falls_silent_is_given_up_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnecting, "FIRST", 0.01)
    net = snapshot(tmp_path)
    with Window(env=ENV, elsewhere=far()) as window:
        window.frame(window.client.submit(ask(net, 1)))
        monkeypatch.setattr(far_side, "SILENCE", 2.0)
        assert window.client.pid is not None
        os.kill(window.client.pid, signal.SIGSTOP)  # as when a cable is pulled: nothing ends
        lost = window.wait(lambda e: isinstance(e, StatusChanged) and e.state == "restarting")
        assert isinstance(lost, StatusChanged)
        assert "silent" in lost.text
        monkeypatch.setattr(far_side, "SILENCE", 600.0)
        assert (window.frame(window.client.submit(ask(net, 2))).pixels == 2).all()


def test_a_renderer_whose_window_says_nothing_any_more_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnecting, "PING", 1e9)
    code = "import renderer.server.streamed as streamed; streamed.SILENCE = 1.0; streamed.main()"
    with Window(env=ENV, elsewhere=far("-c", code)) as window:
        window.wait(lambda e: isinstance(e, Hello))
        window.wait(lambda e: isinstance(e, StatusChanged) and e.state != "ready")
