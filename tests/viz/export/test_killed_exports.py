"""The real renderer process, killed while two exports are under way."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from renderer.client.client import RenderClient
from renderer.messages.jobs import Sheet
from renderer.messages.options import EngineOptions
from renderer.messages.request import Plane, RenderRequest
from renderer.pictures.workspace import PREFIX
from viz.disk.bundled import bundled_snapshot
from viz.panels import picture
from viz.session.session import Session
from viz.shell.waking import wake

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "SIGKILL"), reason="needs signals that cannot be caught"
)
REQUEST = RenderRequest(snapshot=str(bundled_snapshot()), source=Plane(60.0, 0.0))
LONG = tuple(
    Sheet((RenderRequest(REQUEST.snapshot, Plane(i / 8, 0.0)),), hold=2) for i in range(1200)
)


@pytest.mark.parametrize("begun", [False, True], ids=["asked for", "writing"])
def test_two_exports_that_are_killed_at_once_are_told_of_and_leave_nothing(
    drive, tmp_path: Path, begun: bool
) -> None:
    client = RenderClient(EngineOptions(device="cpu", threads=1), on_wake=wake)
    captures = tmp_path / "captures"
    names = ("film.mp4", "frames")

    def test(gui) -> None:
        for name in names:
            gui.app.actions.export(LONG, str(captures / name))
        gui.until(lambda: len(gui.context.jobs) == 2, "both are under way")
        if begun:
            gui.until(lambda: any(captures.glob(f"{PREFIX}*")), "one has begun to write")
        first = client.pid
        os.kill(first, signal.SIGKILL)
        gui.until(lambda: gui.context.jobs == (), "an export was not told of")
        gui.until(lambda: client.pid not in (None, first), "no renderer was started")
        said = [message.text for message in gui.app.messages.items if message.error]
        for name in names:
            told = f"The renderer ended before {name} was done. Try it again."
            assert said.count(told) == 1, said
        gui.until(lambda: not captures.exists() or not any(captures.iterdir()), "left behind")

        gui.keys("Right")
        gui.settle()
        assert gui.context.frame.request.source == Plane(61.0, 0.0), "the window lives"
        for name in names:
            gui.app.actions.export(LONG[:3], str(captures / name))
        gui.until(lambda: len(list(captures.glob("f*"))) == 2, "the next ones were not written")
        gui.settle()
        assert sorted(path.name for path in captures.iterdir()) == sorted(names)

    drive(test, client=client, session=Session(REQUEST), panels=(picture.PANEL,))
