"""Panels in places that are too small for them, and with nothing to show."""

from __future__ import annotations

import pytest

from renderer.messages.request import LayerView, MixSource, Plane, SavedW, Seed, Truncation
from viz.panels import discover
from viz.session.session import Session

CROWDED = Session().with_render(
    snapshot="net.safetensors",
    source=Plane(-3.5, 2.5, 7),
    mix=(*(MixSource(Seed(i), (0.3,) * 40) for i in range(12)), MixSource(SavedW("a/b/c.npz"))),
    truncation=Truncation(curve=(0.5, 2.0, -1.0)),
    view=LayerView("b16.conv1", "atlas"),
)


@pytest.mark.parametrize("size", [(64, 48), (300, 200)])
@pytest.mark.parametrize("session", [Session(), CROWDED], ids=["empty", "crowded"])
def test_every_panel_draws_in_a_tiny_window(drive, size, session) -> None:
    def test(gui) -> None:
        for panel in discover():
            gui.focus(panel.title)
            gui.frames(2)
        assert not gui.app.guard._failed

    drive(test, session=session, size=size, settle=False)
