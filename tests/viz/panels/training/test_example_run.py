"""The run that comes along: a run like any other, small, and opened in three ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.runs import locate
from common.runs.follow import RunReader
from networks.snapshots.snapshot import open_snapshot
from renderer.messages.bundled import bundled_run
from tests.viz.started import start
from viz.session.session import Session


def test_it_has_what_there_is_to_look_at_and_to_start_from() -> None:
    files = list(bundled_run().iterdir())
    assert sum(file.stat().st_size for file in files) <= 15e6
    run = RunReader(bundled_run()).poll()
    assert len(run.snapshots) >= 4
    assert all(snapshot.complete for snapshot in run.snapshots)
    assert {image.kind for image in run.images} == {"reals", "fakes"}
    assert len(run.kimg) > 20
    assert run.complete
    last = run.snapshots[-1].path
    assert sorted(open_snapshot(last, names=None).available) == ["D", "G_ema"]
    for file in files:  # of the machine that it is from there is nothing in it
        assert not any(root in file.read_bytes() for root in (b"/home/", b"/root/", b"/Users/"))


def test_the_panel_offers_it_where_there_is_no_run(drive) -> None:
    def test(gui) -> None:
        gui.focus("Training")
        gui.ctx.set_ref("Training")
        gui.ctx.item_click("Open the example run")
        gui.settle()
        assert gui.context.run is not None
        assert Path(gui.context.run.path) == bundled_run()
        assert Path(gui.app.cell.now.render.snapshot).parent == bundled_run()

    drive(test, session=Session(), resolve=locate.resolve)


def test_the_menu_has_it(drive) -> None:
    def test(gui) -> None:
        gui.ctx.set_ref("##MainMenuBar")
        gui.ctx.menu_click("File/Open the example run")
        gui.settle()
        assert Path(gui.context.run.path) == bundled_run()

    drive(test, resolve=locate.resolve)


@pytest.mark.parametrize("more", [["a.pkl"], ["--session", "a.png"], ["--renderer", "ssh://a"]])
def test_with_anything_else_to_open_it_is_refused(tmp_path: Path, more: list[str]) -> None:
    done = start("--example-run", *more, folder=tmp_path)
    assert done.returncode == 2
    assert "--example-run opens the run that lies here, and nothing else." in done.stderr


def test_the_command_line_opens_it(tmp_path: Path) -> None:
    arguments = ("--example-run", "--offscreen", "--screenshot", "a.png", "--panel", "Training")
    done = start(*arguments, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.png").exists()
