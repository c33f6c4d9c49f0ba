"""Crashes, hangs, lost memory, killed windows: what the client and the renderer make of them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from renderer.client import process_health
from renderer.client.client import ReceivedFrame, RenderClient, StatusChanged
from renderer.messages.jobs import Load
from renderer.messages.options import EngineOptions
from renderer.messages.to_window import Alive, Hello, JobFailed, Loaded, RenderFailed
from renderer.server import heartbeat
from renderer.transport import shared_memory
from tests.paths import ROOT
from tests.renderer.client.client_kit import (
    FAKE,
    PATIENCE,
    Window,
    ask,
    notes,
    snapshot,
    wait_for_note,
)
from tests.renderer.server.fake_pipeline import HANGS, KILLS

posix = pytest.mark.skipif(os.name != "posix", reason="signals")


def state(name: str) -> Callable[[object], bool]:
    return lambda event: isinstance(event, StatusChanged) and event.state == name


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def segments(window: int | None = None) -> list[Path]:
    """Named shared memory of the renderers of a window process (this one), where it is visible."""
    return list(Path("/dev/shm").glob(f"gs-{window or os.getpid():x}-*"))


@posix
def test_the_picture_comes_back_by_itself_when_the_renderer_is_killed(tmp_path: Path) -> None:
    net, slow = snapshot(tmp_path), snapshot(tmp_path, "slow", render_s=0.2)
    with Window(options=EngineOptions(device="one")) as window:
        window.frame(window.client.submit(ask(net, 1), stream="atlas"), "atlas")
        window.client.configure(EngineOptions(device="two"))
        asked = window.client.submit(ask(slow, 2))
        wait_for_note(slow, "begin 2")
        first = window.client.pid
        os.kill(first, signal.SIGKILL)
        assert (window.frame(asked).pixels == 2).all()
        assert window.states() == ["starting", "ready", "restarting", "ready"]
        told = [e.text for e in window.all(StatusChanged)]
        assert told[2:] == [
            "The renderer ended with signal 9 (killed; out of memory?); starting it again",
            "Renderer restarted",
        ]
        assert window.all(Hello)[-1].device == "two"
        assert window.all(Hello)[-1].pid == window.client.pid != first
        assert not psutil.pid_exists(first), "a zombie"
        if not any(getattr(e, "stream", None) == "atlas" for e in window.events[-3:]):
            window.wait(lambda e: isinstance(e, ReceivedFrame) and e.message.stream == "atlas")
        assert segments() == []


@posix
def test_a_request_that_kills_three_times_is_given_up_until_restart(tmp_path: Path) -> None:
    net = snapshot(tmp_path)
    with Window() as window:
        window.client.submit(ask(net, KILLS))
        failed = window.wait(state("failed"))
        again = ["restarting", "ready"]
        assert window.states() == ["starting", "ready", *again, *again, "failed"]
        assert failed.text == "The renderer ended with signal 9 (killed; out of memory?)"
        assert notes(net, "begin") == [f"begin {KILLS}"] * 3
        assert window.client.pid is None
        refused = window.client.start(Load(net))
        assert window.wait(lambda e: isinstance(e, JobFailed)).job == refused

        asked = window.client.submit(ask(net, 3))
        window.client.restart()
        assert (window.frame(asked).pixels == 3).all()
        assert window.states()[-2:] == ["restarting", "ready"]


@posix
def test_one_that_dies_again_at_once_is_started_once_more(tmp_path: Path) -> None:
    """Whoever kills two in a row, the memory's guard or a user, may have meant something else."""
    net = snapshot(tmp_path)
    with Window() as window:
        for n in range(2):
            window.frame(window.client.submit(ask(net, n)))
            os.kill(window.client.pid, signal.SIGBUS)
            window.wait(state("restarting"))
        assert (window.frame(window.client.submit(ask(net, 5))).pixels == 5).all()


@posix
def test_a_renderer_that_had_worked_for_a_while_is_started_again_each_time(tmp_path: Path) -> None:
    net = snapshot(tmp_path)
    with Window(crash_window=0.0) as window:
        for n in range(3):
            window.frame(window.client.submit(ask(net, n)))
            os.kill(window.client.pid, signal.SIGKILL)
            window.wait(state("restarting"))
        window.wait(state("ready"))


@posix
def test_jobs_under_way_go_on_in_the_next_process(tmp_path: Path) -> None:
    heavy = snapshot(tmp_path, "heavy", load_s=0.5)
    with Window() as window:
        job = window.client.start(Load(heavy))
        wait_for_note(heavy, "load heavy")
        os.kill(window.client.pid, signal.SIGKILL)
        assert window.wait(lambda e: isinstance(e, Loaded)).job == job


@posix
def test_a_crash_says_where_it_happened(tmp_path: Path) -> None:
    net = snapshot(tmp_path)
    with Window() as window:
        window.frame(window.client.submit(ask(net, 1)))
        os.kill(window.client.pid, signal.SIGSEGV)
        told = window.wait(state("restarting")).text
    # It waited for something to draw, in whatever function of Python's own.
    expected = (
        r"The renderer ended with signal 11 \(segmentation fault\): in \w+ \(.+\.py, line \d+\);"
    )
    assert re.match(expected, told), told


def test_a_renderer_that_cannot_start_says_why() -> None:
    with Window(pipeline="no_such_module:Pipeline") as window:
        failed = window.wait(state("failed"))
        assert failed.text == (
            "The renderer ended with exit code 1: "
            "ModuleNotFoundError: No module named 'no_such_module'"
        )
        assert "Traceback (most recent call last):" in window.client.log


def test_a_hang_is_told_and_restart_ends_it(tmp_path: Path) -> None:
    net = snapshot(tmp_path)
    with Window(hang_s=2.0) as window:
        window.frame(window.client.submit(ask(net, 1)))
        job = window.client.start(Load(snapshot(tmp_path, "heavy", load_s=3600)))
        window.client.submit(ask(net, HANGS))
        window.wait(
            lambda e: e == StatusChanged("failed", "The renderer does not get on (drawing)")
        )
        stuck = window.client.pid
        assert psutil.pid_exists(stuck), "whether to wait is the user's choice"
        asked = window.client.submit(ask(net, 2))
        window.client.restart()
        window.frame(asked)
        assert window.all(JobFailed)[0].job == job
        assert not psutil.pid_exists(stuck)


@posix
def test_a_frozen_process_is_told_and_thaws(tmp_path: Path) -> None:
    net = snapshot(tmp_path)
    with Window(hang_s=2.0) as window:
        window.frame(window.client.submit(ask(net, 1)))
        os.kill(window.client.pid, signal.SIGSTOP)
        for n in range(20_000):
            asked = window.client.submit(ask(net, n))
        window.wait(state("failed"))
        os.kill(window.client.pid, signal.SIGCONT)
        window.frame(asked)
        assert window.states()[-1] == "ready" or window.wait(state("ready"))


def test_slow_is_told_from_stuck() -> None:
    beat = heartbeat.Heartbeat()
    with beat.busy("drawing"):
        end = time.process_time() + 0.3
        while time.process_time() < end:
            pass
        working = beat.read()
        assert working.doing == "drawing"
        assert working.busy_s >= 0.3
        assert working.stuck_s == 0
        time.sleep(0.3)
        assert beat.read().stuck_s >= 0.3
    time.sleep(0.1)
    assert beat.read().stuck_s == 0, "an idle renderer is not stuck"

    known = process_health.ProcessHealth()
    known.heard(Alive("drawing", 100.0, 0.0))
    hello = Hello(1, ("cpu",), "cpu", "float32", 1)
    known.heard(hello)
    assert not known.stuck(20)
    known.heard(Alive("drawing", 100.0, 30.0))
    assert known.stuck(20)
    known.hello = None
    assert not known.stuck(20), "torch may take its time to be imported"


def test_a_lost_ring_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    net = snapshot(tmp_path)
    opened: list[str] = []

    def lose(name: str, size: int) -> object:
        opened.append(name)
        if len(opened) in losses:
            shared_memory.remove_segment(name)
        return really(name, size)

    really = shared_memory.open_segment
    monkeypatch.setattr(shared_memory, "open_segment", lose)
    losses = [1]
    with Window() as window:
        assert (window.frame(window.client.submit(ask(net, 1))).pixels == 1).all()
        assert len(opened) == 2
    opened.clear()
    losses = [1, 2]
    with Window() as window:
        window.client.submit(ask(net, 1))
        failed = window.wait(lambda e: isinstance(e, RenderFailed))
        assert "could not be fetched from shared memory" in failed.failure.message
        window.frame(window.client.submit(ask(net, 2)))


@posix
@pytest.mark.parametrize("busy", ["idle", "drawing", "hanging"])
def test_close_leaves_nothing_behind(tmp_path: Path, busy: str) -> None:
    net, slow = snapshot(tmp_path, size=256), snapshot(tmp_path, "slow", render_s=3600)
    with Window() as window:
        held = window.frame(window.client.submit(ask(net, 1)))
        if busy == "drawing":
            window.client.submit(ask(slow, 2))
            wait_for_note(slow, "begin 2")
        if busy == "hanging":
            window.client.submit(ask(net, HANGS))
            wait_for_note(net, f"begin {HANGS}")
        pid = window.client.pid
        children = psutil.Process(pid).children(recursive=True)
    assert not psutil.pid_exists(pid)
    assert children == []
    assert segments() == []
    held.release()
    assert window.client.poll() == []


@posix
@pytest.mark.parametrize("busy", [1, HANGS])
def test_a_killed_window_takes_the_renderer_with_it(tmp_path: Path, busy: int) -> None:
    net = snapshot(tmp_path, size=256)
    code = f"""
import time
from renderer.client.client import RenderClient, ReceivedFrame
from tests.renderer.client.client_kit import ask
client = RenderClient(pipeline={FAKE!r})
client.submit(ask({net!r}, 1))
while not any(isinstance(event, ReceivedFrame) for event in client.poll()):
    time.sleep(0.01)
client.submit(ask({net!r}, {busy}))
print(client.pid, flush=True)
time.sleep(3600)
"""
    window = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT)
    with window:
        renderer = psutil.Process(int(window.stdout.readline()))
        wait_for_note(net, f"begin {busy}")
        window.kill()
        window.wait()
        wait_until(lambda: not renderer.is_running() or renderer.status() == "zombie")
    wait_until(lambda: segments(window.pid) == [])


@posix
def test_a_ring_that_a_killed_renderer_did_not_announce_is_removed(tmp_path: Path) -> None:
    net = snapshot(tmp_path)
    with Window() as window:
        ring = window.frame(window.client.submit(ask(net, 1))).message.ring
        prefix, _, number = ring.rpartition("-")
        left = f"{prefix}-{int(number) + 1}"
        memory = shared_memory.create_segment(left, 4096)
        os.kill(window.client.pid, signal.SIGKILL)
        window.wait(state("restarting"))
        window.wait(state("ready"))
        assert not shared_memory.remove_segment(left)
        memory.close()


def test_a_program_that_forgets_to_close_ends_cleanly(tmp_path: Path) -> None:
    """Without close(), and without a word from resource trackers or threads at exit."""
    net = snapshot(tmp_path)
    code = f"""
import time
from renderer.client.client import RenderClient, ReceivedFrame
from tests.renderer.client.client_kit import ask
client = RenderClient(pipeline={FAKE!r})
client.submit(ask({net!r}, 1))
frame = None
while frame is None:
    frame = next((e for e in client.poll() if isinstance(e, ReceivedFrame)), None)
    time.sleep(0.01)
print(client.pid)
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    assert done.stderr == ""
    assert not psutil.pid_exists(int(done.stdout))


def test_garbage_on_the_pipe_ends_the_renderer_with_a_word(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "renderer.server", FAKE, "gs-test-garbage", "{}"],
        input=b"\x05\0\0\0hello",
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 1
    assert b"DecodeError" in done.stderr or b"ValidationError" in done.stderr


def test_wake_is_called_from_another_thread_for_the_first_event_only(tmp_path: Path) -> None:
    calls: list[int] = []
    client = RenderClient(pipeline=FAKE, on_wake=lambda: calls.append(1))
    try:
        wait_until(lambda: client.pid is not None and len(client._inbox._events) >= 3)
        assert len(calls) == 1
        client.poll()
        client.submit(ask(snapshot(tmp_path), 1))
        wait_until(lambda: len(calls) == 2)
    finally:
        client.close()
