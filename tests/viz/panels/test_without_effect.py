"""Panels of a network that lacks what they change say so, and show no controls."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from renderer.messages.model import ModelInfo
from renderer.messages.to_window import Loaded
from tests.viz.conftest import FakeClient
from viz.desk.panel import Panel
from viz.panels import noise, picture, style_mixing, truncation
from viz.session.session import Session

SESSION = Session().with_render(snapshot="net.safetensors")


class PlainNetwork(FakeClient):
    """Serves a network without w_avg and noise inputs, and with a single row of w."""

    def send(self, event: Any) -> None:
        if isinstance(event, Loaded):
            event = structs.replace(event, model=plain(event.model))
        super().send(event)


def plain(model: ModelInfo) -> ModelInfo:
    layers = tuple(structs.replace(layer, noise=False) for layer in model.layers)
    return structs.replace(model, truncates=False, layers=layers, num_ws=1, rows=model.rows[:1])


@pytest.mark.parametrize(
    ("panel", "control"),
    [
        (truncation.PANEL, "##psi"),
        (noise.PANEL, "##Strength"),
        (style_mixing.PANEL, "###add_seed"),
    ],
    ids=["truncation", "noise", "mixing"],
)
@pytest.mark.parametrize("able", [True, False])
def test_controls_are_there_only_where_they_have_an_effect(
    drive, panel: Panel, control: str, able: bool
) -> None:
    def test(gui) -> None:
        gui.focus(panel.title)
        gui.ctx.set_ref(panel.title)
        assert gui.ctx.item_exists(control) == able

    client = FakeClient() if able else PlainNetwork()
    drive(test, panels=(picture.PANEL, panel), session=SESSION, client=client)
