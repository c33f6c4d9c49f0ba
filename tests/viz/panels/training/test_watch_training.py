"""A training that goes on while the window looks: our own trainer, the real renderer."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from common.runs import locate
from renderer.client.client import RenderClient
from renderer.messages.options import EngineOptions
from renderer.messages.request import Seed, Truncation
from tests.training.tiny_runs import make, output_of, start_process, tiny, write_data
from viz.panels import picture, training
from viz.panels.training import watch
from viz.session.session import Session
from viz.shell.window import wake

LIMIT = 600
PANELS = (picture.PANEL, training.PANEL)


def test_snapshots_of_a_running_training_swap_in_at_the_same_latent(
    drive, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(watch, "INTERVAL", 0.1)
    options = tiny(
        write_data(tmp_path / "suns", 60),
        total_kimg=1.05,
        kimg_per_tick=0.064,
        network_snapshot_ticks=4,
        image_snapshot_ticks=4,
        ada_kimg=1,
    )
    run = make(tmp_path / "runs", options)
    process = start_process(run)

    def test(gui) -> None:
        def wait(condition: Callable[[], bool]) -> None:
            end = time.monotonic() + LIMIT
            while not condition():
                assert process.poll() in (None, 0), output_of(run).read_text()
                assert time.monotonic() < end, "it did not happen"
                gui.frames()
                time.sleep(0.05)  # leaves the processor to the training

        gui.settle()
        gui.focus("Training")
        assert gui.context.watch.path == str(run)
        wait(lambda: bool(gui.context.snapshots))
        wait(lambda: Path(gui.app.cell.now.render.snapshot).parent == run)
        gui.settle()
        chosen = gui.app.cell.now.with_render(source=Seed(11), truncation=Truncation(0.7))
        gui.app.cell.set(chosen)
        gui.settle()
        first = gui.context.frame.pixels.copy()
        seen: list[str] = []
        asked = len(gui.app.messages.items)

        def shown() -> int:
            path = gui.app.cell.now.render.snapshot
            if gui.context.frame.request == gui.app.cell.now.render and path not in seen:
                seen.append(path)
            return len(seen)

        wait(lambda: shown() >= 2 and process.poll() == 0)
        wait(lambda: gui.app.cell.now.render.snapshot == str(locate.snapshots(run)[-1].path))
        gui.settle()
        session = gui.app.cell.now
        assert session == chosen.with_render(snapshot=session.render.snapshot)
        assert gui.context.frame.request == session.render
        assert gui.context.frame.pixels.shape == first.shape
        assert not np.array_equal(gui.context.frame.pixels, first)
        state = gui.context.run
        wait(lambda: gui.context.run.complete)
        assert state.lively
        p = gui.context.run.p
        assert len(p) > 10
        assert np.isfinite(p).all()
        assert p.max() > 0
        assert [i.kind for i in state.images][:3] == ["reals", "init", "fakes"]
        said = [m for m in list(gui.app.messages.items)[asked:] if m.error]
        assert said == []

    client = RenderClient(EngineOptions(device="cpu", threads=1), on_wake=wake)
    try:
        drive(
            test,
            client=client,
            panels=PANELS,
            path=str(run),
            resolve=lambda text: locate.resolve(text),
            session=Session(),
            size=(900, 640),
            settle=False,
        )
        assert process.wait(LIMIT) == 0
    finally:
        process.kill()
        process.wait()
