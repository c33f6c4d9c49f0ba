"""Training comes to the front when a run is opened, and at no other time."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.runs import locate
from renderer.messages.request import Seed
from tests.common.runs.run_folders import START, line
from tests.viz.panels.training.watched_runs import WHOLE, make_run
from viz.panels import layers, picture, timeline, training
from viz.panels.training import quantities
from viz.session.session import Session

PANELS = (picture.PANEL, layers.PANEL, training.PANEL, timeline.PANEL)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return make_run(tmp_path / "00003-faces-auto")


def is_in_front(gui, title: str) -> bool:
    """Whether a panel is the one of its tabs that is seen."""
    window = gui.ctx.window_info(f"//{title}").window
    return bool(window.active and not window.hidden)


def arrive(gui) -> None:
    """Until the renderer and the disk have answered, and the layout has followed."""
    gui.settle()
    gui.frames(4)


def test_opening_a_run_brings_training_to_the_front(drive, run: Path, tmp_path: Path) -> None:
    def test(gui) -> None:
        gui.focus("Layers")
        assert not is_in_front(gui, "Training")
        gui.drop(run)
        arrive(gui)
        assert is_in_front(gui, "Training")
        assert is_in_front(gui, "Timeline"), "both at once: they are in different places"
        # What comes later takes nothing away from the user.
        gui.focus("Layers")
        with (run / "stats.jsonl").open("ab") as file:
            file.write(line(48, START + 60 * 48, p=0.5))
        (run / "network-snapshot-000048.pkl").write_bytes(WHOLE)
        gui.until(lambda: len(gui.context.snapshots) == 4)
        arrive(gui)
        assert is_in_front(gui, "Layers")
        # Neither does another snapshot of this run, nor the same one anew.
        gui.drop(run / "network-snapshot-000008.pkl")
        arrive(gui)
        gui.keys("Ctrl+R")
        arrive(gui)
        assert is_in_front(gui, "Layers")
        # But the run itself is asked for again, and another run is new.
        gui.drop(run)
        arrive(gui)
        assert is_in_front(gui, "Training")
        gui.focus("Layers")
        gui.drop(make_run(tmp_path / "00004-other") / "network-snapshot-000008.pkl")
        arrive(gui)
        assert is_in_front(gui, "Training")

    drive(test, panels=PANELS, resolve=locate.resolve)


def test_a_snapshot_outside_a_run_does_not(drive, tmp_path: Path) -> None:
    plain = tmp_path / "faces.pkl"
    plain.write_bytes(WHOLE)

    def test(gui) -> None:
        gui.focus("Layers")
        gui.drop(plain)
        arrive(gui)
        assert gui.app.cell.now.render.snapshot == str(plain)
        assert is_in_front(gui, "Layers")

    drive(test, panels=PANELS)


def test_a_run_of_the_command_line_does_and_the_last_session_does_not(drive, run: Path) -> None:
    newest = run / "network-snapshot-000024.pkl"

    def named(gui) -> None:
        arrive(gui)
        assert is_in_front(gui, "Training")

    drive(named, panels=PANELS, path=str(run), resolve=locate.resolve)

    def restored(gui) -> None:
        gui.focus("Layers")
        gui.until(lambda: gui.context.run is not None)
        arrive(gui)
        assert is_in_front(gui, "Layers")

    begun = Session().with_render(snapshot=str(newest), source=Seed(7))
    drive(restored, panels=PANELS, session=begun)


def test_metrics_come_first(drive, run: Path) -> None:
    for name in ("kid50k_full", "fid50k_full"):
        entry = '{"results": {"%s": 9.0}, "snapshot_pkl": "network-snapshot-000016.pkl"}\n'
        (run / f"metric-{name}.jsonl").write_text(entry % name)

    def test(gui) -> None:
        gui.until(lambda: gui.context.run is not None)
        names = [plot.name for plot in quantities.plots(gui.context.run)]
        assert names[:3] == ["fid50k_full", "kid50k_full", "Augmentation"]

    session = Session().with_render(snapshot=str(run / "network-snapshot-000016.pkl"))
    drive(test, panels=PANELS, session=session)
