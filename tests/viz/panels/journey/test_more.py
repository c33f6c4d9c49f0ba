"""The menu of further ways to add keys: what is made is what was asked for, and is said."""

from __future__ import annotations

from renderer.messages.journey import Journey
from renderer.messages.request import RenderRequest, Seed
from renderer.pictures.journey import generators
from tests.viz.panels.journey.test_journey_panel import JOURNEY, NET, SESSION, now, open_panel
from viz.session.session import Session


def open_menu(gui) -> None:
    open_panel(gui)
    gui.ctx.item_click("###More")
    gui.frames(3)
    gui.ctx.set_ref("//$FOCUSED")


def test_a_walk_is_made_as_the_form_says_in_place_of_what_was_there(drive) -> None:
    def test(gui) -> None:
        open_menu(gui)
        for field, value in (("Keys", "5"), ("Seed", "77")):
            gui.ctx.item_input_value(field, value)
        gui.ctx.item_input_value("Seconds", 3.0)
        gui.ctx.item_click("Random walk in Z")
        gui.settle()
        assert now(gui).journey == generators.walk(SESSION.render, 77, 5, 3.0, space="z")
        assert now(gui).moment == 0.0
        said = gui.app.messages.last.text
        assert said == "Random walk in Z from seed 77: 5 keys, 15 s, in place of 3 keys"
        gui.keys("Ctrl+Z")
        assert now(gui).journey == JOURNEY

    drive(test, session=SESSION)


def test_a_circle_has_the_radius_of_the_form(drive) -> None:
    base = RenderRequest(NET, Seed(3))

    def test(gui) -> None:
        open_menu(gui)
        gui.ctx.item_input_value("Seed", "77")
        gui.ctx.item_input_value("Radius", 0.25)
        gui.ctx.item_click("Circle around this in W")
        gui.settle()
        expected = generators.circle(base, 77, 78, 8.0, radius=0.25)
        assert now(gui).journey == expected
        assert "in place of" not in gui.app.messages.last.text

    drive(test, session=Session(base, journey=Journey()))


def test_seeds_are_added_after_the_others(drive) -> None:
    def test(gui) -> None:
        open_menu(gui)
        gui.ctx.item_input_value("##Seeds", "8,9")
        gui.settle()
        assert [key.render.source for key in now(gui).journey.keys[3:]] == [Seed(8), Seed(9)]
        assert gui.app.messages.last.text == "2 keys added"

    drive(test, session=SESSION)
