"""What the panes are asked for while the picture moves faster than it can be drawn."""

from __future__ import annotations

import numpy as np

from renderer.messages.frame import FrameInfo
from renderer.messages.request import Plane, RenderRequest
from viz.compare.streams import PaneStreams
from viz.gpu.pictures import Frame
from viz.session import comparing
from viz.session.session import Session

INFO = FrameInfo({}, "cpu", "float32", 1)


class Harness:
    """An application of which only the pace of its streams is real. busy: those not answered."""

    def __init__(self, layout: str = "grid") -> None:
        self.busy: set[str] = set()
        self.failures: dict[str, object] = {}
        self.frames: dict[str, Frame] = {}
        self.streams = PaneStreams(
            self.frames, self.failures, lambda name: name not in self.busy, models={}
        )
        session = Session(RenderRequest("/main.pkl", Plane(0.0, 0.0)))
        for path in ("/a.pkl", "/b.pkl"):
            session = comparing.added(session, RenderRequest(path))
        self.session = session.with_compare(layout=layout)

    def move(self, x: float) -> None:
        self.session = self.session.with_render(source=Plane(x, 0.0))

    def show(self, x: float, path: str = "/main.pkl") -> None:
        pixels = np.full((4, 4, 4), int(x), np.uint8)
        self.frames["main"] = Frame(RenderRequest(path, Plane(x, 0.0)), INFO, 0, 4, 4, pixels)

    def asked(self) -> list[float]:
        return [request.source.x for request in self.streams.requests(self.session).values()]


def test_a_renderer_that_keeps_up_draws_all_for_the_same_frame() -> None:
    app = Harness()
    assert app.asked() == [0.0, 0.0]
    app.show(0.0)
    app.move(3.0)
    assert app.asked() == [3.0, 3.0]


def test_where_it_does_not_panes_follow_what_is_seen() -> None:
    app = Harness()
    app.show(2.0)
    app.move(7.0)
    app.busy = {"main", "compare-1"}
    assert app.asked() == [2.0, 2.0]
    app.show(5.0)
    assert app.asked() == [5.0, 5.0]
    app.busy = {"compare-1"}
    app.show(7.0)
    assert app.asked() == [7.0, 7.0]


def test_a_picture_of_another_network_or_none_at_all_is_not_followed() -> None:
    app = Harness()
    app.busy = {"main"}
    app.show(2.0, "/old.pkl")
    app.move(7.0)
    assert app.asked() == [7.0, 7.0]
    app.show(2.0)
    app.failures["main"] = "no such layer"
    assert app.asked() == [7.0, 7.0]


def test_differences_finish_one_moment_before_the_next_and_keep_its_picture() -> None:
    app = Harness("difference")
    app.show(1.0)
    app.move(1.0)
    assert app.asked() == [1.0, 1.0]
    kept = app.streams.kept
    app.busy = {"main", "compare-1", "compare-2"}
    app.move(4.0)
    app.show(3.0)
    assert app.asked() == [1.0, 1.0]
    app.busy.remove("compare-1")
    assert app.asked() == [1.0, 1.0]
    assert app.streams.kept is kept
    assert kept.request.source.x == 1.0
    app.busy = {"main"}
    assert app.asked() == [3.0, 3.0]
    assert app.streams.kept.request.source.x == 3.0


def test_what_is_kept_is_not_overwritten_with_the_frame() -> None:
    app = Harness("difference")
    app.show(9.0)
    app.move(9.0)
    app.asked()
    app.frames["main"].pixels[:] = 0
    assert (app.streams.kept.pixels == 9).all()
    app.session = app.session.with_compare(layout="grid")
    app.asked()
    assert app.streams.kept is None
