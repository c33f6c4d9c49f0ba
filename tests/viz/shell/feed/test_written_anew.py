"""A run may write one file over and over: nothing that is seen stays of what was in it before."""

from __future__ import annotations

from msgspec import structs

from renderer.messages.cluster_job import ClusterChannels, Clusters
from renderer.messages.jobs import Work
from renderer.messages.request import LayerView
from renderer.messages.to_renderer import BACKGROUND
from renderer.messages.to_window import Loaded, done
from tests.viz.conftest import FakeClient, make_model
from viz.session import comparing
from viz.session.session import Session


def write_anew(gui, client: FakeClient, kimg: float) -> None:
    """The renderer has opened the file once more, as it does where it has changed."""
    path = gui.app.cell.now.render.snapshot
    client.requests.clear()
    client.send(Loaded(0, structs.replace(make_model(path), kimg=kimg)))
    gui.frames(3)
    gui.settle()


def asked(client: FakeClient) -> dict[str, int]:
    """How often each stream was asked for anything."""
    streams = [stream for stream, _, _ in client.requests]
    return {stream: streams.count(stream) for stream in streams}


def test_every_stream_is_drawn_again(drive) -> None:
    client = FakeClient()

    def test(gui) -> None:
        session: Session = gui.app.cell.now
        session = session.with_render(view=LayerView("b8.conv0", "rgb"))
        gui.app.cell.set(comparing.added(session, session.render))
        gui.focus("Layers")
        gui.settle()
        assert {"main", "atlas", "compare-1"} <= {stream for stream, _, _ in client.requests}
        write_anew(gui, client, 80.0)
        assert {"main", "atlas", "compare-1"} <= asked(client).keys()

        write_anew(gui, client, 80.0)
        assert asked(client) == {}, "it is the same as before"

    drive(test, client=client)


class Grouped(FakeClient):
    """Finds two groups of channels in every layer."""

    def start(self, work: Work) -> int:
        job = super().start(work)
        if isinstance(work, ClusterChannels):
            found = Clusters(work.layer, ((0, 1), (2,)))
            self.send(structs.replace(done("Grouped.", found), job=job))
        return job


def test_groups_of_channels_are_not_those_of_another_network(drive) -> None:
    client = Grouped()

    def test(gui) -> None:
        groups = gui.app.groups
        groups.find("b8.conv0")
        gui.settle()
        assert groups.of("b8.conv0") == ((0, 1), (2,))
        write_anew(gui, client, 80.0)
        assert groups.of("b8.conv0") is None

    drive(test, client=client)


def test_small_pictures_are_drawn_again(drive) -> None:
    client = FakeClient()

    def test(gui) -> None:
        gui.focus("Contact sheet")
        gui.until(lambda: sum(stream == BACKGROUND for stream, _, _ in client.requests) > 20)
        gui.until(lambda: BACKGROUND not in gui.context.asks.streams)
        gui.frames(20)
        drawn = {request for stream, request, _ in client.requests if stream == BACKGROUND}
        write_anew(gui, client, 80.0)
        gui.frames(len(drawn) * 3)
        anew = {request for stream, request, _ in client.requests if stream == BACKGROUND}
        assert len(anew) > 20
        assert anew <= drawn
        write_anew(gui, client, 80.0)
        gui.frames(20)
        assert BACKGROUND not in asked(client), "it is the same as before"

    drive(test, client=client)
