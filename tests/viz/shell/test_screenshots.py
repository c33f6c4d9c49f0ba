"""The window looks as it did when somebody last looked at it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from renderer.messages.options import EngineOptions
from renderer.messages.request import (
    ChannelEdit,
    LayerView,
    MixSource,
    Plane,
    RenderRequest,
    Seed,
    Truncation,
)
from tests.inline import InlineClient
from tests.paths import BUSTS
from tests.viz import screenshots
from viz.desk.settings import Settings
from viz.session.session import Session

COAST = RenderRequest(snapshot=str(BUSTS), source=Plane(60.1, 0.05), truncation=Truncation(0.8))
MIXED = RenderRequest(
    snapshot=COAST.snapshot,
    source=Plane(60.0, 0.0),
    truncation=Truncation(0.7, curve=(0.5, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.0, 1.1, 1.2)),
    mix=(
        MixSource(Seed(7), (0, 0, 0, 0, 1, 1, 0.5)),
        MixSource(Plane(62.4, 1.3), (0, 0, 0, 0, 0, 0, 0, 1, 1, 1)),
    ),
)
INSIDE = RenderRequest(
    snapshot=COAST.snapshot,
    source=Plane(59.0, 0.0),
    view=LayerView("b32.conv1", "channel", 7, colormap="viridis"),
    edits=(ChannelEdit("b32.conv1", 3, 0.0),),
)


@pytest.fixture(autouse=True)
def _fresh_panels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Panels as at the start of the program: other tests leave a zoomed map and its trail."""
    for name in [name for name in sys.modules if name.startswith("viz.panels.")]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.parametrize(
    ("name", "request_", "theme", "tabs", "size", "scale"),
    [
        ("start", COAST, "dark", (), (1440, 900), 1.0),
        ("start-light-2x", COAST, "light", ("Noise",), (1000, 640), 2.0),
        ("mixing-light", MIXED, "light", ("Style mixing",), (1440, 900), 1.0),
        ("layers", INSIDE, "dark", ("Layers",), (1440, 900), 1.0),
    ],
)
def test_the_main_states(drive, looks_like, name, request_, theme, tabs, size, scale) -> None:
    def test(gui):
        for tab in tabs:
            gui.focus(tab)
        gui.settle()
        gui.ctx.mouse_move_to_pos((size[0] * scale * 0.5, 8))  # where nothing lights up
        gui.frames(30)
        looks_like(gui, name)

    drive(
        test,
        client=InlineClient(EngineOptions(device="cpu", threads=1)),
        session=Session(request_),
        settings=Settings(theme=theme),
        size=size,
        scale=scale,
    )


def test_the_help_page(drive, looks_like) -> None:
    def test(gui):
        gui.keys("F1")
        gui.frames(10)
        looks_like(gui, "help")

    drive(test, client=InlineClient(EngineOptions(device="cpu", threads=1)), session=Session(COAST))


def test_a_moved_control_is_a_difference_and_soft_edges_are_none(drive, tmp_path: Path) -> None:
    drive(lambda gui: gui.shot(tmp_path / "window.png"))
    with Image.open(tmp_path / "window.png") as image:
        original = image.convert("RGB")
    nearly = original.point(lambda level: min(255, level + 6))
    nearly.save(tmp_path / "nearly.png")
    assert screenshots.difference(tmp_path / "window.png", tmp_path / "nearly.png") == 0
    moved = original.copy()
    ImageDraw.Draw(moved).rectangle((20, 400, 120, 460), fill=(200, 60, 60))
    moved.save(tmp_path / "moved.png")
    share = screenshots.difference(tmp_path / "window.png", tmp_path / "moved.png")
    assert share > screenshots.SHARE_TOLERANCE
    original.crop((0, 0, 1439, 900)).save(tmp_path / "smaller.png")
    assert screenshots.difference(tmp_path / "window.png", tmp_path / "smaller.png") == 1
