"""The Training panel: what it shows of a run, what the mouse does, and what it follows."""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from imgui_bundle import imgui
from PIL import Image

from common.runs.follow import RunReader
from common.runs.state import RunState
from renderer.messages.jobs import Load
from renderer.messages.request import Seed, Truncation
from tests.common.runs.run_folders import REAL, START, line
from tests.viz.conftest import PATIENCE, FakeClient
from viz.disk.store import Store
from viz.panels import picture, training
from viz.panels.training import watch
from viz.session.session import Session


def panels() -> tuple:
    return picture.PANEL, training.PANEL


SMALL = (800, 640)


def at(run: Path, kimg: int) -> str:
    return str(run / f"network-snapshot-{kimg:06d}.pkl")


def write_snapshot(run: Path, kimg: int) -> None:
    """Whole, as far as can be told from outside; the fake client opens anything."""
    temporary = run / "temporary"
    temporary.write_bytes(b"\x80\x04" + bytes(kimg) + b".")
    os.replace(temporary, at(run, kimg))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Ticks every 4 kimg up to 40, snapshots every 8, pictures."""
    folder = tmp_path / "00003-faces-auto"
    folder.mkdir()
    shutil.copy(REAL / "training_options.json", folder)
    kimg = range(0, 44, 4)
    lines = (line(k, START + 60 * k, p=k / 100, r_t=0.6, Loss__r1_penalty=1.0) for k in kimg)
    (folder / "stats.jsonl").write_bytes(b"".join(lines))
    for k in range(8, 44, 8):
        write_snapshot(folder, k)
    grid = Image.fromarray(np.zeros((40, 80, 3), np.uint8))
    for name in ("fakes_init.png", "fakes000020.png", "fakes000040.png", "reals.png"):
        grid.save(folder / name)
    return folder


def session(run: Path, kimg: int) -> Session:
    truncation = Truncation(0.65)
    return Session().with_render(snapshot=at(run, kimg), source=Seed(7), truncation=truncation)


def rect(gui, plot: str) -> tuple[float, float, float, float]:
    """Where a plot is on the screen: left, top, right, bottom, with its labels."""
    gui.ctx.set_ref(gui.ctx.window_info("//Training/plots").window)
    info = gui.ctx.item_info(f"##plots/##{plot}")
    assert info.id_ != 0, plot
    box = info.rect_full
    return box.min.x, box.min.y, box.max.x, box.max.y


def to(gui, plot: str, share: float) -> None:
    """Move the mouse over a plot; share: of its width, from left."""
    left, top, right, bottom = rect(gui, plot)
    gui.ctx.mouse_move_to_pos((left + share * (right - left), (top + bottom) / 2))
    gui.frames(2)


def click(gui, plot: str, share: float) -> None:
    to(gui, plot, share)
    gui.ctx.mouse_click(0)
    gui.frames(2)


def axis(gui) -> object:
    return gui.panel("Training")._plots._axis


def test_a_click_on_a_plot_shows_the_nearest_snapshot_at_the_same_latent(drive, run: Path) -> None:
    def test(gui) -> None:
        before = gui.app.cell.now.render
        for share, kimg in ((0.999, 40), (0.68, 24), (0.2, 8)):
            click(gui, "R1", share)
            gui.until(lambda kimg=kimg: gui.app.cell.now.render.snapshot == at(run, kimg))
            gui.settle()
        after = gui.app.cell.now.render
        assert (after.source, after.truncation) == (before.source, before.truncation)
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render.snapshot == at(run, 24), "a click is a step of undo"
        # A drag moves the axis and shows nothing.
        gui.ctx.mouse_wheel_y(6)
        gui.frames(2)
        to(gui, "R1", 0.9)
        gui.ctx.mouse_drag_with_delta((-60, 0))
        gui.frames(40)
        assert gui.app.cell.now.render.snapshot == at(run, 24)

    drive(test, panels=panels(), session=session(run, 40), size=SMALL)


def test_all_plots_are_zoomed_together_and_a_double_click_brings_all_back(drive, run: Path) -> None:
    def test(gui) -> None:
        shared = axis(gui)
        whole = shared.low, shared.high
        assert whole[0] < 0 < 40 < whole[1]
        to(gui, "R1", 0.7)
        assert shared.cursor is not None
        gui.ctx.mouse_wheel_y(5)
        gui.frames(3)
        zoomed = shared.low, shared.high
        assert whole[0] < zoomed[0] < zoomed[1] < whole[1]
        io = imgui.get_io()
        io.mouse_single_click_delay, io.mouse_double_click_time = 6.0, 5.0  # frames may be slow
        gui.ctx.mouse_double_click(0)
        gui.frames(6)
        assert (shared.low, shared.high) == whole
        io.mouse_double_click_time = 0.0
        gui.frames(3)
        assert gui.app.cell.now.render.snapshot == at(run, 40), "it is no click"
        to(gui, "Augmentation", 0.7)
        gui.ctx.mouse_wheel_y(3)
        gui.ctx.set_ref("Training")
        gui.ctx.item_click("Axis/hours")
        gui.frames(2)
        assert shared.high == pytest.approx(40 * 60 / 3600, rel=0.05), "seen as a whole again"
        assert gui.app.settings.now.monitor.axis == "hours"

    drive(test, panels=panels(), session=session(run, 40), size=SMALL)


def test_what_is_shown_is_remembered(drive, run: Path, home: Path) -> None:
    def first(gui) -> None:
        gui.ctx.set_ref("Training")
        gui.ctx.item_click("Plots")
        gui.ctx.item_click("//$FOCUSED/R1")
        gui.ctx.item_click("//$FOCUSED/Augmentation")
        gui.ctx.item_click("//$FOCUSED/Augmentation")
        gui.ctx.key_press(imgui.Key.escape)
        gui.ctx.item_input_value("##Smoothing", 0.25)
        assert gui.app.settings.now.monitor.plots == {"R1": False}, (
            "what is as by default is not kept"
        )

    drive(first, panels=panels(), session=session(run, 40), size=SMALL)
    kept = Store(home).load_settings().monitor
    assert kept.plots == {"R1": False}
    assert kept.smoothing == 0.25


def test_a_new_snapshot_swaps_in_by_itself(drive, run: Path) -> None:
    client = FakeClient()

    def test(gui) -> None:
        before = gui.app.cell.now
        gui.settle()
        write_snapshot(run, 48)
        gui.until(lambda: gui.app.cell.now.render.snapshot == at(run, 48))
        gui.settle()
        assert gui.app.cell.now == before.with_render(snapshot=at(run, 48))
        assert not gui.app.cell.can_undo, "nobody did anything"
        assert [s.kimg for s in gui.context.snapshots] == [8, 16, 24, 32, 40, 48]
        # Half written, and then to its end.
        Path(at(run, 56)).write_bytes(b"\x80\x04 half")
        gui.until(lambda: len(gui.context.writing) == 1)
        gui.frames(5)
        assert gui.app.cell.now.render.snapshot == at(run, 48)
        write_snapshot(run, 56)
        gui.until(lambda: gui.app.cell.now.render.snapshot == at(run, 56))
        assert gui.context.writing == ()

    drive(test, client=client, panels=panels(), session=session(run, 40), size=SMALL)


def test_following_waits_while_the_user_looks_at_another_snapshot(drive, run: Path) -> None:
    def test(gui) -> None:
        gui.ctx.set_ref("Training")
        gui.app.actions.show_snapshot(at(run, 16))
        gui.settle()
        assert gui.context.watch.paused
        write_snapshot(run, 48)
        gui.until(lambda: len(gui.context.snapshots) == 6)
        gui.frames(10)
        assert gui.app.cell.now.render.snapshot == at(run, 16)
        gui.ctx.item_click("Resume")
        gui.until(lambda: gui.app.cell.now.render.snapshot == at(run, 48))
        assert not gui.context.watch.paused
        # Coming back to the newest by hand is resuming, too.
        gui.app.actions.show_snapshot(at(run, 40))
        gui.settle()
        gui.app.actions.show_snapshot(at(run, 48))
        gui.settle()
        write_snapshot(run, 56)
        gui.until(lambda: gui.app.cell.now.render.snapshot == at(run, 56))
        gui.keys("Ctrl+Shift+F")
        assert not gui.app.settings.now.monitor.follow
        write_snapshot(run, 64)
        gui.until(lambda: len(gui.context.snapshots) == 8)
        gui.frames(10)
        assert gui.app.cell.now.render.snapshot == at(run, 56)
        gui.ctx.item_click("###Follow")
        gui.until(lambda: gui.app.cell.now.render.snapshot == at(run, 64))

    drive(test, panels=panels(), session=session(run, 40), size=SMALL)


def test_a_file_outside_the_run_keeps_the_run_and_another_run_takes_its_place(
    drive, run: Path, tmp_path: Path
) -> None:
    outside, other = tmp_path / "elsewhere" / "faces.pkl", tmp_path / "00001-other"
    for folder in (outside.parent, other):
        folder.mkdir()
    outside.write_bytes(b"\x80\x04 a network.")
    write_snapshot(other, 8)

    def test(gui) -> None:
        gui.app.actions.open_snapshot(str(outside))
        gui.settle()
        gui.frames(10)
        assert gui.app.cell.now.render.snapshot == str(outside)
        assert gui.context.watch.path == str(run)
        assert gui.context.run is not None
        assert not gui.context.watch.chosen, "nobody chose it by hand"
        gui.app.actions.open_snapshot(at(other, 8))
        gui.until(lambda: gui.context.watch.path == str(other))
        gui.until(lambda: len(gui.context.snapshots) == 1)

    drive(test, panels=panels(), session=session(run, 40), size=SMALL)


def test_a_failed_load_is_tried_again_when_the_file_changes(drive, run: Path) -> None:
    client = FakeClient()
    whole = client.start

    def test(gui) -> None:
        client.start = lambda work: whole(work if "056" not in work.path else Load("missing"))
        write_snapshot(run, 56)
        gui.until(lambda: "missing: no such file" in gui.app.messages.last.text)
        gui.frames(10)
        assert gui.app.cell.now.render.snapshot == at(run, 40)
        assert not gui.context.watch.paused
        client.start = whole
        gui.frames(10)
        assert gui.app.cell.now.render.snapshot == at(run, 40), "the same bytes fail again"
        Path(at(run, 56)).write_bytes(b"\x80\x04 written again.")
        gui.until(lambda: gui.app.cell.now.render.snapshot == at(run, 56))

    drive(test, client=client, panels=panels(), session=session(run, 40), size=SMALL)


def test_a_file_that_is_written_over_and_over_is_shown_every_time(drive, tmp_path: Path) -> None:
    run = tmp_path / "fork"
    run.mkdir()
    path = run / "network-snapshot.pkl"
    path.write_bytes(b"\x80 first.")
    client = FakeClient()

    def test(gui) -> None:
        gui.settle()
        pictures = len(client.requests)
        loads: list[str] = []
        start = client.start
        client.start = lambda work: loads.append(work.path) or start(work)
        path.write_bytes(b"\x80 second one.")
        gui.until(lambda: len(loads) == 1)
        gui.settle()
        assert loads == [str(path)]
        assert len(client.requests) == pictures + 1, "rendered with the new weights"

    begun = Session().with_render(snapshot=str(path))
    drive(test, client=client, panels=panels(), session=begun, size=SMALL)


def test_a_run_without_a_snapshot_is_watched_until_it_has_one(drive, tmp_path: Path) -> None:
    run = tmp_path / "00000-new"
    run.mkdir()
    shutil.copy(REAL / "training_options.json", run)

    def no_snapshot(text: str) -> Path:
        from common.runs import locate

        return locate.resolve(text)

    def test(gui) -> None:
        assert gui.app.cell.now.render.snapshot.endswith("busts128.safetensors")
        assert gui.context.watch.path == str(run)
        assert gui.context.run is not None
        assert not len(gui.context.run.kimg)
        (run / "stats.jsonl").write_bytes(line(0.1, p=0.01))
        gui.until(lambda: len(gui.context.run.kimg) == 1)
        gui.frames(3)
        rect(gui, "Augmentation")
        before = gui.app.cell.now.render
        write_snapshot(run, 4)
        gui.until(lambda: gui.app.cell.now.render.snapshot == at(run, 4))
        after = gui.app.cell.now.render
        assert (after.source, after.truncation) == (before.source, before.truncation)
        assert not gui.context.watch.chosen, "it is the open snapshot's run now"

    drive(test, panels=panels(), path=str(run), resolve=no_snapshot, size=SMALL)


class StallingReader:
    """A folder on a network that answers once and then no more, until it is let go."""

    released = threading.Event()

    def __init__(self, path: str) -> None:
        self._reader = RunReader(path)
        self._polls = 0

    def poll(self) -> RunState:
        self._polls += 1
        if self._polls > 1 and "faces" in str(self._reader._path):
            self.released.wait(PATIENCE)
        return self._reader.poll()


def test_a_disk_that_hangs_stops_neither_the_window_nor_the_next_run(
    drive, run: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(watch, "SILENT", 0.2)
    other = tmp_path / "other"
    shutil.copytree(run, other)

    def test(gui) -> None:
        gui.app.run_watch.make_reader = StallingReader
        gui.app.actions.watch_run(str(run))
        gui.until(lambda: gui.context.watch.silent > 0.3)
        silent = gui.context.watch.silent
        frames = imgui.get_frame_count()
        gui.frames(20)
        assert imgui.get_frame_count() >= frames + 20
        assert gui.context.watch.silent > silent
        assert len(gui.context.run.kimg) == 11, "what was read stays"
        gui.keys("Right")
        gui.settle()
        assert gui.context.frame.request == gui.app.cell.now.render
        # Another run is watched at once.
        gui.app.actions.watch_run(str(other))
        gui.until(lambda: gui.context.run is not None and not gui.context.watch.silent)
        assert gui.context.watch.path == str(other)
        # And the first one where its disk answers again.
        gui.app.actions.watch_run(str(run))
        gui.until(lambda: gui.context.watch.silent > 0)
        StallingReader.released.set()
        gui.until(lambda: gui.context.watch.silent == 0)

    StallingReader.released.clear()
    try:
        began = time.monotonic()
        drive(test, panels=panels(), session=session(run, 40), size=SMALL)
        assert time.monotonic() - began < PATIENCE, "the end does not wait for the disk"
    finally:
        StallingReader.released.set()


class FaultyReader:
    """Trips over the second look, and reads on at the third."""

    def __init__(self, path: str) -> None:
        self._reader = RunReader(path)
        self.faults = iter([False, True, True])

    def poll(self) -> RunState:
        if next(self.faults, False):
            raise ValueError("a line that nobody thought of")
        return self._reader.poll()


def test_a_fault_of_ours_in_reading_is_said_and_got_over(drive, run: Path, capsys) -> None:
    said: list[str] = []

    def test(gui) -> None:
        def make(path: str) -> watch.Reader:
            reader = FaultyReader(path)
            poll = reader.poll

            def noted() -> RunState:
                said.append(gui.context.run.problem if gui.context.run else "")
                return poll()

            reader.poll = noted
            return reader

        gui.app.run_watch.make_reader = make
        gui.app.actions.watch_run(str(run))
        gui.until(lambda: any("nobody thought of" in text for text in said))
        gui.until(lambda: gui.context.run is not None and not gui.context.run.problem)
        assert len(gui.context.run.kimg) == 11

    drive(test, panels=panels(), session=session(run, 40), size=SMALL)
    assert "ValueError" in capsys.readouterr().err


def test_a_run_that_is_deleted_while_it_is_watched(drive, run: Path) -> None:
    def test(gui) -> None:
        shutil.rmtree(run)
        gui.until(lambda: not gui.context.run.exists)
        gui.frames(3)
        assert len(gui.context.run.kimg) == 11
        gui.keys("Right")
        gui.frames(5)

    drive(test, panels=panels(), session=session(run, 40), size=SMALL)


def test_stepping_through_fakes_and_enlarging_them(drive, run: Path) -> None:
    def test(gui) -> None:
        pictures = gui.panel("Training")._pictures
        fakes = [i for i in gui.context.run.images if i.kind != "reals"]
        gui.ctx.set_ref("Training")
        gui.ctx.item_click("###fakes before")
        assert fakes[pictures._index(fakes)].kimg == 20
        gui.ctx.item_click("##fakes picture")
        gui.frames(2)
        gui.ctx.key_press(imgui.Key.left_arrow)
        gui.frames(2)
        assert fakes[pictures._index(fakes)].kind == "init"
        assert gui.app.cell.now.render.source == Seed(7), "the arrows belong to the pop-up"
        gui.ctx.key_press(imgui.Key.escape)
        # The newest one is shown again as soon as it is stepped to, also when more come.
        gui.ctx.item_click("###fakes after")
        gui.ctx.item_click("###fakes after")
        shutil.copy(run / "reals.png", run / "fakes000048.png")
        gui.until(lambda: len(gui.context.run.images) == 5)
        fakes = [i for i in gui.context.run.images if i.kind != "reals"]
        assert fakes[pictures._index(fakes)].kimg == 48

    drive(test, panels=panels(), session=session(run, 40), size=SMALL)


def test_without_a_run_it_says_what_to_do(drive) -> None:
    def test(gui) -> None:
        assert gui.context.run is None
        gui.ctx.set_ref("Training")
        assert gui.ctx.item_info("###Watch a run").id_ != 0
        asked: list[str] = []
        gui.app.actions.dialogs.open = lambda purpose, *_: asked.append(purpose)
        gui.ctx.item_click("###Watch a run")
        gui.settle()
        assert asked == ["run"]

    drive(test, panels=panels())
