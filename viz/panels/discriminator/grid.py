"""The picture and its augmented draws, each with what the discriminator says of it."""

from __future__ import annotations

import math

from imgui_bundle import ImVec2, imgui

from renderer.messages.frame import AtlasLayout, Verdict
from viz.desk.context import Context
from viz.gpu.pictures import Frame
from viz.panels.discriminator import verdict
from viz.ui.text import muted
from viz.ui.widgets import em

SMALLEST, GAP = 6.6, 0.35
"""The smallest side of a picture in the grid, and the gap between two of them, in em."""
ENLARGED = 17.0
"""The side of the picture in the tooltip, in em."""


def draws_grid(
    frame: Frame, answer: Verdict, marked: int | None, context: Context, *, smooth: bool
) -> int | None:
    """Draw every cell of the frame, as many side by side as there is room for.

    Returns the draw under the mouse, −1 for the picture itself, None where the mouse is elsewhere.
    answer: what D says of them.
    marked: the draw to point out.
    smooth: enlarged pixels run into each other.
    """
    layout = frame.info.atlas
    assert layout is not None
    gap = em(GAP)
    width = imgui.get_content_region_avail().x
    columns = max(1, min(layout.channels, int((width + gap) / (em(SMALLEST) + gap))))
    # Twice the size that is asked for at most: two pictures need no whole panel.
    side = min((width - gap * (columns - 1)) / columns, em(2 * SMALLEST))
    line = imgui.get_text_line_height() + em(0.25)
    hovered = None
    for index in range(layout.channels):
        if index % columns:
            imgui.same_line(0, gap)
        low = imgui.get_cursor_screen_pos()
        high = ImVec2(low.x + side, low.y + side)
        imgui.invisible_button(f"##draw {index - 1}", ImVec2(side, side + line))
        if not imgui.is_item_visible():
            continue
        _cell(frame, layout, index, low, side, context, smooth=smooth)
        logit = answer.clean if index == 0 else answer.draws[index - 1]
        _caption(low, high, line, logit, clean=index == 0)
        if imgui.is_item_hovered():
            hovered = index - 1
        if imgui.is_item_hovered(imgui.HoveredFlags_.for_tooltip):
            _tooltip(frame, layout, index, logit, context, smooth=smooth)
        if index - 1 in (marked, hovered):
            ink = imgui.get_color_u32(imgui.Col_.text)
            imgui.get_window_draw_list().add_rect(low, high, ink, 0.0, em(0.14))
    return hovered


def _cell(
    frame: Frame,
    layout: AtlasLayout,
    index: int,
    low: ImVec2,
    side: float,
    context: Context,
    *,
    smooth: bool,
    key: str = "discriminator",
) -> None:
    """Draw one cell, by drawing the whole grid through a hole."""
    row, column = divmod(index, layout.columns)
    start = ImVec2(low.x - column * side, low.y - row * side)
    end = ImVec2(start.x + layout.columns * side, start.y + layout.rows * side)
    imgui.push_clip_rect(low, ImVec2(low.x + side, low.y + side), True)
    context.draw_image(frame, start, end, smooth=smooth, key=f"{key} {index}")
    imgui.pop_clip_rect()


def _caption(low: ImVec2, high: ImVec2, line: float, logit: float, *, clean: bool) -> None:
    """Draw the number under a picture, on as much colour as D is sure."""
    canvas = imgui.get_window_draw_list()
    fill = imgui.get_color_u32(verdict.color(logit, 0.12 + 0.5 * verdict.shade(logit)))
    canvas.add_rect_filled(ImVec2(low.x, high.y), ImVec2(high.x, high.y + line), fill)
    text = verdict.signed(logit) if math.isfinite(logit) else "not finite"
    if clean:
        text = f"clean  {text}"
    size = imgui.calc_text_size(text)
    at = ImVec2((low.x + high.x - size.x) / 2, high.y + (line - size.y) / 2)
    canvas.add_text(at, imgui.get_color_u32(imgui.Col_.text), text)


def _tooltip(
    frame: Frame, layout: AtlasLayout, index: int, logit: float, context: Context, *, smooth: bool
) -> None:
    imgui.begin_tooltip()
    side = em(ENLARGED)
    low = imgui.get_cursor_screen_pos()
    imgui.dummy(ImVec2(side, side))
    _cell(frame, layout, index, low, side, context, smooth=smooth, key="discriminator large")
    imgui.text_unformatted("The picture as it is" if index == 0 else f"Draw {index}")
    imgui.same_line()
    text = f"{verdict.signed(logit, 3)}  {verdict.word(logit)}"
    imgui.text_colored(verdict.color(logit), text)
    muted(f"D gives it {verdict.percent(verdict.probability(logit))} to be real")
    imgui.end_tooltip()
