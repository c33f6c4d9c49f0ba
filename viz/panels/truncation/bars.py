"""Bars that are painted with the mouse: one value per w row."""

from __future__ import annotations

import math
from collections.abc import Sequence

from imgui_bundle import ImVec2, imgui

from viz.ui.mouse import item_held
from viz.ui.widgets import em, show_tooltip


def stroke(
    values: Sequence[float], start: tuple[float, float], end: tuple[float, float]
) -> tuple[float, ...]:
    """Return the values after the brush went from `start` to `end`, both (position in bars, value).

    Bar i covers positions i…i + 1; every bar that the brush passed takes its value there, so
    that a quick stroke leaves no gaps.
    """
    first, last = math.floor(start[0]), math.floor(end[0])
    painted = list(values)
    for i in range(min(first, last), max(first, last) + 1):
        if not 0 <= i < len(painted):
            continue
        share = (i - first) / (last - first) if last != first else 1.0
        painted[i] = start[1] + (end[1] - start[1]) * share
    return tuple(painted)


class BarPlot:
    """A plot of bars that are painted with the mouse; it keeps only where the brush was.

    low, high: the range of the values.
    base: the value from which bars are drawn.
    default: what a right-click returns to.
    """

    def __init__(self, low: float, high: float, base: float, default: float) -> None:
        self._low, self._high, self._base, self._default = low, high, base, default
        self._brush: tuple[float, float] | None = None

    def draw(
        self,
        name: str,
        values: Sequence[float],
        names: Sequence[str],
        tips: Sequence[str],
        size: tuple[float, float],
        *,
        enabled: bool = True,
    ) -> tuple[float, ...]:
        """Draw the bars; return the values after painting.

        name: its label, unique in the window.
        names: written under the bars, where they differ from the one before.
        tips: the tooltip of every bar.
        size: width and height in pixels.
        """
        corner = imgui.get_cursor_screen_pos()
        size = (max(size[0], em(4)), max(size[1], em(4)))
        imgui.begin_disabled(not enabled)
        imgui.invisible_button(f"##{name}", ImVec2(*size))
        hovered, held = imgui.is_item_hovered(), item_held()
        imgui.end_disabled()
        self._left, self._top = corner.x + em(1.9), corner.y + em(0.4)
        self._right, self._bottom = corner.x + size[0], corner.y + size[1] - em(1.3)
        self._count = max(1, len(values))
        result = tuple(values)
        mouse = imgui.get_mouse_pos()
        at = ((mouse.x - self._left) / self._pitch, self._value(mouse.y))
        bar = math.floor(at[0]) if hovered or held else -1
        if held:
            result = stroke(values, self._brush or at, at)
            self._brush = at
        else:
            self._brush = None
            if 0 <= bar < len(values) and imgui.is_mouse_clicked(imgui.MouseButton_.right):
                result = (*values[:bar], self._default, *values[bar + 1 :])
        self._paint(result, names, bar, corner, size, enabled)
        if 0 <= bar < len(values) and (held or imgui.is_item_hovered(_FOR_TOOLTIP)):
            show_tooltip(f"{tips[bar]}: {result[bar]:.2f}")
        return result

    @property
    def _pitch(self) -> float:
        return (self._right - self._left) / self._count

    def _value(self, y: float) -> float:
        share = (self._bottom - y) / (self._bottom - self._top)
        value = self._low + share * (self._high - self._low)
        # Halves of a tenth are what a hand can aim at; the round numbers attract.
        value = round(value * 20) / 20
        return min(max(value, self._low), self._high)

    def _y(self, value: float) -> float:
        share = (min(max(value, self._low), self._high) - self._low) / (self._high - self._low)
        return self._bottom - share * (self._bottom - self._top)

    def _paint(
        self,
        values: Sequence[float],
        names: Sequence[str],
        bar: int,
        corner: ImVec2,
        size: tuple[float, float],
        enabled: bool,
    ) -> None:
        canvas = imgui.get_window_draw_list()
        far = ImVec2(corner.x + size[0], corner.y + size[1])
        shade = 1.0 if enabled else 0.4
        font, small = imgui.get_font(), imgui.get_font_size() * 0.82
        ground = imgui.get_color_u32(imgui.Col_.frame_bg)
        canvas.add_rect_filled(
            ImVec2(self._left, corner.y), ImVec2(far.x, self._bottom), ground, em(0.2)
        )
        ticks = range(math.ceil(self._low), math.floor(self._high) + 1)
        for tick in ticks:
            y = self._y(tick)
            ink = imgui.get_color_u32(imgui.Col_.text, 0.35 if tick == self._base else 0.13)
            canvas.add_line(ImVec2(self._left, y), ImVec2(far.x, y), ink)
            text = f"{tick}".replace("-", "−")
            width = imgui.calc_text_size(text).x * 0.82
            at = ImVec2(self._left - width - em(0.35), y - small / 2)
            canvas.add_text(
                font, small, at, imgui.get_color_u32(imgui.Col_.text, 0.6 * shade), text
            )
        gap = min(em(0.15), self._pitch * 0.15)
        free = -math.inf
        for i, value in enumerate(values):
            x0, x1 = self._left + i * self._pitch + gap, self._left + (i + 1) * self._pitch - gap
            y0, y1 = sorted((self._y(value), self._y(self._base)))
            ink = imgui.Col_.plot_histogram_hovered if i == bar else imgui.Col_.plot_histogram
            y1 = max(y1, y0 + 2)
            canvas.add_rect_filled(
                ImVec2(x0, y0), ImVec2(x1, y1), imgui.get_color_u32(ink, 0.85 * shade), em(0.1)
            )
            if i and names[i] == names[i - 1]:
                continue
            if i:
                x = x0 - gap
                ink = imgui.get_color_u32(imgui.Col_.text, 0.13)
                canvas.add_line(ImVec2(x, corner.y), ImVec2(x, self._bottom + em(0.35)), ink)
            if x0 > free:
                ink = imgui.get_color_u32(imgui.Col_.text, 0.6 * shade)
                canvas.add_text(font, small, ImVec2(x0, self._bottom + em(0.2)), ink, names[i])
                free = x0 + imgui.calc_text_size(names[i]).x * 0.82 + em(0.2)


_FOR_TOOLTIP = imgui.HoveredFlags_.for_tooltip
