"""What is said of a run's snapshots: the best one, stars, notes, and the menu on their pictures."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from imgui_bundle import imgui
from PIL import Image

from tests.viz.panels.training.watched_runs import at, begun, known, make_run, measured
from viz.disk import measuring
from viz.panels import picture, timeline, training

PANELS = (picture.PANEL, training.PANEL, timeline.PANEL)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Snapshots at 8, 16 and 24 kimg; by FD the second is the best, by precision the third."""
    folder = make_run(tmp_path / "00003-faces-auto")
    measured(folder, "fd2k_lite", {8: 40.0, 16: 22.5, 24: 31.0})
    measured(folder, "pr50k3_full_precision", {8: 0.2, 16: 0.4, 24: 0.6})
    for kimg in (8, 16, 24):
        grid = Image.fromarray(np.full((40, 80, 3), 8 * kimg, np.uint8))
        grid.save(folder / f"fakes{kimg:06}.png")
    return folder


def open_menu(gui, kimg: int) -> None:
    """Right-click the thumbnail of a snapshot in the Timeline."""
    gui.ctx.set_ref(gui.ctx.window_info("//Timeline/strip").window)
    gui.ctx.mouse_move(f"{kimg} kimg")
    gui.ctx.mouse_click(1)
    gui.frames(3)


def starred(drive, run: Path, home: Path) -> Path:
    """The file of the marks, once the snapshot at 8 kimg has a star."""

    def test(gui) -> None:
        known(gui)
        gui.app.actions.star_snapshot(at(run, 8), True)
        gui.settle()

    drive(test, panels=PANELS, session=begun(run))
    (file,) = (home / "runs").glob("*.json")
    return file


def test_the_best_snapshot_is_that_of_the_chosen_metric(drive, run: Path) -> None:
    def test(gui) -> None:
        known(gui)
        assert gui.context.marks.best == at(run, 16)
        assert "Best fd2k_lite: 22.5" in gui.context.marks.about(at(run, 16))
        gui.ctx.set_ref(gui.ctx.window_info("//Training/plots").window)
        gui.ctx.item_click("##plots/Best by pr50k3_full_precision")
        gui.frames(3)
        assert gui.context.marks.best == at(run, 24), "higher is better"
        assert gui.app.settings.now.monitor.judge == "pr50k3_full_precision"
        # A run that keeps few snapshots: the best of those that are left.
        gui.ctx.item_click("##plots/Best by fd2k_lite")
        Path(at(run, 16)).unlink()
        gui.until(lambda: len(gui.context.snapshots) == 2)
        gui.frames(2)
        assert gui.context.marks.best == at(run, 24)

    drive(test, panels=PANELS, session=begun(run))


def test_stars_and_notes_are_the_users_and_survive(drive, run: Path, home: Path) -> None:
    def first(gui) -> None:
        known(gui)
        open_menu(gui, 8)
        gui.ctx.item_click("//$FOCUSED/###Star")
        open_menu(gui, 16)
        gui.ctx.item_click("//$FOCUSED/##Note")
        gui.ctx.key_chars_append("eyes are right")
        gui.frames(2)
        gui.ctx.key_press(imgui.Key.enter)
        gui.settle()
        assert gui.context.marks.stars == {at(run, 8)}
        assert gui.context.marks.notes == {at(run, 16): "eyes are right"}

    drive(first, panels=PANELS, session=begun(run))
    assert not any("eyes" in file.read_text(errors="replace") for file in run.iterdir())
    assert [*(home / "runs").glob("*.json")], "they lie in the user's folder"
    moved = run.rename(run.with_name("moved"))

    def again(gui) -> None:
        known(gui)
        assert gui.context.marks.stars == {at(moved, 8)}, "it is the same run elsewhere"
        assert gui.context.marks.about(at(moved, 16))[-1] == "eyes are right"
        open_menu(gui, 8)
        gui.ctx.item_click("//$FOCUSED/###Star")
        gui.settle()
        assert not gui.context.marks.stars

    drive(again, panels=PANELS, session=begun(moved))

    def other(gui) -> None:
        known(gui)
        assert not gui.context.marks.notes, "another run has its own"

    second = make_run(run.with_name("second"), begun=1_800_000_000.0)
    drive(other, panels=PANELS, session=begun(second))


def test_marks_that_cannot_be_read_are_kept_beside(drive, run: Path, home: Path) -> None:
    file = starred(drive, run, home)
    file.write_text("{")

    def again(gui) -> None:
        known(gui)
        assert not gui.context.marks.stars
        gui.app.actions.star_snapshot(at(run, 16), True)
        gui.settle()

    drive(again, panels=PANELS, session=begun(run))
    assert file.with_suffix(".json.bad").read_text() == "{"
    assert "000016" in file.read_text()


def test_marks_behind_a_disk_that_failed_are_read_again(drive, run: Path, home: Path) -> None:
    file = starred(drive, run, home)
    aside = file.rename(home / "aside")
    file.mkdir()

    def again(gui) -> None:
        known(gui)
        gui.until(lambda: any("could not be read" in m.text for m in gui.app.messages.items))
        file.rmdir()
        aside.rename(file)
        gui.app.actions.star_snapshot(at(run, 16), True)
        gui.until(lambda: gui.context.marks.stars == {at(run, 8)})
        gui.app.actions.star_snapshot(at(run, 16), True)
        gui.settle()
        assert gui.context.marks.stars == {at(run, 8), at(run, 16)}

    drive(again, panels=PANELS, session=begun(run))


def test_the_picture_of_a_snapshot_in_training_has_the_same_menu(drive, run: Path) -> None:
    def test(gui) -> None:
        known(gui)
        gui.ctx.set_ref("Training")
        gui.ctx.mouse_move("##fakes picture")
        gui.ctx.mouse_click(1)
        gui.frames(3)
        gui.ctx.item_click("//$FOCUSED/###Star")
        gui.frames(3)
        assert gui.context.marks.stars == {at(run, 24)}

    drive(test, panels=PANELS, session=begun(run))


def test_a_snapshot_is_kept_beside(drive, run: Path) -> None:
    def test(gui) -> None:
        known(gui)
        open_menu(gui, 8)
        gui.ctx.item_click("//$FOCUSED/Keep beside")
        gui.settle()
        compare = gui.app.cell.now.compare
        assert compare.on
        assert [pane.render.snapshot for pane in compare.panes] == [at(run, 8)]

    drive(test, panels=PANELS, session=begun(run))


def test_a_snapshot_is_copied_whole_or_not_at_all(drive, run: Path, tmp_path: Path) -> None:
    target = tmp_path / "kept"
    target.mkdir()

    def test(gui) -> None:
        known(gui)
        open_menu(gui, 8)
        gui.ctx.item_click("//$FOCUSED/Copy to…")
        gui.settle()
        browser = gui.app.actions.dialogs.browser
        assert browser.name == "00003-faces-auto-network-snapshot-000008.pkl"
        browser.go(target)
        gui.settle()
        browser.name = "best.pkl"
        browser.choose()
        gui.settle()
        assert (target / "best.pkl").read_bytes() == Path(at(run, 8)).read_bytes()
        assert gui.app.messages.last.text == f"Copied to {target / 'best.pkl'}"
        # Where it cannot be written, nothing is left and the reason is said.
        gui.app.actions.copy_snapshot(at(run, 8))
        gui.app.actions.files.take("copy", str(tmp_path / "missing" / "best.pkl"))
        gui.settle()
        assert "missing/best.pkl: no such file" in gui.app.messages.last.text
        gui.app.actions.files.take("copy", at(run, 8))
        gui.settle()
        assert "is the snapshot itself" in gui.app.messages.last.text
        assert [file.name for file in target.iterdir()] == ["best.pkl"]

    drive(test, panels=PANELS, session=begun(run))


PROGRAM = """
import json, pathlib, sys, time
assert sys.argv[1:4] == ["metrics", "--network", {snapshot!r}]
assert sys.argv[4:] == ["--metrics", "fd2k_lite", "--progress"]
print("Data: faces.zip, 70 images", file=sys.stderr)
print("progress 0.25 fakes", file=sys.stderr, flush=True)
{then}
"""
VALUE = """
line = json.dumps({"results": {"fd2k_lite": 12.5, "fd2k_lite_floor": 9.0},
                   "snapshot_pkl": "network-snapshot-000008.pkl"})
print(line)
with open(pathlib.Path(sys.argv[3]).parent / "metric-fd2k_lite.jsonl", "a") as file:
    print(line, file=file)
"""
FAILURE = """
print("Error: faces.zip does not exist. Give --data.", file=sys.stderr)
sys.exit(1)
"""


@pytest.fixture
def program(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Puts something else into the place of the command line."""

    def put(then: str) -> None:
        file = tmp_path / "program.py"
        file.write_text(PROGRAM.format(snapshot=at(run, 8), then=then))
        monkeypatch.setattr(measuring, "PROGRAM", file)

    return put


def test_a_snapshot_is_measured_beside_the_window(drive, run: Path, program) -> None:
    def test(gui) -> None:
        known(gui)
        program(VALUE)
        open_menu(gui, 8)
        gui.ctx.item_click("//$FOCUSED/Measure now")
        gui.ctx.item_click("//###Menu_00/fd2k_lite")
        gui.until(lambda: gui.context.marks.best == at(run, 8))
        gui.settle()
        assert gui.context.marks.best_value == 12.5
        assert gui.app.messages.last.text == "network-snapshot-000008.pkl: fd2k_lite 12.5"
        program(FAILURE)
        gui.app.actions.measure_snapshot(at(run, 8), "fd2k_lite")
        gui.settle()
        assert gui.app.messages.last.error
        said = gui.app.messages.last.text
        assert "failed. faces.zip does not exist. Give --data." in said
        assert f"metrics --network {at(run, 8)}" in said, "where an option can be given"

    drive(test, panels=PANELS, session=begun(run))


def test_measuring_says_how_far_it_is_and_can_be_cancelled(drive, run: Path, program) -> None:
    def test(gui) -> None:
        known(gui)
        program("time.sleep(600)")
        gui.app.actions.measure_snapshot(at(run, 8), "fd2k_lite")
        gui.until(lambda: any(job.fraction == 0.25 for job in gui.context.jobs))
        (job,) = gui.context.jobs
        assert (job.text, job.label) == (
            "fakes",
            "Measuring fd2k_lite of network-snapshot-000008.pkl",
        )
        gui.app.actions.cancel_job(job.id)
        gui.settle()
        assert not gui.context.jobs
        assert gui.app.messages.last.text.endswith("cancelled.")
        # Closing the window ends it, too.
        gui.app.actions.measure_snapshot(at(run, 8), "fd2k_lite")
        gui.until(lambda: any(job.fraction == 0.25 for job in gui.context.jobs))

    app = drive(test, panels=PANELS, session=begun(run))
    (left,) = app.errands._running.values()
    left.thread.join(60)
    assert not left.thread.is_alive()


def test_the_program_that_measures_is_there() -> None:
    assert measuring.PROGRAM.is_file()
    assert sys.executable


def test_the_shown_snapshot_is_starred_and_kept_beside_by_commands(drive, run: Path) -> None:
    def test(gui) -> None:
        known(gui)
        gui.app.actions.run_command("snapshot.star")
        gui.settle()
        assert gui.context.marks.stars == {at(run, 24)}
        gui.app.actions.run_command("snapshot.beside")
        gui.settle()
        assert len(gui.app.cell.now.compare.panes) == 1

    drive(test, panels=PANELS, session=begun(run))
