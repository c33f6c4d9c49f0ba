"""The window with a renderer on another machine: here another process, behind a command's pipes."""

from __future__ import annotations

import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from imgui_bundle import imgui
from PIL import Image

from renderer.client import reconnecting
from renderer.client.client import RenderClient
from renderer.messages.request import RenderRequest, Seed
from tests.paths import DATA
from tests.renderer.client.client_kit import FAKE, far, snapshot
from tests.viz.shell.test_text_fits import Watcher
from viz.desk import reaching
from viz.desk.settings import Settings
from viz.disk.dialogs import dialogs
from viz.panels import discover
from viz.session.session import Session
from viz.shell.waking import wake

RUN = DATA / "earth64-run"
PICTURE = tuple(panel for panel in discover() if panel.title == "Picture")


def connect(pipeline: str | None = FAKE) -> RenderClient:
    env = {} if pipeline is None else {"GANSCOPE_PIPELINE": pipeline}
    return RenderClient(on_wake=wake, elsewhere=far(), env=env)


def show_seed(gui, seed: int) -> None:
    session = gui.app.cell.now
    gui.app.cell.set(session.with_render(source=Seed(seed)))


def shown(gui) -> int:
    """The seed that a picture of the fake pipeline shows, once it is exact."""
    gui.settle()
    # What was answered before a line was lost is sent again, at first as it moves.
    gui.until(lambda: gui.context.frame.info.draft is None)
    frame = gui.context.frame
    assert frame.request == gui.app.cell.now.render
    (value,) = np.unique(frame.pixels)
    return int(value)


def test_the_window_opens_what_lies_there_and_keeps_what_it_makes_here(
    drive, tmp_path: Path
) -> None:
    net = snapshot(tmp_path, size=300)
    client = connect()

    def test(gui) -> None:
        assert gui.context.engine.hello.host
        show_seed(gui, 7)
        assert shown(gui) == 7
        gui.app.actions.capture_picture()
        gui.until(lambda: gui.context.captured)
        with Image.open(gui.context.captured[0].path) as picture:
            assert set(np.unique(np.asarray(picture))) <= {7, 255}
        gui.app.actions.browse("snapshot")
        browser = gui.app.actions.dialogs.browser
        assert browser is not None, "never the system's dialog, which shows this machine"
        browser.contents.filter(replace(browser.contents.filters, all_files=True))
        gui.until(lambda: any(entry.name == "net" for entry in browser.contents.entries))
        assert browser.kind.title.endswith(" on farland")
        assert browser._disk is client.disk
        browser.cancel()

    drive(test, client=client, disk=client.disk, path=net, panels=PICTURE)


def test_a_dialog_for_this_machine_offers_no_folder_of_the_host(
    drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogs, "native", lambda: False)
    net = snapshot(tmp_path)
    client = connect()

    def test(gui) -> None:
        offered = {}
        for purpose in ("snapshot", "session"):
            gui.app.actions.browse(purpose)
            browser = gui.app.actions.dialogs.browser
            offered[purpose] = [place.folder for place in browser.places]
            browser.cancel()
            gui.frames(2)
        assert tmp_path in offered["snapshot"]
        assert tmp_path not in offered["session"]

    drive(test, client=client, disk=client.disk, path=net, panels=PICTURE)


def test_a_run_there_is_followed_with_its_statistics_and_pictures(drive, tmp_path: Path) -> None:
    run = tmp_path / "00000-far"
    shutil.copytree(RUN, run)
    Image.fromarray(np.full((64, 64, 3), 200, np.uint8)).save(run / "fakes000040.png")
    client = connect(None)

    def test(gui) -> None:
        gui.until(lambda: gui.context.run is not None and len(gui.context.run.kimg) > 3)
        assert [Path(entry.path).name for entry in gui.context.snapshots]
        assert gui.context.snapshots[0].path.startswith(str(run))
        (picture,) = gui.context.run.images
        gui.until(lambda: gui.context.files.get(picture.path, picture.modified) is not None)
        assert not isinstance(gui.context.files.get(picture.path, picture.modified), str)

    drive(test, client=client, disk=client.disk, path=str(run))


def test_what_is_dropped_lies_here_and_the_renderer_does_not(drive, tmp_path: Path) -> None:
    net = snapshot(tmp_path)
    (tmp_path / "mine.pkl").write_bytes(b"\x80\x04.")
    client = connect()

    def test(gui) -> None:
        from viz.shell.dropping import drop

        drop([str(tmp_path / "mine.pkl")], gui.app.actions, gui.app.tasks, far=gui.app.far)
        gui.settle()
        assert "mine.pkl lies on this machine" in gui.app.messages.last.text
        assert gui.app.cell.now.render.snapshot == net

    drive(test, client=client, disk=client.disk, path=net, panels=PICTURE)


def test_a_line_that_is_cut_leaves_the_session_as_it_is(
    drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnecting, "FIRST", 0.01)
    net = snapshot(tmp_path, size=100)
    client = connect()

    def test(gui) -> None:
        for seed in range(1, 6):
            show_seed(gui, seed)
            gui.frames(seed)  # each time at another moment
            os.kill(client.pid, signal.SIGKILL)
            gui.until(lambda: gui.context.engine.state != "ready")
            gui.until(lambda: gui.context.engine.state == "ready")
            assert shown(gui) == seed
        assert "again" in gui.context.engine.text or gui.app.messages.items
        for seed in (4, 3, 2, 1):
            gui.app.actions.undo()
            assert shown(gui) == seed

    drive(test, client=client, disk=client.disk, path=net, panels=PICTURE)


def test_a_command_that_waits_is_shown_and_can_be_given_up_and_tried_again(drive) -> None:
    code = "import sys, time; sys.stderr.write('job 7 queued\\n'); sys.stderr.flush()\n"
    client = RenderClient(on_wake=wake, elsewhere=far("-c", code + "time.sleep(36000)"))

    def test(gui) -> None:
        for bar in ("**", "Picture"):
            gui.until(lambda: said_by(gui) == ("job 7 queued",))
            assert reaching.brief(gui.context.engine).startswith("farland: connecting, ")
            assert "job 7 queued" in reaching.story(gui.context.engine)
            first = client.pid
            gui.ctx.item_click(f"{bar}/Cancel" if bar == "Picture" else "**/###Cancel renderer")
            gui.until(lambda: gui.context.engine.state == "failed")
            gui.frames(2)
            assert "not connected" in reaching.brief(gui.context.engine)
            assert client.pid is None
            assert not gui.app.messages.toasts, "the user knows"
            again = f"{bar}/Try again" if bar == "Picture" else "**/###Try again renderer"
            gui.ctx.item_click(again)
            gui.until(lambda first=first: client.pid not in (None, first))

    drive(test, client=client, disk=client.disk, panels=PICTURE, settle=False)


def said_by(gui) -> tuple[str, ...]:
    line = gui.context.engine.line
    return () if line is None else line.said


def test_a_lost_line_is_told_in_one_place_and_tried_now_when_asked(
    drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnecting, "FIRST", 36000.0)
    client = connect()

    def test(gui) -> None:
        assert gui.context.elsewhere == "farland"
        os.kill(client.pid, signal.SIGKILL)
        gui.until(lambda: gui.context.engine.state == "restarting")
        gui.frames(2)
        assert "farland: connection lost, trying again in " in reaching.brief(gui.context.engine)
        assert not gui.app.messages.toasts
        assert not any("lost" in message.text for message in gui.app.messages.items)
        gui.ctx.item_click("**/###Try now renderer")
        gui.until(lambda: gui.context.engine.state == "ready")
        show_seed(gui, 3)
        assert shown(gui) == 3

    drive(test, client=client, disk=client.disk, path=snapshot(tmp_path), panels=PICTURE)


def test_what_the_host_has_fills_in_by_itself_once_it_is_there(drive, tmp_path: Path) -> None:
    run, up = tmp_path / "00000-far", tmp_path / "up"
    shutil.copytree(RUN, run)
    newest = str(sorted(run.glob("network-snapshot-*"))[-1])
    code = (
        "import os, runpy, sys\n"
        f"if not os.path.exists({str(up)!r}): sys.exit('connect to farland: Connection refused')\n"
        "runpy.run_module('renderer.server', run_name='__main__')\n"
    )
    client = RenderClient(on_wake=wake, elsewhere=far("-c", code))
    session = Session(RenderRequest(snapshot=newest))
    settings = Settings(recent=(newest,), capture_folder=str(tmp_path / "captures"))

    def test(gui) -> None:
        gui.until(lambda: gui.context.engine.state == "failed")
        gui.frames(20)
        assert gui.context.run is None
        told = reaching.story(gui.context.engine)
        assert told.startswith("connect to farland: Connection refused")
        assert "No renderer at" not in told, "it is the heading"
        up.touch()
        gui.ctx.item_click("**/###Try again renderer")
        gui.until(lambda: gui.context.engine.state == "ready")
        gui.until(lambda: gui.context.run is not None and len(gui.context.run.kimg) > 3)
        gui.until(lambda: newest in [entry.path for entry in gui.context.snapshots])
        gui.until(lambda: [entry.exists for entry in gui.context.recent] == [True])
        gui.until(lambda: gui.context.frame is not None)

    drive(
        test,
        client=client,
        disk=client.disk,
        session=session,
        settings=settings,
        settle=False,
    )


def test_what_cannot_be_done_from_here_is_grey_and_says_why(drive, tmp_path: Path) -> None:
    run = tmp_path / "00000-far"
    shutil.copytree(RUN, run)
    client = connect(None)

    def test(gui) -> None:
        gui.until(lambda: gui.context.snapshots)
        commands = {command.name: command for command in gui.app.commands}
        for name in ("snapshot.measure", "projection.add"):
            assert not commands[name].enabled(gui.app)
            assert "farland" in commands[name].explain(gui.app)
        gui.ctx.key_press(int(imgui.Key.mod_ctrl) | int(imgui.Key.j))
        gui.frames(2)
        assert gui.app.actions.dialogs.browser is None
        assert "A projection keeps its files" in gui.app.messages.last.text
        gui.ctx.key_press(int(imgui.Key.mod_ctrl) | int(imgui.Key.mod_shift) | int(imgui.Key.c))
        gui.frames(2)
        assert "Run it on farland" in gui.app.messages.last.text
        gui.focus("Projection")
        gui.ctx.item_click("Projection/###Add")
        assert gui.app.actions.dialogs.browser is None
        gui.focus("Training")
        gui.ctx.item_click("Training/**/###Run")
        revealed: list[str] = []
        gui.app.actions.reveal = revealed.append
        gui.ctx.item_click("**/Show in file manager")
        assert not revealed
        gui.ctx.key_press(imgui.Key.escape)

    drive(test, client=client, disk=client.disk, path=str(run))


def test_what_is_opened_without_a_line_opens_when_it_is_back(
    drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnecting, "FIRST", 36000.0)
    client, other = connect(), snapshot(tmp_path, "other")

    def test(gui) -> None:
        os.kill(client.pid, signal.SIGKILL)
        gui.until(lambda: gui.context.engine.state == "restarting")
        gui.app.actions.open_snapshot(other)
        gui.until(lambda: not gui.app.tasks.pending)
        assert gui.context.load_failure is None
        assert "when farland is back" in gui.app.messages.last.text
        client.restart()
        gui.until(lambda: gui.app.cell.now.render.snapshot == other)

    drive(test, client=client, disk=client.disk, path=snapshot(tmp_path), panels=PICTURE)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_line_at_the_bottom_fits_while_the_renderer_is_away(
    drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scale: float
) -> None:
    monkeypatch.setattr(reconnecting, "FIRST", 999.0)
    place = replace(far(), name="somebody@gpu-node-7.cluster.example.org:2296")
    client = RenderClient(on_wake=wake, elsewhere=place, env={"GANSCOPE_PIPELINE": FAKE})
    watcher = Watcher(monkeypatch)

    def test(gui) -> None:
        gui.app.messages.add(f"Saved {tmp_path}/a picture of a head.png", file=str(tmp_path))
        gui.frames(2)
        assert gui.ctx.item_exists("**/###reveal")
        os.kill(client.pid, signal.SIGKILL)
        gui.until(lambda: gui.context.engine.state == "restarting")
        gui.frames(2)
        watcher.on = True
        gui.frames(1)
        watcher.on = False
        line = [item for item in watcher.items if "status" in item.window.lower()]
        assert {"Try now", "Cancel"} <= {item.text for item in line}
        assert any("connection lost, trying again in " in item.text for item in line)
        assert not [item for item in line if item.fault]
        assert not any("latency" in item.text for item in line)
        assert not gui.ctx.item_exists("**/###reveal")

    net = snapshot(tmp_path, "network-snapshot-025000-of-a-long-training")
    drive(
        test,
        client=client,
        disk=client.disk,
        path=net,
        panels=PICTURE,
        size=(1440, 900),
        settings=Settings(scale=scale),
    )


def test_a_picture_that_was_asked_for_while_there_was_no_line_tells_no_latency(
    drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnecting, "FIRST", 36000.0)
    client = connect()

    def test(gui) -> None:
        def told() -> int:
            return len(gui.context.meters.latency_ms)

        show_seed(gui, 1)
        assert shown(gui) == 1
        before = told()
        assert before
        os.kill(client.pid, signal.SIGKILL)
        gui.until(lambda: gui.context.engine.state == "restarting")
        show_seed(gui, 2)
        gui.frames(3)
        client.restart()
        gui.until(lambda: gui.context.engine.state == "ready")
        assert shown(gui) == 2
        assert told() == before
        show_seed(gui, 3)
        assert shown(gui) == 3
        assert told() > before

    drive(test, client=client, disk=client.disk, path=snapshot(tmp_path), panels=PICTURE)
