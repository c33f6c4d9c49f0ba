"""A thin line over a picture that is not yet what is wanted, with the seconds that it has taken."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui

from viz.desk.facts import Wait
from viz.picture.pill import draw_pill, ink
from viz.ui import theme
from viz.ui.text import shorten
from viz.ui.widgets import em

BEGINS = 0.4
"""Seconds of waiting that nobody minds, so that nothing flashes while the picture is dragged."""
SWEEP = 0.3
"""The length of the moving piece of the line, as a share of it, where no end is known."""
STALE = 0.35
"""Opacity of a picture of another network than the one that is on its way."""


def words(wait: Wait) -> str:
    """What is said of the wait: the network that is being read, and the seconds so far."""
    seconds = f"{wait.seconds:.1f} s"
    return f"loading {wait.loading} …  {seconds}" if wait.loading else seconds


def draw_busy(wait: Wait | None, low: ImVec2, high: ImVec2) -> None:
    """Draw a line along the upper edge between two screen positions, and words under it.

    wait: what is waited for, None where nothing is.
    """
    if wait is None or wait.seconds < BEGINS or high.x - low.x < em(4):
        return
    canvas = imgui.get_window_draw_list()
    canvas.push_clip_rect(low, high, True)
    accent = imgui.get_color_u32(theme.color(theme.current().accent))
    start, end = _piece(wait.fraction, wait.seconds)
    width, thick = high.x - low.x, max(2.0, em(0.16))
    ground = imgui.get_color_u32(theme.color(theme.current().accent, 0.25))
    canvas.add_rect_filled(low, ImVec2(high.x, low.y + thick), ground)
    left, right = low.x + start * width, low.x + end * width
    canvas.add_rect_filled(ImVec2(left, low.y), ImVec2(right, low.y + thick), accent)
    _draw_words(wait, low, high)
    canvas.pop_clip_rect()


def draw_stale(low: ImVec2, high: ImVec2) -> None:
    """Dim a picture of another network than the one that is wanted."""
    ground = theme.color(theme.current().back, 1 - STALE)
    imgui.get_window_draw_list().add_rect_filled(low, high, imgui.get_color_u32(ground))


def _piece(fraction: float, seconds: float) -> tuple[float, float]:
    """Return where the bright piece of the line begins and ends, 0…1."""
    if fraction >= 0:
        return 0.0, min(fraction, 1.0)
    at = (seconds / 1.6) % 1 * (1 + SWEEP)
    return max(at - SWEEP, 0.0), min(at, 1.0)


def _draw_words(wait: Wait, low: ImVec2, high: ImVec2) -> None:
    """Write the words in the middle, on a ground as wide as they ever are."""
    text = shorten(words(wait), high.x - low.x - em(2))
    size, height = imgui.calc_text_size(text), imgui.get_frame_height()
    corner = ImVec2((low.x + high.x - size.x) / 2 - em(0.55), low.y + em(0.6))
    draw_pill(corner, ImVec2(corner.x + size.x + em(1.1), corner.y + height))
    at = ImVec2(corner.x + em(0.55), corner.y + (height - size.y) / 2)
    imgui.get_window_draw_list().add_text(at, ink(), text)
