"""The real renderer process, killed under the window while somebody drags."""

from __future__ import annotations

import os
import signal

import pytest
from imgui_bundle import ImVec2

from renderer.client.client import RenderClient
from renderer.messages.options import EngineOptions
from renderer.messages.request import Plane, RenderRequest
from tests.paths import DATA
from viz.disk.bundled import bundled_snapshot
from viz.session.session import Pane, Session
from viz.shell.waking import wake

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "SIGKILL"), reason="needs signals that cannot be caught"
)
EARTH = DATA / "earth64-run/network-snapshot-000040.pkl"
STREAMS = {"main", "compare-1", "discriminator"}


def test_the_picture_comes_back_by_itself_and_the_status_bar_says_why(drive) -> None:
    client = RenderClient(EngineOptions(device="cpu", threads=1), on_wake=wake)
    request = RenderRequest(snapshot=str(bundled_snapshot()), source=Plane(60.0, 0.0))

    def test(gui) -> None:
        gui.ctx.set_ref("Picture")
        rect = gui.ctx.item_info("##picture").rect_full
        x, y = (rect.min.x + rect.max.x) / 2, (rect.min.y + rect.max.y) / 2
        first = client.pid
        gui.ctx.mouse_move_to_pos(ImVec2(x, y))
        gui.ctx.mouse_down(0)
        gui.ctx.mouse_move_to_pos(ImVec2(x - 30, y))
        os.kill(first, signal.SIGKILL)
        gui.ctx.mouse_move_to_pos(ImVec2(x - 90, y + 40))
        gui.ctx.mouse_up(0)
        dragged = gui.app.cell.now.render
        assert dragged.source != request.source
        gui.until(
            lambda: gui.context.frame.request == dragged and client.pid != first,
            "the picture did not come back",
        )
        assert gui.app.cell.now.render == dragged
        gui.frames(3)
        said = [message.text for message in gui.app.messages.items]
        assert any("signal 9" in text for text in said), said
        gui.keys("Ctrl+Z")
        gui.settle()
        assert gui.app.cell.now.render.source == request.source

    drive(test, client=client, session=Session(request))


def test_compared_pictures_and_draws_come_back_too(drive) -> None:
    client = RenderClient(EngineOptions(device="cpu", threads=1), on_wake=wake)
    request = RenderRequest(snapshot=str(EARTH), source=Plane(60.0, 0.0))
    pane = Pane(1, RenderRequest(snapshot=str(bundled_snapshot())))
    session = Session(request).with_compare(on=True, panes=(pane,))

    def test(gui) -> None:
        def shown() -> bool:
            frames = gui.context.frames
            sources = {frames[name].request.source for name in STREAMS if name in frames}
            return frames.keys() >= STREAMS and sources == {gui.app.cell.now.render.source}

        gui.focus("Discriminator")
        gui.until(shown, "the pictures did not come")
        first = client.pid
        os.kill(first, signal.SIGKILL)
        gui.keys("Right")
        assert gui.app.cell.now.render.source == Plane(61.0, 0.0)
        gui.until(lambda: shown() and client.pid != first, "the pictures did not come back")
        assert gui.context.frames["discriminator"].info.verdict is not None
        assert gui.app.cell.now.compare.panes == (pane,)

    drive(test, client=client, session=session)
