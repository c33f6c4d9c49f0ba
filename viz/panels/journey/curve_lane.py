"""The lane of a curve: one number over the time of a journey, as points that can be dragged."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from imgui_bundle import ImVec2, imgui
from msgspec import structs

from renderer.messages.journey import Curve, Journey, Knob, Point
from renderer.pictures.journey import editing
from renderer.pictures.journey.curves import read, value_at
from renderer.pictures.journey.frame import at
from renderer.pictures.journey.order import LEAST as APART
from viz.panels.journey.axis import TimeAxis
from viz.panels.timeline.strip_places import Span
from viz.ui import plots, theme
from viz.ui.widgets import em, show_tooltip

Floats: TypeAlias = npt.NDArray[np.float64]
"""One number for each moment: [moments]."""

SAMPLES = 160
"""At how many moments a curve is drawn."""
LEAST = 3.0
"""The smallest height of the lane, in em."""
GRIP = 0.8
"""How far from the middle of a point the mouse takes it, in em."""
ON_LANES = imgui.HoveredFlags_.allow_when_blocked_by_active_item
"""Where the mouse counts as on the lanes: also while it holds something there."""
POINT_TIP = "Drag it. Double-click or right-click takes it away."


class CurveLane:
    """Keeps what the lane shows.

    While a point is dragged the scale of the values stands still, so that the point stays below
    the mouse; as long as the mouse is on the lanes, the scale grows and does not shrink.
    """

    def __init__(self) -> None:
        self._low, self._high = 0.0, 1.0
        self._held = False
        self._knob: Knob | None = None
        self._from = ImVec2(0, 0)
        self._drawn: tuple[Journey, Knob, Span] | None = None
        self._times = self._values = np.zeros(0)
        self._top, self._height = 0.0, 1.0

    def draw(
        self, journey: Journey, curve: Curve, axis: TimeAxis, top: float, height: float, free: bool
    ) -> Journey:
        """Draw the lane; return the journey as its points were dragged, added or taken away.

        curve: the one that is shown.
        top, height: of the lane on the screen, in pixels.
        free: the mouse is on the ground, and on no point.
        """
        self._top, self._height = top, height
        times, values = self._line(journey, curve, axis.seen)
        if not self._held:
            seen = [*values.tolist(), *(point.value for point in curve.points)]
            low, high = min(seen), max(seen)
            margin = max(0.15 * (high - low), 0.25)
            # The point that was just set stays below the mouse: meanwhile the scale only grows.
            kept = curve.knob == self._knob and imgui.is_window_hovered(ON_LANES)
            if not kept or low < self._low:
                self._low = low - margin
            if not kept or high > self._high:
                self._high = high + margin
            self._knob = curve.knob
        palette, draw_list = theme.current(), imgui.get_window_draw_list()
        low = ImVec2(axis.left, top)
        high = ImVec2(axis.left + axis.width, top + height)
        draw_list.add_rect_filled(low, high, theme.ink(palette.back, 0.6))
        imgui.push_clip_rect(low, high, True)
        self._draw_scale(axis)
        color = palette.accent if curve.points else palette.muted
        places: list[ImVec2 | tuple[float, float] | list[float]] = [
            ImVec2(axis.x(t), self._y(v)) for t, v in zip(times, values, strict=True)
        ]
        draw_list.add_polyline(places, theme.ink(color), em(0.12), imgui.ImDrawFlags_.none)
        edited = self._draw_points(journey, curve, axis)
        imgui.pop_clip_rect()
        mouse = imgui.get_mouse_pos()
        added = free and edited is journey and top <= mouse.y < top + height
        if not (added and imgui.is_mouse_double_clicked(imgui.MouseButton_.left)):
            return edited
        time = min(max(axis.time(mouse.x), 0.0), journey.duration)
        return editing.with_point(journey, curve.knob, Point(time, self._value(mouse.y)))

    def _draw_scale(self, axis: TimeAxis) -> None:
        """Draw a faint line and a number at round values."""
        palette, draw_list = theme.current(), imgui.get_window_draw_list()
        step = plots.round_up(1.8 * em() / self._height * (self._high - self._low))
        for number in range(math.ceil(self._low / step), math.floor(self._high / step) + 1):
            y = self._y(number * step)
            low, high = ImVec2(axis.left, y), ImVec2(axis.left + axis.width, y)
            draw_list.add_line(low, high, theme.ink(palette.muted, 0.2))
            corner = ImVec2(axis.left + em(0.15), y - em(0.82))
            text, ink = f"{number * step:g}", theme.ink(palette.muted)
            draw_list.add_text(imgui.get_font(), em(0.8), corner, ink, text)

    def _draw_points(self, journey: Journey, curve: Curve, axis: TimeAxis) -> Journey:
        """Draw the points; return the journey as they were dragged or taken away."""
        edited, held = journey, False
        for index, point in enumerate(curve.points):
            x, y = axis.x(point.time), self._y(point.value)
            if not axis.holds(x, em(GRIP)):
                continue
            y = min(max(y, self._top), self._top + self._height)
            imgui.set_cursor_screen_pos(ImVec2(x - em(GRIP), y - em(GRIP)))
            imgui.set_next_item_allow_overlap()
            imgui.invisible_button(f"point {index + 1}", ImVec2(em(2 * GRIP), em(2 * GRIP)))
            hovered, active = imgui.is_item_hovered(), imgui.is_item_active()
            held = held or active
            _draw_point(x, y, hovered or active)
            if active or hovered:
                told = f"{point.value:.2f} at {point.time:.2f} s"
                rests = not active and imgui.is_item_hovered(imgui.HoveredFlags_.for_tooltip)
                show_tooltip(f"{told}. {POINT_TIP}" if rests else told)
            gone = imgui.is_mouse_double_clicked(imgui.MouseButton_.left)
            gone = gone or imgui.is_mouse_clicked(imgui.MouseButton_.right)
            if hovered and gone:
                left = tuple(p for p in curve.points if p is not point)
                edited = editing.with_curve(journey, structs.replace(curve, points=left))
            elif active:
                moved = self._dragged(journey, curve, axis, index)
                edited = journey if moved is None else moved
        self._held = held
        return edited

    def _dragged(
        self, journey: Journey, curve: Curve, axis: TimeAxis, index: int
    ) -> Journey | None:
        """Return the journey with a held point where the mouse has it; None where it stays."""
        mouse, point = imgui.get_mouse_pos(), curve.points[index]
        if imgui.is_item_activated():
            self._from = ImVec2(axis.x(point.time) - mouse.x, self._y(point.value) - mouse.y)
        if not imgui.is_mouse_dragging(imgui.MouseButton_.left):
            return None
        earliest = curve.points[index - 1].time + APART if index else 0.0
        last = index == len(curve.points) - 1
        latest = journey.duration if last else curve.points[index + 1].time - APART
        time = max(earliest, min(axis.time(mouse.x + self._from.x), latest))
        points = list(curve.points)
        points[index] = Point(time, self._value(mouse.y + self._from.y))
        return editing.with_curve(journey, structs.replace(curve, points=tuple(points)))

    def _line(self, journey: Journey, curve: Curve, span: Span) -> tuple[Floats, Floats]:
        """Return moments and the values there; they are kept for as long as nothing changes."""
        drawn = self._drawn
        if drawn is None or drawn[0] is not journey or drawn[1:] != (curve.knob, span):
            driven = any(drive.knob == curve.knob for drive in journey.drives)
            # What follows a sound goes up and down with every frame of a film.
            count = SAMPLES * 3 if driven else SAMPLES
            self._times = np.linspace(max(0.0, span.low), min(span.high, journey.duration), count)
            self._values = np.array([_value(journey, curve, float(t)) for t in self._times])
            self._drawn = journey, curve.knob, span
        return self._times, self._values

    def _y(self, value: float) -> float:
        share = (value - self._low) / (self._high - self._low)
        return self._top + (1 - share) * self._height

    def _value(self, y: float) -> float:
        return self._low + (1 - (y - self._top) / self._height) * (self._high - self._low)


def _draw_point(x: float, y: float, touched: bool) -> None:
    """Draw a point of a curve with a rim that sets it off its line. touched: by the mouse."""
    palette, draw_list = theme.current(), imgui.get_window_draw_list()
    middle, radius = ImVec2(x, y), em(0.5 if touched else 0.4)
    draw_list.add_circle_filled(middle, radius + em(0.1), theme.ink(palette.window))
    draw_list.add_circle_filled(middle, radius, theme.ink(palette.accent))


def _value(journey: Journey, curve: Curve, time: float) -> float:
    """Return what the number is at a time: that of the curve or of the keys, and of the sound."""
    if any(drive.knob == curve.knob for drive in journey.drives):
        return read(at(journey, time), curve.knob)
    value = value_at(curve, time, journey.duration if journey.closed else 0.0)
    return read(at(journey, time), curve.knob) if value is None else value
