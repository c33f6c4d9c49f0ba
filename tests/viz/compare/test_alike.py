"""What is said of compared pictures that are the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from renderer.messages.failure import Failure
from renderer.messages.frame import FrameInfo
from renderer.messages.request import Plane, RenderRequest, Seed
from tests.viz.conftest import FakeClient
from viz.compare import header, view
from viz.compare.alike import EVERY, Alike
from viz.compare.labels import Label
from viz.compare.shown import Shown
from viz.gpu.pictures import Frame
from viz.panels import picture
from viz.session import comparing
from viz.session.session import PARTS, Session

INFO = FrameInfo({}, "cpu", "float32", 1)
GREY = np.full((64, 64, 4), 128, np.uint8)


def shown(number: int, pixels: np.ndarray, seed: int = 0) -> Shown:
    request = RenderRequest(f"/nets/{number}.pkl", Seed(seed))
    frame = Frame(request, INFO, 0, pixels.shape[1], pixels.shape[0], pixels)
    return Shown(number, Label(f"net {number}", "more"), request, frame, None, PARTS)


def altered(row: int) -> np.ndarray:
    pixels = GREY.copy()
    pixels[row, 5, 1] += 1
    return pixels


def test_one_level_of_one_pixel_is_a_difference_wherever_it_is() -> None:
    for row in (0, 1, EVERY, 63):
        alike = Alike()
        pair = [shown(0, GREY), shown(1, altered(row))]
        alike.refresh(pair)
        assert [alike.words(one, pair) for one in pair] == ["", ""]
    pair = [shown(0, GREY), shown(1, GREY.copy())]
    alike = Alike()
    alike.refresh(pair)
    assert [alike.words(one, pair) for one in pair] == ["identical", "identical"]
    alike.refresh([shown(0, GREY), shown(1, GREY[:32])])
    assert alike.words(*pair[:1], pair) == ""


def test_of_several_it_is_said_which_one_is_the_same() -> None:
    pictures = [shown(0, GREY), shown(1, altered(3)), shown(2, GREY.copy())]
    alike = Alike()
    alike.refresh(pictures)
    details = [one.label.detail for one in alike.named(pictures)]
    assert details == ["= net 2 · more", "more", "= net 0 · more"]
    assert alike.title(pictures[2], pictures) == "net 2 · = net 0"
    assert alike.title(pictures[0], pictures[:2]) == "net 0"


def test_what_is_said_follows_new_pictures_of_one_moment_and_no_others() -> None:
    one, two = shown(0, GREY), shown(1, GREY.copy())
    alike = Alike()
    alike.refresh([one, two])
    later = shown(0, altered(3), seed=1)
    alike.refresh([later, two])
    assert alike.same(later, two), "the other one is not there yet"
    again = replace(one, frame=replace(one.frame, pixels=altered(3)))
    alike.refresh([again, two])
    assert not alike.same(again, two), "a file may have changed under the same request"
    for missing in (replace(one, frame=None), replace(one, failure=Failure("gone"))):
        alike.refresh([one, two])
        assert alike.same(one, two)
        alike.refresh([missing, two])
        assert not alike.same(missing, two)


def test_it_stands_in_headings_and_names_in_every_layout(drive, monkeypatch) -> None:
    told: list[str] = []
    write, name = header._detail, view.draw_name
    monkeypatch.setattr(header, "_detail", lambda t, room: told.append(t) or write(t, room))
    monkeypatch.setattr(view, "draw_name", lambda t, *a, **k: told.append(t) or name(t, *a, **k))

    def said(gui) -> set[str]:
        gui.settle()
        told.clear()
        gui.frames(2)
        return {text for text in told if "identical" in text}

    def test(gui) -> None:
        cell = gui.app.cell
        assert said(gui) == {"identical · 40 kimg", "identical · busts64 · 40 kimg"}
        for layout, words in (("wipe", "Before · identical"), ("flicker", "busts64 · identical")):
            cell.set(cell.now.with_compare(layout=layout, blink=False, blinked=0))
            assert said(gui) == {words}
        cell.set(cell.now.with_render(source=Seed(7)))
        for layout in ("grid", "wipe", "flicker"):
            cell.set(cell.now.with_compare(layout=layout))
            assert said(gui) == set()

    start = comparing.kept(Session(RenderRequest("/nets/busts64.pkl", Plane(2.0, 3.0))))
    drive(test, panels=(picture.PANEL,), session=start, client=FakeClient())
