"""A run may write one file over and over: nothing that is seen stays of what was in it before."""

from __future__ import annotations

from msgspec import structs

from renderer.messages.request import LayerView
from renderer.messages.to_renderer import BACKGROUND
from renderer.messages.to_window import Loaded
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
