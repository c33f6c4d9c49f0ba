"""Tooltips: what a control is for, in words that are read at the mouse."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui

from viz.ui import theme
from viz.ui.layout import em

WIDTH_EM = 26
"""The width at which tooltips are wrapped, in em."""


def tooltip(text: str, above: ImVec2 | None = None) -> None:
    """Explain the item before, after a short hover, where a tooltip covers nothing in use.

    above: as in `show_tooltip`.
    """
    if (
        text
        and imgui.is_item_hovered(
            imgui.HoveredFlags_.for_tooltip | imgui.HoveredFlags_.allow_when_disabled
        )
        and not _in_the_way()
    ):
        show_tooltip(text, above)


def show_tooltip(text: str, above: ImVec2 | None = None) -> None:
    """Show a text at the mouse in this frame, wrapped by its width alone.

    It has the theme's colours also where the item that it explains has others, or fades.
    above: the screen position that the middle of its lower edge has instead, so that what is read
        at the mouse stays in sight.
    """
    if above is not None:
        imgui.set_next_window_pos(above, imgui.Cond_.always, ImVec2(0.5, 1.0))
    imgui.push_style_var(imgui.StyleVar_.alpha, 1.0)
    imgui.push_style_color(imgui.Col_.text, theme.color(theme.current().text))
    imgui.begin_tooltip()
    imgui.push_text_wrap_pos(em(WIDTH_EM))
    imgui.text_unformatted(text)
    imgui.pop_text_wrap_pos()
    imgui.end_tooltip()
    imgui.pop_style_color()
    imgui.pop_style_var()


def _in_the_way() -> bool:
    """Whether a tooltip would lie over the field being typed in, or an item's own open menu."""
    above = imgui.is_popup_open("", imgui.PopupFlags_.any_popup_id)
    return imgui.get_io().want_text_input or above
