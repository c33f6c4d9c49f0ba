"""Nothing that the window says stands longer than it is true."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from msgspec import structs

from common.dragging import DragPoint
from renderer.client.client import StatusChanged
from renderer.messages.drag_job import MASK_SIDE, led_to, packed
from renderer.messages.request import LayerView, MixSource, Plane, RenderRequest, SavedW, Seed
from renderer.messages.to_window import Hello, Loaded, Progress
from tests.viz.conftest import FakeClient
from viz.desk.facts import Wait
from viz.disk.store import Store
from viz.picture import busy
from viz.session.session import Beginning, Drag, Session
from viz.shell.above.messages import Messages
from viz.shell.feed.meters import Meter

ONE, OTHER = "/runs/a/network-snapshot-000024.pkl", "/runs/a/network-snapshot-000040.pkl"
HALF = packed(np.arange(MASK_SIDE * MASK_SIDE).reshape(MASK_SIDE, MASK_SIDE) % 2 == 0)


class SlowClient(FakeClient):
    """Holds back all events but those of the types in `passing`; None lets all of them pass."""

    passing: tuple[type, ...] | None = None

    def poll(self) -> list[Any]:
        if self.passing is None:
            return super().poll()
        there = [event for event in self._events if isinstance(event, self.passing)]
        self._events = [event for event in self._events if event not in there]
        return there


def test_a_message_leaves_the_status_bar_with_its_cause_but_stays_in_the_list() -> None:
    messages, true = Messages(), [True]
    messages.add("Saved a.png")
    messages.add("It burns.", error=True, holds=lambda: bool(true))
    assert messages.last is not None
    assert messages.last.text == "It burns."
    assert [message.text for message in messages.toasts] == ["It burns."]
    true.clear()
    assert messages.last is None, "what was said before is not said again"
    assert messages.toasts == []
    assert len(messages.items) == 2
    messages.add("Saved b.png")
    assert messages.last.text == "Saved b.png"


def test_opened_is_said_only_while_that_snapshot_is_shown(drive) -> None:
    def test(gui) -> None:
        gui.app.actions.open_snapshot(OTHER)
        gui.settle()
        assert gui.app.messages.last.text == "Opened network-snapshot-000040.pkl."
        gui.app.actions.show_snapshot(ONE)
        gui.settle()
        assert gui.app.cell.now.render.snapshot == ONE
        assert gui.app.messages.last is None

    drive(test, session=Session().with_render(snapshot=ONE))


def test_that_the_renderer_is_started_again_is_said_until_it_has_started(drive) -> None:
    def test(gui) -> None:
        client = gui.app.client
        client.send(StatusChanged("restarting", "The renderer was killed; starting it again"))
        gui.frames(2)
        assert "starting it again" in gui.app.messages.last.text
        client.send(Hello(8, ("cpu",), "cpu", "float32", 1))
        gui.frames(2)
        assert gui.app.messages.last is None

    drive(test)


def test_a_slow_picture_has_a_line_and_seconds_which_go_when_it_is_there(drive) -> None:
    client = SlowClient()

    def test(gui) -> None:
        assert gui.context.waits == {}
        client.passing = ()
        gui.app.cell.set(gui.app.cell.now.with_render(source=Seed(7)))
        gui.until(lambda: gui.context.waits.get("main", Wait(0)).seconds > busy.BEGINS)
        assert gui.context.waits["main"].loading == ""
        assert gui.app.waiting, "the seconds go on while nobody moves the mouse"
        client.passing = None
        gui.settle()
        assert gui.context.waits == {}

    drive(test, client=client)


def test_the_picture_says_which_network_it_is_not_yet_of(drive) -> None:
    client, name = SlowClient(), OTHER.rpartition("/")[2]

    def test(gui) -> None:
        client.passing = (Progress,)
        gui.app.actions.show_snapshot(OTHER)
        gui.until(lambda: bool(gui.context.jobs))
        client.send(Progress(gui.context.jobs[-1].id, 0.5, "Reading"))
        gui.until(lambda: gui.context.waits["main"].fraction == 0.5)
        assert gui.context.waits["main"].loading == name
        client.passing = (Loaded,)
        gui.until(lambda: gui.app.cell.now.render.snapshot == OTHER)
        gui.frames(2)
        assert gui.context.frame.request.snapshot == ONE, "it is read, but not yet drawn"
        assert gui.context.waits["main"].loading == name
        client.passing = None
        gui.settle()
        assert gui.context.waits == {}

    drive(test, client=client, session=Session().with_render(snapshot=ONE))


def test_what_a_wait_is_called() -> None:
    assert busy.words(Wait(4.42)) == "4.4 s"
    assert busy.words(Wait(4.42, "a.pkl")) == "loading a.pkl …  4.4 s"


def test_times_of_one_network_are_not_mixed_with_those_of_another() -> None:
    meter = Meter()
    meter.about("small")
    meter.rendered({"mapping": 1.0, "synthesis": 5.0})
    meter.about("small")
    meter.rendered({"synthesis": 7.0})
    assert meter.facts.render_ms == [6.0, 7.0]
    assert meter.facts.stages["synthesis"] == [5.0, 7.0]
    assert len(meter.facts.stages["mapping"]) == 2, "so that the plot stacks what belongs together"
    assert math.isnan(meter.facts.stages["mapping"][-1])
    meter.about("large")
    meter.rendered({"synthesis": 4400.0})
    assert meter.facts.render_ms == [4400.0]
    assert meter.facts.stages == {"synthesis": [4400.0]}


def test_a_picture_of_several_seconds_is_a_share_of_one_per_second() -> None:
    meter = Meter()
    meter.rendered({"synthesis": 4000.0})
    assert meter.facts.rendered_per_second == pytest.approx(0.25)


def test_snapshots_of_one_run_share_their_times_and_other_networks_do_not(drive) -> None:
    def test(gui) -> None:
        gui.app.actions.show_snapshot(OTHER)
        gui.settle()
        assert len(gui.context.meters.render_ms) == len(gui.context.meters.latency_ms) == 2
        models = gui.app.jobs.models
        models["/large.pkl"] = structs.replace(models[OTHER], path="/large.pkl", resolution=1024)
        gui.app.actions.show_snapshot("/large.pkl")
        gui.settle()
        assert len(gui.context.meters.render_ms) == len(gui.context.meters.latency_ms) == 1

    drive(test, session=Session().with_render(snapshot=ONE))


def test_what_was_made_for_one_network_ends_with_a_word_where_another_is_opened(drive) -> None:
    start = (
        Session()
        .with_render(
            snapshot=ONE,
            source=Seed(7),
            view=LayerView("b8.conv0"),
            mix=(MixSource(Seed(1), (1.0, 1.0)),),
        )
        .with_drag(points=(DragPoint(5, (20.0, 20.0), (40.0, 20.0)),), mask=HALF)
    )

    def test(gui) -> None:
        gui.app.actions.open_snapshot(OTHER)
        gui.settle()
        render = gui.app.cell.now.render
        assert (render.view, render.mix) == (start.render.view, start.render.mix), "one run"
        assert gui.app.cell.now.drag == start.drag, "one run"
        gui.app.client.resolution = 128
        gui.app.actions.open_snapshot("/elsewhere/faces.pkl")
        gui.settle()
        render = gui.app.cell.now.render
        assert (render.snapshot, render.source) == ("/elsewhere/faces.pkl", Seed(7))
        assert (render.view, render.mix) == (None, ())
        assert gui.app.cell.now.drag == Drag(), "places in other pictures"
        ended = "the layer view, the mixing, the points and the region of the one before"
        assert ended in gui.app.messages.last.text
        gui.app.actions.undo()
        assert gui.app.cell.now.render == structs.replace(start.render, snapshot=OTHER)
        assert gui.app.cell.now.drag == start.drag

    drive(test, session=start)


@pytest.mark.parametrize("kept", [True, False], ids=["begun on the plane", "begun unknown"])
def test_what_a_drag_has_led_to_ends_where_another_network_is_opened(drive, kept: bool) -> None:
    w, began = SavedW("/drags/w.npz", data=bytes(20)), RenderRequest(ONE, Seed(7))
    start = Session(led_to(began, w))
    if kept:
        start = start.with_drag(begun=Beginning(began, w=w))

    def test(gui) -> None:
        gui.app.actions.open_snapshot(OTHER)
        gui.settle()
        assert gui.app.cell.now.render.source == w, "one run"
        gui.app.client.resolution = 128
        gui.app.actions.open_snapshot("/elsewhere/faces.pkl")
        gui.settle()
        assert gui.app.cell.now.render.source == (Seed(7) if kept else Plane())
        assert "so the dragged latent of the one before ended" in gui.app.messages.last.text
        gui.app.actions.undo()
        assert gui.app.cell.now.render == structs.replace(start.render, snapshot=OTHER)

    drive(test, session=start)


def test_a_latent_that_the_user_saved_stays_where_another_network_is_opened(drive) -> None:
    def test(gui) -> None:
        gui.app.client.resolution = 128
        gui.app.actions.open_snapshot("/elsewhere/faces.pkl")
        gui.settle()
        assert gui.app.cell.now.render.source == SavedW("/mine/w.npz")

    drive(test, session=Session(RenderRequest(ONE, SavedW("/mine/w.npz"))))


def test_a_window_that_was_killed_has_not_met_the_timeline(drive, home) -> None:
    """Its layout was not written either, in which the Timeline would be open."""

    def test(gui) -> None:
        gui.app._met_timeline()
        gui.frames(3)
        assert gui.app.host.is_panel_visible("Timeline")
        assert not gui.app.settings.now.met_timeline

    app = drive(test)
    assert app.settings.now.met_timeline
    assert Store(home).load_settings().met_timeline
