"""Opening and writing files beside live frames, through a real renderer process."""

from __future__ import annotations

import os
import time
from pathlib import Path

from renderer.messages.jobs import Load, SaveW
from renderer.messages.request import AugmentView
from renderer.messages.to_window import JobDone, JobFailed, Loaded, Progress, RenderFailed
from tests.renderer.client.client_kit import (
    Window,
    answers,
    ask,
    broken,
    notes,
    snapshot,
    wait_for_note,
)


def test_frames_go_on_while_a_file_is_opened(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    net, heavy = snapshot(tmp_path), snapshot(tmp_path, "heavy", load_gate=str(gate))
    with Window() as window:
        window.frame(window.client.submit(ask(net, 1)))
        job = window.client.start(Load(heavy))
        wait_for_note(heavy, "load heavy")
        for n in range(10):
            window.frame(window.client.submit(ask(net, n)))
        gate.touch()
        assert window.wait(lambda e: isinstance(e, Loaded) and e.model.path == heavy).job == job


def test_progress_rises_to_the_end_and_comes_twenty_times_a_second(tmp_path: Path) -> None:
    heavy = snapshot(tmp_path, "heavy", load_s=0.5)
    with Window() as window:
        job = window.client.start(Load(heavy))
        window.wait(lambda e: isinstance(e, Loaded))
        told = window.all(Progress)
        assert {e.job for e in told} == {job}
        assert [e.fraction for e in told] == sorted(e.fraction for e in told)
        assert told[-1].fraction == 1
        assert len(told) <= 12, "the pipeline reports every two milliseconds"


def test_a_load_can_be_cancelled(tmp_path: Path) -> None:
    heavy = snapshot(tmp_path, "heavy", load_s=60)
    with Window() as window:
        job, queued = (
            window.client.start(Load(heavy)),
            window.client.start(Load(snapshot(tmp_path, "next"))),
        )
        window.wait(lambda e: isinstance(e, Progress))
        for each in (queued, job):
            window.client.cancel(each)
            ended = window.wait(lambda e: isinstance(e, JobFailed))
            assert (ended.job, ended.cancelled) == (each, True)
        after = window.client.start(Load(snapshot(tmp_path, "other")))
        assert window.wait(lambda e: isinstance(e, Loaded)).job == after
        assert notes(heavy) == ["load heavy", "cancelled heavy"]
        assert notes(str(tmp_path / "next")) == []


def test_a_load_nobody_waits_for_any_more_is_stopped(tmp_path: Path) -> None:
    net, heavy = snapshot(tmp_path), snapshot(tmp_path, "heavy", load_s=60)
    with Window() as window:
        window.client.submit(ask(heavy, 1))
        window.wait(lambda e: isinstance(e, Progress))
        window.frame(window.client.submit(ask(net, 2)))
        assert notes(heavy)[-1] == "cancelled heavy"


def test_one_opening_serves_all_who_ask(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    net = snapshot(tmp_path, load_gate=str(gate))
    with Window() as window:
        jobs = {window.client.start(Load(net)), window.client.start(Load(net))}
        asked = window.client.submit(ask(net, 1))
        window.client.submit(ask(net, 1), stream="atlas")
        other = window.client.start(Load(snapshot(tmp_path, "other")))
        window.client.cancel(other)
        window.wait(lambda e: isinstance(e, JobFailed) and e.job == other)
        gate.touch()
        window.frame(asked)
        assert {e.job for e in window.all(Loaded)} == jobs
        assert notes(net, "load") == ["load net"]


def test_a_storm_of_requests_reads_a_broken_file_once(tmp_path: Path) -> None:
    net = broken(tmp_path)
    with Window() as window:
        for n in range(100):
            asked = window.client.submit(ask(net, n))
            failed = window.wait(lambda e, i=asked: isinstance(e, RenderFailed) and answers(e, i))
            assert failed.failure.message == f"{net} is damaged."
            assert failed.failure.remedy == "Get it again."
        assert notes(net) == ["load net"]

        job = window.client.start(Load(net))
        assert window.wait(lambda e: isinstance(e, JobFailed)).job == job
        assert notes(net) == ["load net"] * 2, "asking by name reads it again"


def test_a_file_that_gets_whole_is_drawn_by_itself(tmp_path: Path) -> None:
    """A snapshot that its trainer is still writing."""
    net = broken(tmp_path)
    with Window() as window:
        asked = window.client.submit(ask(net, 5))
        window.wait(lambda e: isinstance(e, RenderFailed))
        snapshot(tmp_path)
        assert (window.frame(asked).pixels == 5).all()


def test_a_missing_file_is_drawn_when_it_appears(tmp_path: Path) -> None:
    net = str(tmp_path / "net")
    with Window() as window:
        asked = window.client.submit(ask(net, 5))
        failed = window.wait(lambda e: isinstance(e, RenderFailed))
        assert failed.failure.message == f"{net} cannot be read: No such file or directory."
        snapshot(tmp_path)
        window.frame(asked)


def test_a_file_that_changes_is_opened_again(tmp_path: Path) -> None:
    net = snapshot(tmp_path, size=16)
    with Window() as window:
        assert window.frame(window.client.submit(ask(net, 1))).pixels.shape == (16, 16, 4)
        snapshot(tmp_path, size=32)
        os.utime(net, ns=(time.time_ns(), time.time_ns() + 10**9))
        assert window.frame(window.client.submit(ask(net, 2))).pixels.shape == (32, 32, 4)


def test_latents_are_saved_and_failures_told(tmp_path: Path) -> None:
    net = snapshot(tmp_path)
    with Window() as window:
        job = window.client.start(SaveW(str(tmp_path / "w"), ask(net, 42)))
        done = window.wait(lambda e: isinstance(e, JobDone))
        assert (done.job, done.text) == (job, f"Wrote {tmp_path / 'w'}")
        assert (tmp_path / "w").read_text() == "42"
        job = window.client.start(SaveW(str(tmp_path / "nowhere" / "w"), ask(net, 42)))
        failed = window.wait(lambda e: isinstance(e, JobFailed))
        assert failed.job == job
        assert failed.failure.message == f"There is no folder {tmp_path / 'nowhere'}."


def test_pictures_go_on_while_more_of_their_snapshot_is_opened(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    path = snapshot(tmp_path, prepare_gate=str(gate))
    with Window() as window:
        window.frame(window.client.submit(ask(path, 1))).release()
        asked = window.client.submit(ask(path, 2, augment=AugmentView()), stream="discriminator")
        wait_for_note(path, "prepare")
        for seed in (3, 4, 5):
            window.frame(window.client.submit(ask(path, seed))).release()
        assert "render 2" not in notes(path)
        gate.touch()
        window.frame(asked, "discriminator").release()
    assert notes(path, "prepare") == ["prepare"]


def test_what_nobody_asks_for_any_more_is_not_opened_to_its_end(tmp_path: Path) -> None:
    path = snapshot(tmp_path, prepare_gate=str(tmp_path / "never"))
    other = snapshot(tmp_path, "other")
    with Window() as window:
        window.frame(window.client.submit(ask(path, 1))).release()
        window.client.submit(ask(path, 2, augment=AugmentView()), stream="discriminator")
        wait_for_note(path, "prepare")
        asked = window.client.submit(ask(other, 3), stream="discriminator")
        wait_for_note(path, "prepare cancelled")
        window.frame(asked, "discriminator").release()


def test_a_drag_while_more_is_opened_queues_it_once(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    path = snapshot(tmp_path, prepare_gate=str(gate))
    with Window() as window:
        window.frame(window.client.submit(ask(path, 1))).release()
        for seed in range(2, 30):
            asked = window.client.submit(ask(path, seed, augment=AugmentView()), stream="d")
            window.frame(window.client.submit(ask(path, seed))).release()
        gate.touch()
        window.frame(asked, "d").release()
    assert len(notes(path, "prepare")) <= 2
