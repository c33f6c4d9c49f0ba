"""Controls that knobs can move: each offers itself, and says so where one does.

A control offers itself by its address (`viz.session.controls`). The window says in every frame
which ones are moved from outside, and takes what was asked for, as it applies the theme.
"""

from __future__ import annotations

from collections.abc import Collection

from imgui_bundle import ImVec2, imgui

from viz.ui import theme
from viz.ui.layout import em


class _Offers:
    """What this window's controls have to say to it.

    moved: the addresses of those that something moves from outside.
    asked: the address of the one whose menu is to open, empty for none.
    """

    def __init__(self) -> None:
        self.moved: Collection[str] = ()
        self.asked = ""


_offers = _Offers()


def begin(moved: Collection[str]) -> None:
    """Begin a frame. moved: the addresses of the controls that something moves from outside."""
    _offers.moved = moved


def take() -> str:
    """Return the address of the control whose menu is to open; empty, and after this call."""
    asked, _offers.asked = _offers.asked, ""
    return asked


def offer_name(address: str, width: float) -> None:
    """Let the name before, of the control with this address, open its menu. Empty: do nothing.

    width: of the column that the name stands in, all of which counts, in pixels.
    """
    if not address or not imgui.is_mouse_clicked(imgui.MouseButton_.right):
        return
    low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
    if imgui.is_window_hovered() and imgui.is_mouse_hovering_rect(
        low, ImVec2(low.x + width, high.y)
    ):
        _offers.asked = address


def offer(address: str, *, resets: bool) -> bool:
    """Let the control before open its menu; return whether it has, in place of its own action.

    It has a mark at its left edge while something moves it. address: empty to do nothing.
    resets: a right-click alone puts a default back.
    """
    if not address:
        return False
    if address in _offers.moved:
        low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
        thick = em(0.2)
        ink = theme.ink(theme.current().accent)
        imgui.get_window_draw_list().add_rect_filled(low, ImVec2(low.x + thick, high.y), ink)
    plain = not resets or imgui.get_io().key_shift
    asked = plain and imgui.is_item_clicked(imgui.MouseButton_.right)
    if asked:
        _offers.asked = address
    return asked
