"""The curves of a second run over those of the watched one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.common.runs.run_folders import START, line, state
from tests.viz.panels.training.watched_runs import begun, known, make_run, measured
from viz.panels import picture, timeline, training
from viz.panels.training import quantities
from viz.panels.training.axis import SharedAxis
from viz.panels.training.overlay_lines import OverlayLines

PANELS = (picture.PANEL, training.PANEL, timeline.PANEL)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = make_run(tmp_path / "00003-faces-auto")
    measured(folder, "fd2k_lite", {8: 40.0, 16: 22.5, 24: 31.0})
    return folder


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A run that began later, and has gone on for twice as long."""
    folder = make_run(tmp_path / "00004-faces-mirror", begun=START + 1e6)
    with (folder / "stats.jsonl").open("ab") as file:
        for kimg in range(44, 84, 4):
            file.write(line(kimg, START + 1e6 + 60 * kimg, p=0.2, Loss__r1_penalty=2.0))
    measured(folder, "fd2k_lite", {8: 30.0, 16: 20.0, 80: 10.0})
    return folder


def plots(gui):
    return gui.panel("Training")._plots


def compare(gui, path: Path) -> None:
    """Through the dialog, as a user does."""
    gui.ctx.set_ref("Training")
    gui.ctx.item_click("###Run")
    gui.ctx.item_click("//$FOCUSED/Compare with run…")
    gui.settle()
    browser = gui.app.actions.dialogs.browser
    browser.go(path)
    gui.settle()
    browser.choose()
    gui.settle()
    gui.frames(3)


def test_a_second_run_is_drawn_over_the_first_and_followed(drive, run: Path, other: Path) -> None:
    def test(gui) -> None:
        known(gui)
        gui.focus("Training")
        alone = plots(gui)._axis.high
        assert alone < 45
        compare(gui, other)
        overlay = gui.context.overlay
        assert overlay.path == str(other)
        assert len(overlay.run.kimg) == 21
        assert plots(gui)._axis.high > 80, "both are seen as a whole, on one axis"
        assert len(plots(gui)._axis.ticks) == 11, "the cursor reads the watched run"
        with (other / "stats.jsonl").open("ab") as file:
            file.write(line(120, START + 2e6, p=0.3))
        gui.until(lambda: len(gui.context.overlay.run.kimg) == 22)
        gui.frames(3)
        assert plots(gui)._axis.high > 120
        gui.ctx.set_ref("Training")
        gui.ctx.item_click("###Compare no longer")
        gui.frames(3)
        assert gui.context.overlay is None
        assert plots(gui)._axis.high == alone

    drive(test, panels=PANELS, session=begun(run))


def test_which_run_a_run_is_compared_with_is_remembered(drive, run: Path, other: Path) -> None:
    def first(gui) -> None:
        known(gui)
        gui.app.actions.overlay_run(str(other))
        gui.settle()

    drive(first, panels=PANELS, session=begun(run))

    def again(gui) -> None:
        known(gui)
        gui.until(lambda: gui.context.overlay is not None)
        assert gui.context.overlay.path == str(other)
        # Another run was compared with none.
        gui.app.actions.open_snapshot(str(other / "network-snapshot-000008.pkl"))
        gui.settle()
        gui.until(lambda: gui.context.run is not None and gui.context.run.path == str(other))
        gui.settle()
        assert gui.context.overlay is None

    drive(again, panels=PANELS, session=begun(run))


def test_a_run_that_is_gone_is_said_and_can_be_taken_away(drive, run: Path, tmp_path: Path) -> None:
    def test(gui) -> None:
        known(gui)
        gui.focus("Training")
        gui.app.actions.overlay_run(str(tmp_path / "gone"))
        gui.settle()
        gui.frames(3)
        assert not gui.context.overlay.run.exists
        gui.ctx.set_ref("Training")
        gui.ctx.item_click("###Compare no longer")
        gui.frames(2)
        assert gui.context.overlay is None

    drive(test, panels=PANELS, session=begun(run))


def test_what_a_logarithmic_axis_cannot_show_is_left_out() -> None:
    kimg = np.arange(0.0, 40.0)
    penalty = np.where(kimg < 3, 0.0, 10.0 ** (kimg / 8 - 3))
    overlay, axis = OverlayLines(), SharedAxis()
    run = state(kimg, Loss__r1_penalty=penalty)
    (plot,) = (p for p in quantities.plots(run) if p.name == "R1")
    overlay.begin(run, "kimg")
    axis.begin(run, "kimg", overlay.ends)
    ((index, found),) = overlay.of(plot, axis, 0.5, 400, log=True)
    assert index == 0
    assert found.log
    assert found.raw.min() > 0
    assert np.isfinite(found.smooth).all()
    ((_, found),) = overlay.of(plot, axis, 0.5, 400, log=False)
    assert found.raw.min() == 0


def test_no_value_is_told_where_the_other_run_has_not_come_so_far() -> None:
    overlay, axis = OverlayLines(), SharedAxis()
    run = state(np.arange(0.0, 40.0), p=np.linspace(0, 0.39, 40))
    plot = quantities.plots(run)[0]
    overlay.begin(run, "kimg")
    assert overlay.value(plot, plot.curves[0], axis, 10.2) == pytest.approx(0.1)
    assert np.isnan(overlay.value(plot, plot.curves[0], axis, 60.0))
    overlay.begin(None, "kimg")
    assert np.isnan(overlay.value(plot, plot.curves[0], axis, 10.2))
