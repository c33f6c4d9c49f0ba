"""The Truncation panel, driven as a user would."""

from __future__ import annotations

import pytest
from imgui_bundle import ImVec2, imgui
from msgspec import structs

from renderer.messages.request import Truncation
from renderer.messages.to_window import Loaded
from tests.viz.conftest import FakeClient
from viz.panels import picture, truncation
from viz.panels.truncation.curves import effective, merged
from viz.session.session import Session

PANELS = (picture.PANEL, truncation.PANEL)
ROWS = 10


def session(value: Truncation) -> Session:
    return Session().with_render(snapshot="net.safetensors", truncation=value)


def bar(gui, index: int, value: float) -> ImVec2:
    """The screen position of a value in a bar of the plot, from its ticks at −1 and 2."""
    box = gui.ctx.item_info("##curve").rect_full
    em = 15.0
    left, top, bottom = box.min.x + 1.9 * em, box.min.y + 0.4 * em, box.max.y - 1.3 * em
    pitch = (box.max.x - left) / ROWS
    return ImVec2(left + (index + 0.5) * pitch, bottom - (value + 1) / 3 * (bottom - top))


def test_psi_and_cutoff(drive) -> None:
    def test(gui) -> None:
        gui.ctx.set_ref("Truncation")
        gui.ctx.item_input_value("##psi", 0.5)
        gui.ctx.item_input_value("##Cutoff", 4)
        gui.settle()
        assert gui.context.frame.request.truncation == Truncation(0.5, 4)
        gui.ctx.item_input_value("##Cutoff", ROWS)
        assert gui.app.cell.now.render.truncation == Truncation(0.5, None)
        gui.ctx.item_click("##psi", 1)
        assert gui.app.cell.now.render.truncation == Truncation(1.0, None)

    drive(test, panels=PANELS, session=session(Truncation()))


def test_the_curve_starts_from_psi_and_cutoff_and_goes_back_to_them(drive) -> None:
    def test(gui) -> None:
        gui.ctx.set_ref("Truncation")
        gui.ctx.item_click("psi per row")
        curve = gui.app.cell.now.render.truncation.curve
        assert curve == (0.5,) * 4 + (1.0,) * (ROWS - 4)
        gui.ctx.item_click("Ramp")
        ramp = gui.app.cell.now.render.truncation.curve
        assert ramp[0] == 0.5
        assert ramp[-1] == 1.0
        assert list(ramp) == sorted(ramp)
        gui.ctx.item_click("Coarse")
        assert gui.app.cell.now.render.truncation.curve[0] == 0.5
        assert gui.app.cell.now.render.truncation.curve[-1] == 1.0
        gui.ctx.item_click("Flat")
        assert gui.app.cell.now.render.truncation.curve == (0.5,) * ROWS
        gui.ctx.item_click("psi per row")
        assert gui.app.cell.now.render.truncation == Truncation(0.5, 4)

    drive(test, panels=PANELS, session=session(Truncation(0.5, 4)))


def test_bars_are_painted_in_one_step_and_reset_by_a_right_click(drive) -> None:
    def test(gui) -> None:
        gui.ctx.set_ref("Truncation")
        gui.ctx.mouse_move_to_pos(bar(gui, 1, 0.0))
        gui.ctx.mouse_down()
        # A slow window hears of the last move and of the release in one frame.
        no_yield = imgui.test_engine.TestOpFlags_.no_yield
        gui.ctx.mouse_teleport_to_pos(bar(gui, 4, 0.0), no_yield)
        gui.ctx.mouse_up()
        gui.frames(2)
        curve = gui.app.cell.now.render.truncation.curve
        assert curve[0] == 1.0
        assert curve[1:5] == pytest.approx((0.0,) * 4, abs=0.051)
        assert curve[5:] == (1.0,) * (ROWS - 5)
        gui.ctx.mouse_move_to_pos(bar(gui, 2, 0.5))
        gui.ctx.mouse_click(1)
        gui.frames(2)
        assert gui.app.cell.now.render.truncation.curve[2] == 1.0
        gui.keys("Ctrl+Z")
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render.truncation == Truncation()

    drive(test, panels=PANELS, session=session(Truncation()))


def test_rows_that_a_smaller_network_lacks_are_kept() -> None:
    assert merged((0.1,) * 18, (0.5,) * 10) == (0.5,) * 10 + (0.1,) * 8
    assert effective(Truncation(curve=(0.1, 0.2)), 4) == (0.1, 0.2, 1.0, 1.0)
    assert effective(Truncation(0.3, 99), 3) == (0.3,) * 3


@pytest.mark.parametrize("own", [None, (0.7, 8), (0.5, None)])
def test_the_truncation_of_the_program_that_wrote_the_file(drive, own) -> None:
    psi, cutoff = own or (None, None)

    class Published(FakeClient):
        def send(self, event) -> None:
            if isinstance(event, Loaded):
                model = structs.replace(event.model, own_psi=psi, own_cutoff=cutoff)
                event = structs.replace(event, model=model)
            super().send(event)

    def test(gui) -> None:
        gui.ctx.set_ref("Truncation")
        button = f"Published: {psi:g}" if own else "Published: 1"
        assert gui.ctx.item_exists(button) == bool(own)
        if own:
            gui.ctx.item_click(button)
            assert gui.app.cell.now.render.truncation == Truncation(psi, cutoff)

    drive(test, panels=PANELS, session=session(Truncation()), client=Published())
