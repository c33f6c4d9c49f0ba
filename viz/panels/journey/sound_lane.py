"""The lane with the sound of a journey: how loud it is, or what else of it a number follows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
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
    edges = [axis.left + column * step for column in range(int(axis.width / step) + 1)]
    heights = loudest(values, [axis.time(x) * track.rate for x in edges])
    for x, height in zip(edges, heights, strict=False):
        if height is not None:
            high = max(height / 255 * (bottom - top - em(NAME)), 1.0)
            draw_list.add_rect_filled(ImVec2(x, bottom - high), ImVec2(x + 0.7 * step, bottom), ink)
    _draw_name(next(text for each, text in BANDS if each == band), low)


def loudest(values: bytes, edges: Sequence[float]) -> list[int | None]:
    """Return the greatest value between each edge and the next, None where there are none.

    An hour has 216,000 values, all of which are looked through in every frame.

    edges: in values, rising; each column has one at least.
    """
    at = np.trunc(edges).astype(int)
    inside = (np.asarray(edges[:-1]) > -1) & (at[:-1] < len(values))
    firsts = at[:-1][inside]
    found: list[int | None] = [None] * len(inside)
    if len(firsts):
        last = max(int(at[1:][inside][-1]), int(firsts[-1]) + 1)
        whole = np.frombuffer(values, np.uint8)[:last]
        greatest = np.maximum.reduceat(whole, firsts).tolist()
        for column, value in zip(np.flatnonzero(inside).tolist(), greatest, strict=True):
            found[column] = value
    return found


def _draw_name(text: str, low: ImVec2) -> None:
    """Draw a name in the corner of a lane, above its bars."""
    at, ink = ImVec2(low.x + em(0.3), low.y + em(0.1)), theme.ink(theme.current().muted)
    imgui.get_window_draw_list().add_text(imgui.get_font(), em(0.8), at, ink, text)
