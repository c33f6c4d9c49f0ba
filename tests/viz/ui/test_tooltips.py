"""Tooltips cover nothing that is in use, and are wrapped by their width alone."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
from imgui_bundle import imgui
from PIL import Image

import viz
from viz.desk.panel import Panel
from viz.desk.settings import Settings
from viz.picture.pill import on_pill
from viz.ui import widgets

BREAK = re.compile(r"[^\n.]\n[^\n]")


def test_no_sentence_of_the_window_is_broken_by_hand() -> None:
    """A new line may begin after a sentence; where one breaks, the width decides."""
    broken = [
        f"{path.name}:{node.lineno}: {node.value[:60]!r}"
        for path in Path(viz.__file__).parent.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.Call | ast.Tuple | ast.Assign)
        for node in ast.walk(function)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if BREAK.search(node.value) and path.name != "display.py"  # which speaks to a terminal
        if "#version" not in node.value  # the source of a shader
    ]
    assert broken == []


def tip_shown() -> bool:
    """Whether a tooltip was drawn in the last frame."""
    windows = imgui.get_current_context().windows
    return any(window.name.startswith("##Tooltip") and window.active for window in windows)


class Host:
    """A field with a tooltip, and a menu whose item has one and opens another menu."""

    def __init__(self) -> None:
        self.text = ""
        self.opened = False

    def draw(self, session, context):
        widgets.label("Label", "What the field is for.")
        _, self.text = imgui.input_text("##Field", self.text)
        widgets.tooltip("A field.")
        if imgui.button("Menu"):
            imgui.open_popup("menu")
        if imgui.begin_popup("menu"):
            self.opened = imgui.begin_menu("More")
            if self.opened:
                imgui.menu_item("Item", "", False)
                imgui.end_menu()
            widgets.tooltip("What more there is.")
            imgui.menu_item("Other", "", False)
            widgets.tooltip("Something else.")
            imgui.end_popup()
        return session


def test_no_tooltip_lies_over_the_field_that_is_typed_in(drive) -> None:
    def test(gui) -> None:
        gui.ctx.set_ref("Host")
        gui.ctx.mouse_move("##Field")
        gui.ctx.sleep_no_skip(2.0, 0.1)
        assert tip_shown()
        gui.ctx.item_click("##Field")
        gui.ctx.key_chars("typed")
        gui.ctx.sleep_no_skip(2.0, 0.1)
        assert not tip_shown()
        gui.keys("Escape")

    drive(test, panels=(Panel("Host", "", "right", 0, make=lambda: Host().draw),))


def test_no_tooltip_lies_over_the_menu_of_its_own_item(drive) -> None:
    def test(gui) -> None:
        gui.ctx.set_ref("Host")
        gui.ctx.item_click("Menu")
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.mouse_move("Other")
        gui.ctx.sleep_no_skip(2.0, 0.1)
        assert tip_shown()
        gui.ctx.item_click("More")
        gui.ctx.sleep_no_skip(2.0, 0.1)
        assert gui.panel("Host").opened
        assert not tip_shown()

    drive(test, panels=(Panel("Host", "", "right", 0, make=lambda: Host().draw),))


def test_a_tooltip_is_legible_whatever_colours_its_item_has(drive, tmp_path: Path) -> None:
    """The buttons over a picture are white on a dark plate, and fade; what explains them is not."""

    def draw(session, context):
        with on_pill(0.3):
            imgui.button("Item")
            widgets.tooltip("MMMMMMMM")
        return session

    def test(gui) -> None:
        gui.ctx.set_ref("Host")
        gui.ctx.mouse_move("Item")
        gui.until(tip_shown)
        gui.frames(3)  # in the first ImGui measures it
        gui.shot(tmp_path / "tip.png")
        tips = [w for w in imgui.get_current_context().windows if w.name.startswith("##Tooltip")]
        rect = next(tip for tip in tips if tip.active).outer_rect_clipped
        with Image.open(tmp_path / "tip.png") as image:
            box = tuple(round(v) for v in (rect.min.x, rect.min.y, rect.max.x, rect.max.y))
            shades = np.asarray(image.convert("L").crop(box))
        assert shades.max() - shades.min() > 180

    panels = (Panel("Host", "", "center", 0, draw),)
    for name in ("light", "dark"):
        drive(test, panels=panels, settings=Settings(theme=name))
