"""The picture shifted, turned and scaled: the panel, the mouse, undo, what is kept and copied."""

from __future__ import annotations

from typing import Any

import pytest
from imgui_bundle import ImVec2, imgui
from msgspec import structs

from renderer.messages.request import Plane, RenderRequest, Transform
from renderer.messages.to_window import Loaded
from tests.viz.conftest import FakeClient, make_model
from tests.viz.panels.test_picture import drag, over, viewport
from viz.panels import picture, transform
from viz.picture import mover
from viz.session.changes import moving
from viz.session.command_line import command_line
from viz.session.session import Session

PANELS = (picture.PANEL, transform.PANEL)
SESSION = Session(RenderRequest("net.pkl", Plane(2, 3)))


class MovingNetwork(FakeClient):
    """Serves a network that moves its pictures."""

    def send(self, event: Any) -> None:
        if isinstance(event, Loaded):
            event = structs.replace(event, model=structs.replace(event.model, transforms=True))
        super().send(event)


def keys(gui, down: bool) -> None:
    for key in (imgui.Key.mod_ctrl, imgui.Key.mod_shift):
        (gui.ctx.key_down if down else gui.ctx.key_up)(key)


def now(gui) -> Transform:
    return gui.app.cell.now.render.transform


def test_the_panel_sets_every_number_and_resets_them(drive) -> None:
    def test(gui) -> None:
        gui.focus("Transform")
        gui.ctx.set_ref("Transform")
        for name, value in (("Right", 0.25), ("Down", -0.5), ("Turn", 30.0), ("Scale", 2.0)):
            gui.ctx.item_input_value(f"##{name}", value)
        gui.settle()
        assert now(gui) == Transform(0.25, -0.5, 30.0, 2.0)
        assert gui.context.frame.request.transform == now(gui)
        gui.ctx.item_click("###Reset")
        gui.settle()
        assert now(gui) == Transform()
        gui.keys("Ctrl+Z")
        assert now(gui) == Transform(0.25, -0.5, 30.0, 2.0)
        gui.ctx.item_input_value("##Scale", 1e9)
        gui.ctx.item_input_value("##Right", -1e9)
        assert (now(gui).x, now(gui).scale) == (-4.0, 16.0)

    drive(test, panels=PANELS, session=SESSION, client=MovingNetwork())


def test_a_drag_with_ctrl_and_shift_takes_what_is_under_the_mouse_along(drive) -> None:
    def test(gui) -> None:
        width = 64 * viewport(gui)[0].zoom
        keys(gui, True)
        drag(gui, (width / 4, -width / 8))
        keys(gui, False)
        assert (now(gui).x, now(gui).y) == pytest.approx((0.25, -0.125), abs=0.01)
        after = gui.app.cell.now
        assert (after.render.source, after.view) == (Plane(2, 3), SESSION.view)
        gui.keys("Ctrl+Z")
        assert now(gui) == Transform()
        gui.keys("Ctrl+Y")
        assert gui.app.cell.now.render == after.render

    drive(test, panels=PANELS, session=SESSION, client=MovingNetwork())


def test_the_right_button_turns_about_the_middle_and_opens_no_menu(
    drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    monkeypatch.setattr("viz.picture.menu.imgui.open_popup", opened.append)

    def test(gui) -> None:
        # From the right of the middle to above it is a quarter of a turn against the clock.
        keys(gui, True)
        gui.ctx.mouse_move_to_pos(over(gui, 56, 32))
        gui.ctx.mouse_down(1)
        for x, y in ((54, 20), (44, 10), (32, 8)):
            gui.ctx.mouse_move_to_pos(over(gui, x, y))
        gui.ctx.mouse_up(1)
        keys(gui, False)
        gui.settle()
        assert now(gui).rotate == pytest.approx(90, abs=1)
        assert (now(gui).x, now(gui).y) == (0, 0)
        assert opened == []
        gui.keys("Ctrl+Z")
        assert now(gui) == Transform()
        drag(gui, (30.0, 40.0), button=1)  # without keys it pans
        assert opened == []
        assert not gui.app.cell.now.view.fit
        gui.ctx.mouse_click(1)
        gui.settle()
        assert opened == ["##menu"]

    drive(test, panels=PANELS, session=SESSION, client=MovingNetwork())


def test_the_wheel_scales_and_does_not_zoom(drive) -> None:
    def test(gui) -> None:
        gui.ctx.mouse_move_to_pos(over(gui, 20, 20))
        keys(gui, True)
        gui.ctx.mouse_wheel(ImVec2(0, 8))
        keys(gui, False)
        gui.settle()
        assert now(gui) == Transform(scale=pytest.approx(2.0))
        assert gui.app.cell.now.view == SESSION.view

    drive(test, panels=PANELS, session=SESSION, client=MovingNetwork())


def test_a_network_that_cannot_says_so_and_nothing_moves(
    drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []
    monkeypatch.setattr("viz.picture.gestures.show_tooltip", said.append)

    def test(gui) -> None:
        gui.focus("Transform")
        gui.ctx.set_ref("Transform")
        assert not gui.ctx.item_exists("##Turn")
        keys(gui, True)
        drag(gui, (40.0, 10.0))
        keys(gui, False)
        assert gui.app.cell.now == SESSION
        assert set(said) == {mover.UNABLE}

    drive(test, panels=PANELS, session=SESSION)


def test_what_is_copied_says_it() -> None:
    moved = SESSION.with_render(transform=Transform(0.25, -0.125, 30.0, 2.0))
    able = structs.replace(make_model("/net.pkl"), transforms=True)
    text = command_line(moved, able).text
    assert "--translate=0.25,-0.125 --rotate=30.0 --zoom=2.0" in text
    assert "--rotate" not in command_line(moved, make_model("/net.pkl")).text
    assert "--rotate" not in command_line(SESSION, able).text


def test_turning_goes_round() -> None:
    transform = Transform(rotate=170.0)
    assert moving.turned(transform, 20.0).rotate == pytest.approx(-170.0)
    assert moving.angle_between((0, 0), (10, 0), (0, -10)) == pytest.approx(90)
    assert moving.angle_between((0, 0), (10, 0), (0, 10)) == pytest.approx(-90)
    assert moving.angle_between((0, 0), (1, 0), (0, 1)) == 0
