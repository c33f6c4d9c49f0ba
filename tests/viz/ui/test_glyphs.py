"""Every sign that the interface writes is in its font; what is not would be shown as a box."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from imgui_bundle import icons_fontawesome_6 as fa
from imgui_bundle import imgui

from tests.paths import ROOT

PLACES = ("viz", "common", "renderer/messages", "renderer/client", "renderer/server")
"""Where texts that the window shows are written."""


def _docstrings(tree: ast.AST) -> set[int]:
    """Strings that stand alone, which only readers of the code see."""
    alone = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    return {id(value) for value in alone if isinstance(value, ast.Constant)}


def _texts(tree: ast.AST) -> Iterator[str]:
    skipped = _docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in skipped:
                yield node.value
        elif isinstance(node, ast.Attribute) and node.attr.startswith("ICON_FA_"):
            yield getattr(fa, node.attr)


def test_every_sign_of_the_interface_is_in_the_font(drive) -> None:
    written = {
        (sign, str(path.relative_to(ROOT)))
        for place in PLACES
        for path in (ROOT / place).rglob("*.py")
        for text in _texts(ast.parse(path.read_text("utf-8")))
        for sign in text
        if ord(sign) > 126
    }
    assert {fa.ICON_FA_PLAY, "…", "→"} <= {sign for sign, _ in written}

    def test(gui) -> None:
        font = imgui.get_font()
        missing = {(s, where) for s, where in written if not font.is_glyph_in_font(ord(s))}
        assert not missing
        assert not font.is_glyph_in_font(ord("♪")), "the font is not asked at all"

    drive(test, panels=())
