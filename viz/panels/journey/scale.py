"""The lane with the marks of time."""

from __future__ import annotations

import math

from imgui_bundle import ImVec2, imgui

from common import units
from viz.panels.journey.axis import TimeAxis
from viz.ui import theme
from viz.ui.widgets import em

HEIGHT = 1.5
"""The height of the lane, in em."""
STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
"""The distances of marks, in seconds; the first is taken for which there is room."""


def draw_scale(axis: TimeAxis, top: float, bottom: float) -> None:
    """Draw marks with their times, and a faint line below each.

    top: of the lane on the screen, in pixels. bottom: where the lines end.
    """
    palette, draw_list = theme.current(), imgui.get_window_draw_list()
    span, below = axis.seen, top + em(HEIGHT)
    step = next((s for s in STEPS if s / span.length * axis.width > em(4)), STEPS[-1])
    mark, faint = theme.ink(palette.muted, 0.6), theme.ink(palette.muted, 0.16)
    for number in range(max(0, math.ceil(span.low / step)), math.floor(span.high / step) + 1):
        x = axis.x(number * step)
        draw_list.add_line(ImVec2(x, below - em(0.4)), ImVec2(x, below), mark)
        draw_list.add_line(ImVec2(x, below), ImVec2(x, bottom), faint)
        text = f"{number * step:g} s" if step < 60 else units.duration(number * step)
        if x + em(0.25) + imgui.calc_text_size(text).x <= axis.left + axis.width:
            draw_list.add_text(ImVec2(x + em(0.25), top), theme.ink(palette.muted), text)
