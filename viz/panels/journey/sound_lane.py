"""The lane with the sound of a journey: how loud it is, or what else of it a number follows."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui

from renderer.messages.journey import Band, Track
from viz.panels.journey.axis import TimeAxis
from viz.panels.journey.drives import BANDS
from viz.ui import theme
from viz.ui.widgets import em

HEIGHT = 2.3
"""The height of the lane, in em."""
NAME = 1.0
"""The height of the line above the bars that has the name, in em."""


def draw_sound(track: Track, band: Band, axis: TimeAxis, top: float) -> None:
    """Draw what is heard as bars that rise from the lower edge of the lane, and its name.

    band: what of the sound is drawn. top: of the lane on the screen, in pixels.
    """
    palette, draw_list = theme.current(), imgui.get_window_draw_list()
    low = ImVec2(axis.left, top)
    bottom = top + em(HEIGHT)
    draw_list.add_rect_filled(
        low, ImVec2(axis.left + axis.width, bottom), theme.ink(palette.back, 0.6)
    )
    values = next((each.values for each in track.envelopes if each.band == band), b"")
    ink, step = theme.ink(palette.good), max(1.0, em(0.2))
    for column in range(int(axis.width / step)):
        x = axis.left + column * step
        first = int(axis.time(x) * track.rate)
        last = max(first + 1, int(axis.time(x + step) * track.rate))
        if first < 0 or first >= len(values):
            continue
        height = max(values[first:last]) / 255 * (bottom - top - em(NAME))
        draw_list.add_rect_filled(
            ImVec2(x, bottom - max(height, 1.0)), ImVec2(x + 0.7 * step, bottom), ink
        )
    _draw_name(next(text for each, text in BANDS if each == band), low)


def _draw_name(text: str, low: ImVec2) -> None:
    """Draw a name in the corner of a lane, above its bars."""
    at, ink = ImVec2(low.x + em(0.3), low.y + em(0.1)), theme.ink(theme.current().muted)
    imgui.get_window_draw_list().add_text(imgui.get_font(), em(0.8), at, ink, text)
