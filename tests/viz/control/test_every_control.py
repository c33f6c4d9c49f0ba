"""What panels offer to be controlled is there, and what there is is offered by a panel."""

from __future__ import annotations

import pytest
from imgui_bundle import imgui

from renderer.messages.bending import Bend
from renderer.messages.request import (
    ChannelEdit,
    ClassLabel,
    LayerView,
    MixSource,
    Noise,
    Plane,
    RenderRequest,
    Seed,
)
from tests.viz.conftest import FakeClient
from viz.desk.settings import ControlSettings, Settings
from viz.session.session import Session
from viz.shell.launch.start import Start, _settings
from viz.ui import controlled

SESSION = Session(
    RenderRequest(
        source=Plane(1.5, 2.0),
        label=ClassLabel(1, 2, 0.5),
        mix=(MixSource(Seed(3), (0.0, 0.5)), MixSource(Plane(1.0, 1.0))),
        noise=Noise("random"),
        edits=(ChannelEdit("b8.conv0", 2, 0.5),),
        view=LayerView("b8.conv0", "channel"),
        bends=(Bend("b8.conv0", "translate", 0.1), Bend("b8.conv1", "noise", 1.0)),
    )
)


def test_every_address_that_a_panel_offers_is_that_of_a_control(drive, monkeypatch) -> None:
    offered: set[str] = set()
    offer, offer_name = controlled.offer, controlled.offer_name

    def note(address: str, *, resets: bool) -> bool:
        offered.add(address)
        return offer(address, resets=resets)

    def note_name(address: str, width: float) -> None:
        offered.add(address)
        offer_name(address, width)

    monkeypatch.setattr(controlled, "offer", note)
    monkeypatch.setattr(controlled, "offer_name", note_name)

    def test(gui) -> None:
        offered.clear()  # before its network was known, more could have an effect
        for title in ("Noise", "Transform", "Latent", "Discriminator", "Layers"):
            gui.focus(title)
        gui.settle()
        offered.discard("")
        missing = [a for a in offered if gui.context.control.control(a) is None]
        assert missing == []
        # Each family is offered by its panel.
        for address in (
            "truncation/psi",
            "truncation/cutoff",
            "latent/x",
            "latent/seed",
            "class",
            "class/blend",
            "mixing/1/enabled",
            "mixing/1/row/0",
            "mixing/2/y",
            "noise/strength",
            "noise/seed",
            "bend/1/amount",
            "bend/1/down",
            "layer/gain",
            "layer/channel",
            "motion/speed",
            "discriminator/p",
        ):
            assert address in offered, address

    drive(test, session=SESSION, client=FakeClient(c_dim=4), size=(1900, 1600))


def test_a_right_click_on_a_weight_of_mixing_is_zero_and_with_shift_its_menu(drive) -> None:
    def test(gui) -> None:
        gui.ctx.set_ref("Style mixing")
        gui.ctx.key_down(imgui.Key.mod_shift)
        gui.ctx.item_click("**/##w0,1", imgui.MouseButton_.right)
        gui.ctx.key_up(imgui.Key.mod_shift)
        gui.frames(2)
        assert gui.app.cell.now.render.mix[0].weights[1] == 0.5
        gui.ctx.item_click("//$FOCUSED/###Control by")
        gui.frames(2)
        assert gui.context.control.learning == "mixing/1/row/1"
        gui.keys("Escape")
        gui.ctx.item_click("**/##w0,1", imgui.MouseButton_.right)
        gui.frames(2)
        assert gui.app.cell.now.render.mix[0].weights[1] == 0.0

    drive(test, session=SESSION)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [("9001", "127.0.0.1", 9001), ("0.0.0.0:8000", "0.0.0.0", 8000), ("[::1]:8000", "::1", 8000)],
)
def test_the_command_line_says_where_osc_is_heard(text: str, host: str, port: int) -> None:
    control = _settings(Settings(), Start(osc=text)).control
    assert control == ControlSettings(osc=True, host=host, port=port)
