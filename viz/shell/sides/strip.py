"""The strip at an edge of the window, from which the panels of a side are opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from imgui_bundle import ImVec2, imgui

from viz.desk.panel import Panel
from viz.desk.settings import Side
from viz.shell.sides.columns import Columns
from viz.ui import theme
from viz.ui.widgets import em, tooltip

KEYS: dict[Side, str] = {"left": "T", "right": "N", "bottom": "J"}
"""The key that opens and collapses each side."""


@contextmanager
def edge(name: str, low: ImVec2, high: ImVec2, padding: ImVec2) -> Iterator[None]:
    """Draw a window at an edge of the program's, which nobody can move."""
    imgui.set_next_window_pos(low)
    imgui.set_next_window_size(ImVec2(high.x - low.x, high.y - low.y))
    imgui.push_style_var(imgui.StyleVar_.window_padding, padding)
    imgui.push_style_var(imgui.StyleVar_.window_min_size, ImVec2(1, 1))
    imgui.push_style_var(imgui.StyleVar_.window_border_size, 0)
    imgui.push_style_var(imgui.StyleVar_.window_rounding, 0)
    flags = imgui.WindowFlags_
    imgui.begin(
        name,
        None,
        flags.no_decoration
        | flags.no_move
        | flags.no_docking
        | flags.no_saved_settings
        | flags.no_bring_to_front_on_focus
        | flags.no_focus_on_appearing,
    )
    imgui.pop_style_var(4)
    yield
    imgui.end()


def draw_strip(side: Side, columns: Columns, low: ImVec2, high: ImVec2) -> None:
    """Draw the strip of a side between two corners, where it has one."""
    if not columns.strip_em(side):
        return
    gap = ImVec2(em(0.2), em(0.2))
    imgui.push_style_color(imgui.Col_.window_bg, theme.color(theme.current().bar))
    with edge(f"Strip {side}", low, high, gap):
        imgui.push_style_var(imgui.StyleVar_.item_spacing, gap)
        _buttons(side, columns, em(columns.strip_em(side) - 0.4))
        imgui.pop_style_var()
    imgui.pop_style_color()


def _buttons(side: Side, columns: Columns, thick: float) -> None:
    panels = columns.panels_of(side)
    gap, room = em(0.2), imgui.get_content_region_avail().x
    named = [_width(f"{panel.icon}  {panel.title}") for panel in panels]
    names = side == "bottom" and sum(named) + gap * (len(panels) - 1) <= room
    for i, panel in enumerate(panels):
        if side == "bottom" and i:
            imgui.same_line(0, gap)
        text = f"{panel.icon}  {panel.title}" if names else panel.icon
        size = ImVec2(named[i] if names else thick, thick)
        if _button(text, size, panel, shown=columns.in_front(panel.title)):
            columns.press(panel.title)
        tooltip(f"{panel.title}\n{KEYS[side]} opens and collapses all of this side.")


def _width(text: str) -> float:
    return imgui.calc_text_size(text).x + em(1)


def _button(text: str, size: ImVec2, panel: Panel, *, shown: bool) -> bool:
    """Draw a flat button for a panel; return whether it was pressed."""
    palette = theme.current()
    imgui.push_style_color(imgui.Col_.button, theme.color(palette.raised if shown else 0, shown))
    imgui.push_style_color(imgui.Col_.text, theme.color(palette.text if shown else palette.muted))
    imgui.push_style_var(imgui.StyleVar_.frame_padding, ImVec2(0, 0))
    imgui.push_style_var(imgui.StyleVar_.frame_border_size, 0)
    pressed: bool = imgui.button(f"{text}###{panel.title}", size)
    imgui.pop_style_var(2)
    imgui.pop_style_color(2)
    return pressed
