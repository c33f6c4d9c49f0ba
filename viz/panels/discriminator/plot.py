"""D's output on every draw as a row of dots, against the picture as it is."""

from __future__ import annotations

import math

from imgui_bundle import ImVec2, imgui

from renderer.messages.frame import Verdict
from viz.panels.discriminator import verdict
from viz.ui import theme
from viz.ui.widgets import em, tooltip

TIP = (
    "Every dot is D's output on one draw. The bar on the axis is their mean ± standard deviation, "
    "the diamond the picture as it is."
)
"""Shown over the plot."""
HEIGHT = 7.6
"""The height of the plot, in em."""
SMALL = 0.85
"""The size of its text, as a share of the font's."""


def draws_plot(answer: Verdict, marked: int | None) -> int | None:
    """Draw the plot as wide as there is room; return the draw under the mouse.

    Dots of the same place lie on each other. 0 is where D changes its mind.
    marked: the draw to point out.
    """
    plot = _Plot(answer)
    imgui.invisible_button("##distribution", plot.size)
    under = plot.dot_at(imgui.get_mouse_pos()) if imgui.is_item_hovered() else None
    if under is None:
        tooltip(TIP)
    else:
        logit = answer.draws[under]
        tooltip(f"Draw {under + 1}: {verdict.signed(logit)} {verdict.word(logit)}")
    plot.paint(marked if under is None else under)
    return under


class _Plot:
    """Places and paints what is seen in the plot of one answer."""

    def __init__(self, answer: Verdict) -> None:
        self._answer = answer
        values = [value for value in (answer.clean, *answer.draws) if math.isfinite(value)]
        # Whole numbers, so that the axis stands still while p is dragged.
        self._low = math.floor(min(-2.0, *values, 0.0)) if values else -2
        self._high = math.ceil(max(2.0, *values, 0.0)) if values else 2
        self.size = ImVec2(max(imgui.get_content_region_avail().x, em(6)), em(HEIGHT))
        self._corner = imgui.get_cursor_screen_pos()
        self._radius = em(0.3)
        self._top = self._corner.y + em(1.5)
        self._base = self._corner.y + self.size.y - em(1.5)
        self._dots = self._place()

    def _x(self, value: float) -> float:
        pad = em(0.9)
        share = (value - self._low) / (self._high - self._low)
        return self._corner.x + pad + share * (self.size.x - 2 * pad)

    def _place(self) -> list[ImVec2]:
        """Return where every draw lies: in columns as wide as a dot, from the axis up."""
        columns: dict[int, int] = {}
        levels = []
        for logit in self._answer.draws:
            column = round(self._x(logit) / (2 * self._radius)) if math.isfinite(logit) else -1
            levels.append(columns.get(column, 0))
            columns[column] = levels[-1] + 1
        room = self._base - self._top - 2 * self._radius
        step = min(2.2 * self._radius, room / max(columns.values(), default=1))
        return [
            ImVec2(self._x(logit), self._base - 1.4 * self._radius - level * step)
            for logit, level in zip(self._answer.draws, levels, strict=True)
        ]

    def dot_at(self, mouse: ImVec2) -> int | None:
        """Return the index of the dot nearest to the mouse, None where none is near."""
        near = [
            (math.hypot(dot.x - mouse.x, dot.y - mouse.y), index)
            for index, dot in enumerate(self._dots)
            if math.isfinite(dot.x)
        ]
        distance, index = min(near, default=(math.inf, 0))
        return index if distance < em(0.7) else None

    def paint(self, marked: int | None) -> None:
        """Paint the plot. marked: the draw to point out."""
        canvas = imgui.get_window_draw_list()
        far = ImVec2(self._corner.x + self.size.x, self._corner.y + self.size.y)
        back = imgui.get_color_u32(theme.color(theme.current().back))
        canvas.add_rect_filled(self._corner, ImVec2(far.x, self._base), back, em(0.25))
        self._paint_axis(canvas)
        self._paint_spread(canvas)
        for index, (dot, logit) in enumerate(zip(self._dots, self._answer.draws, strict=True)):
            if math.isfinite(logit):
                ink = imgui.get_color_u32(verdict.color(logit))
                canvas.add_circle_filled(dot, self._radius, ink)
                if index == marked:
                    text = imgui.get_color_u32(imgui.Col_.text)
                    canvas.add_circle(dot, 1.7 * self._radius, text, 0, em(0.1))
        if math.isfinite(self._answer.clean):
            self._paint_clean(canvas)

    def _paint_axis(self, canvas: imgui.ImDrawList) -> None:
        faint, strong = (imgui.get_color_u32(imgui.Col_.text, a) for a in (0.10, 0.45))
        step = max(1, math.ceil((self._high - self._low) / 10))
        for tick in range(math.ceil(self._low / step) * step, self._high + 1, step):
            x = self._x(tick)
            ink = faint if tick else strong
            canvas.add_line(ImVec2(x, self._corner.y), ImVec2(x, self._base), ink)
            _text(canvas, ImVec2(x, self._base + em(0.2)), f"{tick}".replace("-", "−"), 0.5)
        zero, y = self._x(0), self._corner.y + em(0.2)
        for logit, side, text in ((-1, -1.0, "fake"), (1, 0.0, "real")):
            at = ImVec2(zero + (em(0.4) if logit > 0 else -em(0.4)), y)
            _text(canvas, at, text, side, imgui.get_color_u32(verdict.color(logit)))

    def _paint_spread(self, canvas: imgui.ImDrawList) -> None:
        """Draw mean ± standard deviation as a bar on the axis."""
        if len(self._answer.draws) < 2 or not math.isfinite(sum(self._answer.draws)):
            return
        mean, spread = verdict.mean(self._answer), verdict.spread(self._answer)
        ink = imgui.get_color_u32(imgui.Col_.text, 0.8)
        low = max(self._x(mean - spread), self._corner.x)
        high = min(self._x(mean + spread), self._corner.x + self.size.x)
        canvas.add_line(ImVec2(low, self._base), ImVec2(high, self._base), ink, em(0.16))
        x, arm = self._x(mean), em(0.42)
        canvas.add_line(ImVec2(x, self._base - arm), ImVec2(x, self._base + arm), ink, em(0.16))

    def _paint_clean(self, canvas: imgui.ImDrawList) -> None:
        x = self._x(self._answer.clean)
        ink = imgui.get_color_u32(imgui.Col_.text)
        y = self._top - em(0.1)
        canvas.add_line(ImVec2(x, y), ImVec2(x, self._base), ink, em(0.1))
        size = em(0.36)
        canvas.add_quad_filled(
            ImVec2(x - size, y), ImVec2(x, y - size), ImVec2(x + size, y), ImVec2(x, y + size), ink
        )


def _text(
    canvas: imgui.ImDrawList, at: ImVec2, text: str, align: float, ink: int | None = None
) -> None:
    """Draw small text that ends (align −1), is centred (0.5) or begins (0) at `at`."""
    size = imgui.get_font_size() * SMALL
    width = imgui.calc_text_size(text).x * SMALL
    x = at.x - (width if align < 0 else align * width)
    quiet = imgui.get_color_u32(imgui.Col_.text, 0.6)
    canvas.add_text(imgui.get_font(), size, ImVec2(x, at.y), ink or quiet, text)
