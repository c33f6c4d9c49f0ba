"""The axis of time that everything in the panel lies over: where a moment is on the screen."""

from __future__ import annotations

from imgui_bundle import imgui

from renderer.messages.journey import Journey
from viz.panels.timeline.strip_places import Span

ZOOM = 1.25
"""By how much one notch of the wheel zooms."""
NEAREST = 0.2
"""The shortest part of a journey that can be zoomed to, in seconds."""
MARGIN = 0.05
"""The share of the whole that stays empty at each end."""


class TimeAxis:
    """Keeps which part of a journey is seen, and where it lies on the screen.

    left, width: of that part on the screen, in pixels.
    """

    def __init__(self) -> None:
        self._span: Span | None = None  # None is all of the journey
        self._whole = self._seen = Span(0.0, 1.0)
        self.left, self.width = 0.0, 1.0

    @property
    def seen(self) -> Span:
        """The times at both ends, in seconds."""
        return self._seen

    def place(self, journey: Journey, left: float, width: float) -> None:
        """Lay the axis of a journey at a place on the screen, in pixels, for this frame."""
        self.left, self.width = left, max(width, 1.0)
        length = max(journey.duration, 1.0)
        self._whole = Span(-MARGIN * length, (1 + MARGIN) * length)
        self._show(self._whole if self._span is None else self._span.inside(self._whole))

    def x(self, time: float) -> float:
        """Return where a time in seconds lies on the screen."""
        return self.left + (time - self._seen.low) / self._seen.length * self.width

    def time(self, x: float) -> float:
        """Return the time in seconds that lies at a place on the screen."""
        return self._seen.low + (x - self.left) / self.width * self._seen.length

    def holds(self, x: float, beside: float = 0.0) -> bool:
        """Whether a place on the screen is seen, or lies `beside` pixels from an end at most."""
        return self.left - beside <= x <= self.left + self.width + beside

    def navigate(self) -> None:
        """Zoom with the wheel, and move with Shift and the wheel or the middle button."""
        io, span = imgui.get_io(), self._seen
        sideways = io.mouse_wheel_h + (io.mouse_wheel if io.key_shift else 0.0)
        if io.mouse_wheel and not io.key_shift:
            share = (io.mouse_pos.x - self.left) / self.width
            at = self.time(io.mouse_pos.x)
            length = min(max(span.length * ZOOM**-io.mouse_wheel, NEAREST), self._whole.length)
            span = Span(at - share * length, at + (1 - share) * length).inside(self._whole)
        if sideways:
            span = span.moved(-sideways * span.length / 8, self._whole)
        if imgui.is_mouse_dragging(imgui.MouseButton_.middle):
            span = span.moved(-io.mouse_delta.x * span.length / self.width, self._whole)
        self._show(span)

    def follow(self, moment: float) -> None:
        """Turn the page where a moment has left what is seen. moment: in seconds."""
        if not self._seen.low <= moment <= self._seen.high:
            page = Span(moment, moment + self._seen.length)
            self._show(page.moved(-0.05 * page.length, self._whole))

    def _show(self, span: Span) -> None:
        self._seen = span
        self._span = None if span == self._whole else span
