"""Exports through a real renderer process: beside live pictures, and whatever happens."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from renderer.messages.jobs import Export, Load, Sheet
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest
from renderer.messages.to_window import JobDone, JobFailed, Loaded, Progress
from renderer.pictures import video
from renderer.pictures.workspace import PREFIX
from renderer.pipeline.pipeline import Pipeline
from tests.inline import InlineClient
from tests.renderer.client.client_kit import (
    PATIENCE,
    Window,
    ask,
    broken,
    notes,
    snapshot,
    wait_for_note,
)
from tests.renderer.server.fake_pipeline import HANGS, KILLS, RAISES, FakePipeline
from tests.toy_generator import ToyGenerator, open_toy, write_toy


def sheets(path: str, *seeds: int) -> tuple[Sheet, ...]:
    return tuple(Sheet((ask(path, seed),)) for seed in seeds)


def ended(window: Window, job: int) -> JobDone | JobFailed:
    return window.wait(lambda e: isinstance(e, JobDone | JobFailed) and e.job == job)


def read(file: Path) -> np.ndarray:
    with Image.open(file) as image:
        return np.array(image)


def greys(folder: Path) -> list[int]:
    return [int(read(file)[0, 0, 0]) for file in sorted(folder.iterdir())]


def test_an_export_reports_every_step_and_is_there_when_it_is_done(tmp_path: Path) -> None:
    first, second = snapshot(tmp_path, "first"), snapshot(tmp_path, "second", size=32)
    out = tmp_path / "out"
    pair = Sheet((ask(first, 1), ask(second, 2)), hold=2)
    with Window() as window:
        job = window.client.start(Export(str(out / "walk"), (pair, *sheets(first, 3))))
        assert ended(window, job) == JobDone(job, f"Wrote {out / 'walk'}")
        told = window.all(Progress)
        assert {e.job for e in told} == {job}
        assert told[-1] == Progress(job, 1.0, "Frame 3 of 3")
        assert greys(out / "walk") == [1, 1, 3]
        assert read(out / "walk" / "walk-000000.png").shape[:2] == (32, 65)
        job = window.client.start(Export(str(out / "a.mp4"), sheets(first, *range(40)), 24.0))
        assert isinstance(ended(window, job), JobDone)
        assert (video.read_first(out / "a.mp4")[..., :3] <= 2).all()
        assert sorted(p.name for p in out.iterdir()) == ["a.mp4", "walk"]


def test_snapshots_open_and_pictures_come_while_an_export_goes_on(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    net, other = snapshot(tmp_path), snapshot(tmp_path, "other")
    slow = snapshot(tmp_path, "slow", load_gate=str(gate))
    with Window() as window:
        window.frame(window.client.submit(ask(net, 1)))
        export = window.client.start(Export(str(tmp_path / "out"), sheets(slow, 5)))
        wait_for_note(slow, "load slow")
        window.client.start(Load(other))
        window.wait(lambda e: isinstance(e, Loaded) and e.model.path == other)
        for seed in range(5):
            window.frame(window.client.submit(ask(other, seed)))
        assert not window.all(JobDone)
        gate.touch()
        assert isinstance(ended(window, export), JobDone)


def test_pictures_of_the_window_overtake_those_of_an_export(tmp_path: Path) -> None:
    net, slow = snapshot(tmp_path), snapshot(tmp_path, "slow", render_s=0.02)
    with Window() as window:
        export = window.client.start(Export(str(tmp_path / "out"), sheets(slow, *range(1, 200))))
        window.wait(lambda e: isinstance(e, Progress) and e.fraction > 0.01)
        before = len(notes(slow, "render"))
        for seed in range(30):
            window.frame(window.client.submit(ask(net, seed)))
        drawn = len(notes(slow, "render")) - before
        assert drawn < 15, "each would have waited for one of them"
        window.client.cancel(export)
        assert ended(window, export).cancelled


def test_an_export_gets_on_under_an_animation(tmp_path: Path) -> None:
    net = snapshot(tmp_path)
    with Window() as window:
        export = window.client.start(Export(str(tmp_path / "out"), sheets(net, *range(1, 60))))
        end, seed = time.monotonic() + PATIENCE, 0
        while not (tmp_path / "out").exists():
            assert time.monotonic() < end
            seed += 1
            window.frame(window.client.submit(ask(net, 1000 + seed)))
        assert window.all(JobDone) or isinstance(ended(window, export), JobDone)


def test_cancelling_ends_the_one_under_way_and_the_one_that_waits(tmp_path: Path) -> None:
    slow = snapshot(tmp_path, "slow", render_s=60)
    out = tmp_path / "out"
    with Window() as window:
        current = window.client.start(Export(str(out / "a.mp4"), sheets(slow, 1, 2)))
        queued = window.client.start(Export(str(out / "b.mp4"), sheets(slow, 1)))
        wait_for_note(slow, "begin 1")
        for job in (queued, current):
            window.client.cancel(job)
            assert ended(window, job).cancelled
        assert notes(slow)[-1] == "gave up 1"
        assert list(out.iterdir()) == []


def test_a_snapshot_that_vanished_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    gate, nets = tmp_path / "gate", [snapshot(tmp_path, f"net{i}") for i in range(3)]
    gated = snapshot(tmp_path, "gated", render_gate=str(gate))
    out = tmp_path / "out"
    with Window() as window:
        made = (*sheets(nets[0], 1), *sheets(gated, 1), *sheets(nets[2], 1))
        job = window.client.start(Export(str(out / "a.mp4"), made))
        wait_for_note(gated, "begin 1")
        os.unlink(nets[2])
        gate.touch()
        failed = ended(window, job)
        assert failed.failure.message == f"{nets[2]} cannot be read: No such file or directory."
        assert list(out.iterdir()) == []
        job = window.client.start(Export(str(out / "a"), sheets(broken(tmp_path), 1)))
        assert "is damaged" in ended(window, job).failure.message
        job = window.client.start(Export(str(out / "a"), sheets(nets[0], 1, RAISES)))
        assert "ZeroDivisionError: a bug" in ended(window, job).failure.message
        job = window.client.start(Export(str(out / "a"), sheets(nets[0], 1)))
        assert isinstance(ended(window, job), JobDone), "the next one works"


def wait_until_empty(folder: Path) -> None:
    end = time.monotonic() + PATIENCE
    while list(folder.iterdir()) and time.monotonic() < end:
        time.sleep(0.01)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["a.mp4", "a"])
def test_a_killed_renderer_leaves_nothing_of_an_export(tmp_path: Path, name: str) -> None:
    net = snapshot(tmp_path, render_s=0.002)
    out = tmp_path / "out"
    with Window() as window:
        window.frame(window.client.submit(ask(net, 7)))
        job = window.client.start(Export(str(out / name), sheets(net, *range(1, 600))))
        window.wait(lambda e: isinstance(e, Progress) and e.fraction > 0.05)
        assert len(list(out.glob(f"{PREFIX}*"))) == 1
        os.kill(window.client.pid, signal.SIGKILL)
        failed = ended(window, job)
        assert failed.failure.message == f"The renderer ended before {name} was done."
        wait_until_empty(out)
        window.frame(window.client.submit(ask(net, 8)))
        job = window.client.start(Export(str(out / "b.mp4"), sheets(net, *range(5))))
        assert isinstance(ended(window, job), JobDone)
        assert [p.name for p in out.iterdir()] == ["b.mp4"]
        assert (video.read_first(out / "b.mp4") == (0, 0, 0, 255)).all()


def test_a_renderer_that_cannot_stop_in_time_leaves_nothing_either(tmp_path: Path) -> None:
    slow = snapshot(tmp_path, "slow")
    out = tmp_path / "out"
    with Window() as window:
        window.client.start(Export(str(out / "a.mp4"), sheets(slow, 1, HANGS)))
        wait_for_note(slow, f"begin {HANGS}")
        assert len(list(out.iterdir())) == 1
    wait_until_empty(out)


def test_an_export_that_kills_the_renderer_is_not_begun_again(tmp_path: Path) -> None:
    net = snapshot(tmp_path)
    with Window() as window:
        job = window.client.start(Export(str(tmp_path / "a.mp4"), sheets(net, 1, KILLS)))
        assert not ended(window, job).cancelled
        assert (window.frame(window.client.submit(ask(net, 9))).pixels == 9).all()
        assert notes(net, "begin").count(f"begin {KILLS}") == 1


def test_leaving_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    slow = snapshot(tmp_path, "slow", render_s=0.01)
    out = tmp_path / "out"
    with Window() as window:
        window.client.start(Export(str(out / "a.mp4"), sheets(slow, *range(1, 6000))))
        window.wait(lambda e: isinstance(e, Progress))
        assert len(list(out.iterdir())) == 1
    wait_until_empty(out)


def test_memory_is_bounded_over_many_snapshots(tmp_path: Path) -> None:
    """300 pictures of 1 MiB over 60 snapshots."""
    nets = [snapshot(tmp_path, f"net{i:02}", size=512) for i in range(60)]
    with Window() as window:
        window.frame(window.client.submit(ask(nets[0], 1)))
        renderer = psutil.Process(window.client.pid)
        made = tuple(Sheet((ask(nets[i % 60], i),), scale=0.25) for i in range(300))
        job = window.client.start(Export(str(tmp_path / "out"), made))
        window.wait(lambda e: isinstance(e, Progress) and e.fraction > 0.1)
        before = renderer.memory_info().rss
        assert isinstance(ended(window, job), JobDone)
        assert renderer.memory_info().rss - before < 40 << 20


def test_the_shown_network_stays_open_while_others_pass(tmp_path: Path) -> None:
    size = sum(p.numel() * 4 for p in [*ToyGenerator().parameters(), *ToyGenerator().buffers()])
    pipeline = Pipeline(EngineOptions(threads=1, cache_bytes=3 * size), open_toy)
    nets = [write_toy(tmp_path / f"{i}.toy", f"seed={i}") for i in range(8)]
    pipeline.render(RenderRequest(nets[0]))
    client = InlineClient(engine=pipeline)
    client.start(
        Export(str(tmp_path / "out"), tuple(Sheet((RenderRequest(net),)) for net in nets[1:]))
    )
    assert any(isinstance(e, JobDone) for e in client.poll())
    assert pipeline.has(nets[0])
    assert sum(pipeline.has(net) for net in nets) <= 3


def test_the_client_without_a_process_writes_the_same(tmp_path: Path) -> None:
    net = snapshot(tmp_path)
    client = InlineClient(engine=FakePipeline(EngineOptions()))
    done = client.start(Export(str(tmp_path / "out"), sheets(net, 4, 5)))
    failed = client.start(Export(str(tmp_path / "gone.mp4"), sheets(str(tmp_path / "gone"), 4)))
    cancelled = client.start(Export(str(tmp_path / "b"), sheets(net, 1)))
    client.cancel(cancelled)
    events = client.poll()
    assert JobDone(done, f"Wrote {tmp_path / 'out'}") in events
    ends = {e.job: e for e in events if isinstance(e, JobFailed)}
    assert "No such file" in ends[failed].failure.message
    assert ends[cancelled].cancelled
    assert greys(tmp_path / "out") == [4, 5]
