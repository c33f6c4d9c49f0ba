"""Stars on thumbnails and in plots: a golden one is the best by a metric, a blue one the user's."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from viz.ui import theme
from viz.ui.widgets import em

STAR, NOTE = fa.ICON_FA_STAR, fa.ICON_FA_NOTE_STICKY
"""The letters that are drawn for a star and a note."""
BEST, OWN = theme.DARK.warning, theme.DARK.accent
"""The colours of both stars: in either theme they lie on pictures, within a dark edge."""
_AROUND = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1))


def star(draw_list: imgui.ImDrawList, middle: ImVec2, *, best: bool, size: float = 1.0) -> None:
    """Draw a star that can be told from any ground.

    middle: as a screen position.
    best: it is golden.
    size: in em.
    """
    _letter(draw_list, middle, STAR, BEST if best else OWN, size)


def corner(low: ImVec2, *, best: bool, starred: bool, note: bool) -> None:
    """Draw what is said of a picture into its upper left corner, which lies at `low`."""
    draw_list = imgui.get_window_draw_list()
    x, y = low.x + em(0.75), low.y + em(0.75)
    drawn = [BEST] * best + [OWN] * starred
    letters = [(STAR, color) for color in drawn] + [(NOTE, theme.DARK.text)] * note
    for letter, color in letters:
        _letter(draw_list, ImVec2(x, y), letter, color, 0.9 if letter == STAR else 0.7)
        x += em(1.05)


def _letter(
    draw_list: imgui.ImDrawList, middle: ImVec2, letter: str, color: int, size: float
) -> None:
    font, pixels = imgui.get_font(), em(size)
    taken = imgui.calc_text_size(letter)
    scale = pixels / imgui.get_font_size()
    at = ImVec2(middle.x - taken.x * scale / 2, middle.y - taken.y * scale / 2)
    edge, ink = theme.ink(theme.DARK.back, 0.8), theme.ink(color)
    step = max(em(0.08), 1.0)
    for x, y in _AROUND:
        draw_list.add_text(font, pixels, ImVec2(at.x + x * step, at.y + y * step), edge, letter)
    draw_list.add_text(font, pixels, at, ink, letter)
