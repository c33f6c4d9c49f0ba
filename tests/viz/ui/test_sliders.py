"""Sliders and drags under the mouse: Shift makes every one of them slower."""

from __future__ import annotations

import pytest
from imgui_bundle import ImVec2, imgui

from renderer.messages.request import Plane
from viz.panels import latent, picture, truncation
from viz.session.session import Session

PANELS = (picture.PANEL, latent.PANEL, truncation.PANEL)
SHIFT = imgui.Key.mod_shift


def press_middle(gui, name: str) -> ImVec2:
    rect = gui.ctx.item_info(name).rect_full
    middle = ImVec2((rect.min.x + rect.max.x) / 2, (rect.min.y + rect.max.y) / 2)
    gui.ctx.mouse_move_to_pos(middle)
    gui.ctx.mouse_down()
    return middle


def test_shift_makes_a_slider_ten_times_slower_and_letting_it_go_makes_no_jump(drive) -> None:
    def test(gui) -> None:
        def psi() -> float:
            return gui.app.cell.now.render.truncation.psi

        gui.focus("Truncation")
        gui.ctx.set_ref("Truncation")
        rect = gui.ctx.item_info("##psi").rect_full
        per_pixel = 3 / (rect.max.x - rect.min.x)  # psi goes from -1 to 2
        gui.ctx.key_down(SHIFT)
        at = press_middle(gui, "##psi")
        assert psi() == 1.0, "a slow drag begins where the slider is"
        gui.ctx.mouse_move_to_pos(ImVec2(at.x - 50, at.y))
        slow = 1.0 - psi()
        assert slow == pytest.approx(5 * per_pixel, rel=0.1)
        gui.ctx.key_up(SHIFT)
        gui.frames(2)
        assert 1.0 - psi() == slow
        gui.ctx.mouse_move_to_pos(ImVec2(at.x - 70, at.y))
        assert 1.0 - psi() == pytest.approx(slow + 20 * per_pixel, rel=0.1)
        gui.ctx.mouse_up()
        gui.keys("Ctrl+Z")
        assert psi() == 1.0, "all of it was one step"

    drive(test, panels=PANELS, session=Session())


def test_shift_makes_a_drag_slower(drive) -> None:
    def test(gui) -> None:
        def x() -> float:
            return gui.app.cell.now.render.source.x

        gui.focus("Latent")
        gui.ctx.set_ref("Latent")
        moved = {}
        for shift in (False, True):
            before = x()
            if shift:
                gui.ctx.key_down(SHIFT)
            at = press_middle(gui, "##x")
            gui.ctx.mouse_move_to_pos(ImVec2(at.x + 200, at.y))
            gui.ctx.mouse_up()
            if shift:
                gui.ctx.key_up(SHIFT)
            moved[shift] = x() - before
        assert moved[True] == pytest.approx(moved[False] / 10, rel=0.2)

    drive(test, panels=PANELS, session=Session().with_render(source=Plane(1.5, 0.0)))
