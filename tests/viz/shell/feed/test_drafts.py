"""A draft is shown as what it is, and nothing that is kept is made of one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from msgspec import structs
from PIL import Image

from renderer.client.client import ReceivedFrame
from renderer.messages.frame import Draft
from renderer.messages.request import Seed, Truncation
from renderer.messages.to_renderer import BACKGROUND
from renderer.pictures.compose import difference_numbers
from tests.viz.conftest import FakeClient
from viz.desk.settings import Settings
from viz.session import comparing
from viz.session.session import PARTS


class Drafting(FakeClient):
    """Slow: answers the picture by a draft of a single colour, then `refine` by the exact one."""

    def __init__(self) -> None:
        super().__init__()
        self.slow = False
        self.may: list[bool] = []
        self.exact: list[ReceivedFrame] = []

    def submit(self, request, stream="main", stats=None, drafts=False) -> int:
        id = super().submit(request, stream, stats)
        if stream == "main":
            self.may.append(drafts)
        if drafts and self.slow:
            frame = self._events.pop()
            if stream == "main":
                self.exact = [frame]
            info = structs.replace(frame.message.info, draft=Draft(8, "bfloat16"))
            message = structs.replace(frame.message, info=info)
            self.send(ReceivedFrame(message, np.full_like(frame.pixels, 99)))
        return id

    def refine(self) -> None:
        for frame in self.exact:
            self.send(frame)


def drag(gui, client: Drafting, seed: int) -> None:
    """Go to a seed whose picture comes as a draft."""
    client.slow = True
    gui.app.cell.set(gui.app.cell.now.with_render(source=Seed(seed)))
    gui.until(lambda: gui.context.frame.request.source == Seed(seed))


def test_a_draft_is_said_and_waits_for_the_exact_picture(drive) -> None:
    client = Drafting()

    def test(gui) -> None:
        drag(gui, client, 1)
        latencies = len(gui.context.meters.latency_ms)
        gui.frames(3)
        assert gui.context.frame.info.draft is not None
        assert (gui.context.frame.pixels == 99).all()
        assert not gui.app.settled
        assert "main" in gui.context.waits
        client.refine()
        gui.settle()
        assert gui.context.frame.info.draft is None
        assert "main" not in gui.context.waits
        assert len(gui.context.meters.latency_ms) == latencies, "only the first is one"

    drive(test, client=client)


def test_what_is_captured_and_bookmarked_is_exact(drive, tmp_path: Path) -> None:
    client = Drafting()

    def test(gui) -> None:
        drag(gui, client, 1)
        # The preview is of a moment ago: what is kept is where the mouse was let go.
        gui.app.cell.set(gui.app.cell.now.with_render(source=Seed(2)))
        request = gui.app.cell.now.render
        assert gui.context.frame.request != request
        gui.app.actions.capture_picture()
        gui.app.actions.add_bookmark()
        # Moving on takes nothing away.
        gui.app.cell.set(gui.app.cell.now.with_render(source=Seed(9)))
        gui.until(lambda: len(list(tmp_path.glob("*.png"))) == 1)
        gui.until(lambda: len(gui.context.bookmarks) == 1)
        client.refine()
        gui.settle()
        exact = [r for s, r, _ in client.requests if s == "exact"]
        assert exact == [request], "one picture serves both"
        saved = np.array(Image.open(next(tmp_path.glob("*.png"))))
        assert not (saved[..., :3] == 99).all()

    drive(test, client=client, settings=Settings(capture_folder=str(tmp_path)))


def test_comparing_and_recording_allow_no_drafts(drive, tmp_path: Path) -> None:
    client = Drafting()

    def test(gui) -> None:
        gui.app.cell.set(gui.app.cell.now.with_render(source=Seed(4)))
        gui.settle()
        assert client.may[-1]
        gui.app.actions.toggle_recording()
        gui.app.cell.set(gui.app.cell.now.with_render(source=Seed(5)))
        gui.settle()
        assert not client.may[-1]
        gui.app.actions.toggle_recording()
        gui.app.cell.set(comparing.added(gui.app.cell.now, gui.app.cell.now.render))
        gui.app.cell.set(gui.app.cell.now.with_render(source=Seed(6)))
        gui.settle()
        assert not client.may[-1]

    drive(test, client=client, settings=Settings(capture_folder=str(tmp_path)))


def test_a_difference_from_a_draft_gives_way_to_that_of_the_exact_picture(drive) -> None:
    client = Drafting()

    def test(gui) -> None:
        drag(gui, client, 1)
        session = gui.app.cell.now
        half = structs.replace(session.render, truncation=Truncation(0.5))
        linked = tuple(part for part in PARTS if part != "truncation")
        session = comparing.added(session, half, linked)
        gui.app.cell.set(session.with_compare(layout="difference"))

        def numbers() -> object:
            places = gui.app.differences._places.values()
            return next((place.newest.numbers for place in places if place.newest), None)

        gui.until(lambda: numbers() is not None, "a difference is shown")
        assert gui.context.frames["main"].info.draft is not None
        client.refine()
        gui.settle()
        gui.frames(3)
        pixels = [gui.context.frames[stream].pixels for stream in ("main", "compare-1")]
        assert numbers() == difference_numbers(*pixels)
        assert (gui.context.kept.pixels == pixels[0]).all()

    drive(test, client=client)


def test_a_thumbnail_may_be_a_draft_and_is_then_done(drive) -> None:
    client = Drafting()

    def test(gui) -> None:
        drag(gui, client, 1)
        client.refine()
        gui.settle()
        request = gui.app.cell.now.with_render(source=Seed(2)).render
        gui.app.feed.send({BACKGROUND: (request, None)}, drafts=False)
        gui.frames(3)
        assert gui.app.feed.frames[BACKGROUND].info.draft is not None
        assert gui.app.feed.idle(BACKGROUND), "nothing else will come"

    drive(test, client=client)


def test_a_thumbnail_that_was_missed_is_drawn_again(drive, monkeypatch) -> None:
    """Several draw on that stream, and one of them may not have looked when it came."""
    client = Drafting()

    def test(gui) -> None:
        gui.settle()
        monkeypatch.setattr(gui.app, "_send", lambda: None)  # no others on that stream
        feed, request = gui.app.feed, gui.app.cell.now.with_render(source=Seed(77)).render

        def asked() -> int:
            return [r for stream, r, _ in client.requests if stream == BACKGROUND].count(request)

        feed.send({BACKGROUND: (request, None)}, drafts=False)
        feed.send({BACKGROUND: (request, None)}, drafts=False)
        assert asked() == 1, "it is under way"
        gui.frames(3)
        feed.send({BACKGROUND: (request, None)}, drafts=False)
        assert asked() == 2

    drive(test, client=client)
