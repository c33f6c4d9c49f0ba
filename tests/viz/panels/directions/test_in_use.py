"""What moves the picture without being in the set shown: rows in the panel, and a badge."""

from __future__ import annotations

import numpy as np
from msgspec import structs

from renderer.messages.request import Direction, StyleShift
from tests.viz.panels.directions.test_directions import PANELS, START, Finding, click, now, vector

AGE = Direction(np.full(512, 0.1, "<f4").tobytes(), 2.0, name="age")
STYLE = StyleShift("b4.conv1", 3, 5.0, 0.7)
MOVED = START.with_render(directions=(AGE, Direction(vector(1), 1.0, name="yaw")), styles=(STYLE,))


def test_all_that_moves_the_picture_can_be_seen_and_changed_without_a_set(drive) -> None:
    def test(gui) -> None:
        assert gui.context.directions.shown is None
        gui.ctx.item_input_value("**/used0/##amount", -1.5)
        gui.ctx.item_input_value("**/used2/##amount", 4.0)
        gui.settle()
        assert [each.amount for each in now(gui)] == [-1.5, 1.0]
        assert gui.app.cell.now.render.styles == (structs.replace(STYLE, amount=4.0),)
        click(gui, "used0/##amount", 1)
        assert [each.amount for each in now(gui)] == [0.0, 1.0], "it can still be moved"
        click(gui, "used0/###away")
        assert now(gui) == MOVED.render.directions[1:]
        click(gui, "used1/###away")
        assert gui.app.cell.now.render.styles == ()
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render.styles == (structs.replace(STYLE, amount=4.0),)

    drive(test, client=Finding(), session=MOVED, panels=PANELS)


def test_what_the_set_lists_is_not_listed_twice(drive) -> None:
    def test(gui) -> None:
        click(gui, "###Find")
        assert gui.context.directions.shown is not None
        gui.ctx.item_input_value("**/used1/##amount", 2.0)
        assert not gui.ctx.item_exists("**/used2/##amount")
        gui.ctx.item_input_value("**/direction1/##amount", 0.5)
        gui.settle()
        assert [each.amount for each in now(gui)] == [2.0, 0.5]
        assert gui.app.cell.now.render.styles[0].amount == 2.0

    drive(test, client=Finding(), session=MOVED, panels=PANELS)


def test_a_badge_on_the_picture_says_so_and_leaves_them(drive) -> None:
    def test(gui) -> None:
        click(gui, "###unmove")
        render = gui.app.cell.now.render
        assert (render.directions, render.styles) == ((), ())
        assert not gui.ctx.item_exists("**/###unmove")
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render == MOVED.render

    drive(test, client=Finding(), session=MOVED, panels=PANELS)
