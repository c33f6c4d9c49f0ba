"""The Performance panel: what it changes and what it shows."""

from __future__ import annotations

import os

import pytest

from renderer.messages.options import EngineOptions
from renderer.messages.request import Seed
from renderer.messages.to_window import Hello
from tests.inline import InlineClient
from tests.paths import DATA
from tests.viz.conftest import FakeClient
from viz.desk.settings import Settings
from viz.panels import performance, picture
from viz.session.session import Session

PANELS = (picture.PANEL, performance.PANEL)
SESSION = Session().with_render(snapshot="net.safetensors")


def choose(gui, name: str, value: str) -> None:
    gui.ctx.set_ref(gui.ctx.get_id("//Performance/##columns"))
    gui.ctx.combo_click(f"{name}/{value}")
    gui.ctx.set_ref("Performance")
    gui.frames(2)


def test_the_engine_is_configured_and_remembered(drive) -> None:
    client = FakeClient()

    def test(gui) -> None:
        client.send(Hello(7, ("cpu", "cuda:0 (A card)"), "cuda:0 (A card)", "float16", 1))
        gui.settle()
        client.options.clear()
        gui.ctx.set_ref("Performance")
        choose(gui, "##Device", "cuda:0 (A card)")
        choose(gui, "##Precision", "float32")
        choose(gui, "##Cache", "512 MB")
        wanted = EngineOptions("cuda:0", "float32", 0, 512 << 20)
        assert client.options[-1] == wanted
        assert len(client.options) == 3
        assert gui.app.settings.now.engine == wanted

    drive(test, client=client, panels=PANELS, session=SESSION)


def test_the_picture_is_drawn_again_on_what_was_chosen(drive) -> None:
    client = FakeClient()

    def test(gui) -> None:
        gui.settle()
        before = [request for stream, request, _ in client.requests if stream == "main"]
        choose(gui, "##Precision", "float32")
        gui.settle()
        after = [request for stream, request, _ in client.requests if stream == "main"]
        assert after == [*before, before[-1]]

    drive(test, client=client, panels=PANELS, session=SESSION)


def test_dragging_threads_configures_once(drive) -> None:
    client = FakeClient()
    cores = os.cpu_count() or 1

    def test(gui) -> None:
        client.options.clear()
        gui.ctx.set_ref("Performance")
        gui.ctx.item_drag_with_delta("##columns/##Threads", (200.0, 0.0))
        gui.settle()
        assert [options.threads for options in client.options] == [cores]
        gui.ctx.item_click("##columns/##Threads", 1)
        assert client.options[-1].threads == 0

    drive(test, client=client, panels=PANELS, session=SESSION)


def test_threads_are_switched_in_the_renderer(drive) -> None:
    snapshot = str(DATA / "sg2-cond-16.pkl")

    def test(gui) -> None:
        gui.ctx.set_ref("Performance")
        gui.ctx.item_input_value("##columns/##Threads", 1)
        gui.settle()
        assert gui.context.engine.hello.threads == 1
        gui.app.cell.set(gui.app.cell.now.with_render(source=Seed(9)))
        gui.settle()
        assert gui.context.frame.info.threads == 1

    client = InlineClient(EngineOptions(device="cpu", threads=2))
    settings = Settings(engine=EngineOptions(device="cpu", threads=2))
    drive(test, client=client, panels=PANELS, path=snapshot, settings=settings)


def test_the_renderer_is_restarted_and_the_window_slowed_down(drive) -> None:
    client = FakeClient()

    def test(gui) -> None:
        gui.ctx.set_ref("Performance")
        gui.ctx.item_click("##columns/###Restart renderer")
        assert client.restarts == 1
        choose(gui, "##Frame limit", "30 fps")
        assert gui.app.settings.now.frame_limit == 30

    drive(test, client=client, panels=PANELS, session=SESSION)


@pytest.mark.parametrize("size", [(1440, 900), (700, 500)])
def test_times_are_collected_for_the_plots(drive, size: tuple[int, int]) -> None:
    def test(gui) -> None:
        for seed in range(5):
            gui.app.cell.set(gui.app.cell.now.with_render(source=Seed(seed)))
            gui.settle()
        meters = gui.context.meters
        assert meters.stages.keys() == {"mapping", "synthesis", "look"}
        assert meters.render_ms[-1] == pytest.approx(6.7)
        assert len(meters.latency_ms) >= 5
        assert meters.window_bytes > 1 << 20

    drive(test, panels=PANELS, session=SESSION, size=size)
