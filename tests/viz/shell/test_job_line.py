"""Jobs under way in the line at the bottom: each can be cancelled, however narrow it is."""

from __future__ import annotations

import itertools

import pytest
from imgui_bundle import imgui

from renderer.messages.jobs import Load
from renderer.messages.to_window import Progress
from viz.desk.settings import Settings

LONG = "Exporting an evening walk through all the gardens of the town, take two.mp4"


def begin(gui, *labels: str) -> None:
    numbers = itertools.count(71)
    gui.app.client.start = lambda work: next(numbers)
    for number, label in enumerate(labels, 71):
        gui.app.jobs.start(Load(f"{number}.pkl"), label)
        gui.app.client.send(Progress(number, 0.4, "Frame 40 of 100"))
    gui.frames(4)


def in_sight(gui, item: str) -> bool:
    rect = gui.ctx.item_info(item).rect_full
    size = imgui.get_main_viewport().size
    return 0 <= rect.min.x < rect.max.x <= size.x and 0 <= rect.min.y < rect.max.y <= size.y


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_an_export_is_cancelled_at_any_size_of_text(drive, scale: float) -> None:
    def test(gui) -> None:
        begin(gui, LONG)
        assert in_sight(gui, "**/###cancel")
        gui.ctx.item_click("**/###cancel")
        assert gui.app.client.cancelled == [71]

    drive(test, panels=(), settings=Settings(scale=scale))


def test_where_there_is_no_room_a_list_of_the_jobs_opens(drive) -> None:
    def test(gui) -> None:
        begin(gui, LONG, "Opening another.pkl", "Measuring")
        assert not gui.ctx.item_exists("**/###cancel")
        gui.ctx.item_click("**/###jobs")
        gui.frames(3)
        gui.ctx.set_ref("//$FOCUSED")
        assert all(in_sight(gui, f"$${number}/###cancel") for number in (71, 72, 73))
        gui.ctx.item_click("$$72/###cancel")
        assert gui.app.client.cancelled == [72]

    drive(test, panels=(), settings=Settings(scale=2.0))
