"""The panels that CONTRIBUTING.md shows are added as it says, and work in the window."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

import viz.panels
from tests.paths import ROOT
from viz.desk.panel import Panel
from viz.panels import discover, picture
from viz.session.session import Session

SESSION = Session().with_render(snapshot="net.safetensors")


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Panel]:
    """The panels of the recipe by their titles, found in a folder beside those that are there."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    recipe = text.split("## Add a panel")[1].split("\n## ")[0]
    examples = re.findall(r"```python\n# viz/panels/(\S+)\n(.*?)```", recipe, re.DOTALL)
    folder = tmp_path / "panels"
    for name, code in examples:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
    before, known = {panel.title for panel in discover()}, set(sys.modules)
    monkeypatch.setattr(viz.panels, "__path__", [*viz.panels.__path__, str(folder)])
    found = {panel.title: panel for panel in discover() if panel.title not in before}
    for name in set(sys.modules) - known:
        if name.startswith("viz.panels."):
            monkeypatch.delitem(sys.modules, name)
            monkeypatch.delattr(viz.panels, name.split(".")[2], raising=False)
    return found


def test_both_are_found(shown: dict[str, Panel]) -> None:
    assert set(shown) == {"Hello", "Greetings"}


def test_the_slider_of_the_file_changes_psi_in_the_picture(drive, shown) -> None:
    def test(gui) -> None:
        gui.focus("Hello")
        gui.ctx.set_ref("Hello")
        gui.ctx.item_input_value("##psi", 0.5)
        gui.settle()
        assert gui.context.frame.request.truncation.psi == 0.5

    drive(test, panels=(picture.PANEL, shown["Hello"]), session=SESSION)


def test_the_command_of_the_folder_has_a_menu_item_and_a_shortcut(drive, shown) -> None:
    def test(gui) -> None:
        gui.ctx.set_ref("##MainMenuBar")
        gui.ctx.menu_click("View/Average picture")
        gui.frames(2)
        assert gui.app.cell.now.render.truncation.psi == 0.0
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render.truncation.psi == 1.0
        gui.keys("Ctrl+Shift+J")
        assert gui.app.cell.now.render.truncation.psi == 0.0

    drive(test, panels=(picture.PANEL, shown["Greetings"]), session=SESSION)


def test_what_a_panel_keeps_begins_anew_in_every_window(drive, shown) -> None:
    def test(gui) -> None:
        gui.focus("Greetings")
        gui.ctx.set_ref("Greetings")
        gui.ctx.item_click("Greet")
        gui.frames(1)
        assert gui.panel("Greetings")._greeted == 1

    for _ in range(2):
        drive(test, panels=(picture.PANEL, shown["Greetings"]), session=SESSION)
