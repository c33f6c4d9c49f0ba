"""The ruler: time, a picture at every key, how it goes on between them, and the playhead."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from imgui_bundle import ImVec2, imgui
from msgspec import structs

from common import units
from renderer.messages.journey import Journey
from renderer.pictures.journey import editing
from viz.desk.context import Context
from viz.gpu.pictures import fitted
from viz.panels.journey.dropped import take_seed
from viz.panels.timeline.strip_places import Span
from viz.picture.small_pictures import SmallPictures
from viz.session import going
from viz.session.session import Session
from viz.ui import theme
from viz.ui.widgets import em, show_tooltip

PICTURE = 128
"""How many pixels the picture of a key is wide and high at most."""
KEPT = 32 << 20
"""Bytes of textures that are kept: about 500 pictures."""
ZOOM = 1.25
"""By how much one notch of the wheel zooms."""
SCALE = 1.5
"""The height of the scale of times, in em."""
MARGIN = 0.04
"""The share of the ruler that stays empty at each end."""
STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
"""The distances of marks, in seconds; the first is taken for which there is room."""


class _Shown(NamedTuple):
    """How a key lies on the ruler.

    number: its index.
    at: the middle of its upper edge, as a screen position.
    side: of its picture, in pixels.
    track: where the line of the ways lies.
    room: there is room for its picture; otherwise it is a dot.
    here: the playhead is at it.
    """

    number: int
    at: ImVec2
    side: float
    track: float
    room: bool
    here: bool


class Ruler:
    """Keeps the part of the journey that is seen, and the pictures of its keys.

    span: that part, None for all of it.
    dragged: the key that is being moved, None for none.
    """

    def __init__(self) -> None:
        self.pictures = SmallPictures(PICTURE, KEPT)
        self.span: Span | None = None
        self.dragged: int | None = None
        self._left = self._width = 0.0

    def seen(self, journey: Journey) -> Span:
        """Return the times that lie at both ends of the ruler."""
        whole = _whole(journey)
        return whole if self.span is None else self.span.inside(whole)

    def draw(self, session: Session, context: Context, size: ImVec2) -> Session:
        """Draw the ruler; return the session as it was scrubbed or edited there."""
        self.pictures.begin(session, context)
        flags = imgui.WindowFlags_.no_scrollbar | imgui.WindowFlags_.no_scroll_with_mouse
        if imgui.begin_child("ruler", size, imgui.ChildFlags_.none, flags):
            session = self._draw(session, context, size)
        imgui.end_child()
        return session

    def _draw(self, session: Session, context: Context, size: ImVec2) -> Session:
        low = imgui.get_cursor_screen_pos()
        self._left, self._width = low.x, size.x
        span = self.seen(session.journey)
        imgui.set_next_item_allow_overlap()
        imgui.invisible_button("##ground", size)
        session = take_seed(session, self._time(imgui.get_mouse_pos().x, span))
        scrubbed = imgui.is_item_active() and imgui.is_mouse_down(imgui.MouseButton_.left)
        if imgui.is_item_hovered() or imgui.is_window_hovered():
            self._navigate(session.journey, span)
        palette, draw_list = theme.current(), imgui.get_window_draw_list()
        bottom = ImVec2(low.x + size.x, low.y + size.y)
        draw_list.add_rect_filled(low, bottom, theme.ink(palette.frame), em(0.2))
        self._draw_sound(session.journey, low, size, span)
        self._draw_scale(low, span)
        if scrubbed:
            context.actions.journey.stop()
            session = going.at_moment(session, self._time(imgui.get_mouse_pos().x, span))
        session = self._draw_keys(session, context, ImVec2(low.x, low.y + em(SCALE)), size, span)
        self._draw_playhead(session, low, size, span)
        return session

    def _draw_scale(self, low: ImVec2, span: Span) -> None:
        """Draw marks with their times."""
        palette, draw_list = theme.current(), imgui.get_window_draw_list()
        step = next((s for s in STEPS if s / span.length * self._width > em(4)), STEPS[-1])
        first = max(0, math.ceil(span.low / step))
        for number in range(first, math.floor(span.high / step) + 1):
            x = self._x(number * step, span)
            ink = theme.ink(palette.border)
            draw_list.add_line(ImVec2(x, low.y), ImVec2(x, low.y + em(SCALE)), ink)
            text = f"{number * step:g} s" if step < 60 else units.duration(number * step)
            draw_list.add_text(ImVec2(x + em(0.25), low.y), theme.ink(palette.muted), text)

    def _draw_sound(self, journey: Journey, low: ImVec2, size: ImVec2, span: Span) -> None:
        """Draw how loud the sound is, as bars that rise from the lower edge."""
        track = journey.track
        envelopes = track.envelopes if track is not None else ()
        values = next((e.values for e in envelopes if e.band == "loudness"), b"")
        if track is None or not values:
            return
        draw_list, bottom = imgui.get_window_draw_list(), low.y + size.y
        ink, step = theme.ink(theme.current().good, 0.35), max(1.0, em(0.2))
        room = size.y - em(SCALE)
        for column in range(int(size.x / step)):
            x = low.x + column * step
            first = int(self._time(x, span) * track.rate)
            last = max(first + 1, int(self._time(x + step, span) * track.rate))
            if first < 0 or first >= len(values):
                continue
            height = max(values[first:last]) / 255 * room
            draw_list.add_rect_filled(
                ImVec2(x, bottom - height), ImVec2(x + 0.7 * step, bottom), ink
            )

    def _draw_keys(
        self, session: Session, context: Context, low: ImVec2, size: ImVec2, span: Span
    ) -> Session:
        """Draw the ways between the keys, and the keys that there is room for.

        low: the upper left corner of the place below the scale.
        """
        journey = session.journey
        side = size.y - em(SCALE) - em(1.1)
        track = low.y + side + em(0.65)
        _draw_ways(journey, track, lambda time: self._x(time, span))
        chosen = going.key_at(journey, session.moment)
        free = dotted = -math.inf
        edited = session
        for index, key in enumerate(journey.keys):
            x = self._x(key.time, span)
            if not self._left - side <= x <= self._left + self._width + side:
                continue
            room = index in (chosen, self.dragged) or x - free >= 0.6 * side
            if not room and x - dotted < em(0.25):
                continue  # of a thousand keys not every one has a dot
            free, dotted = (x if room else free), x
            shown = _Shown(index, ImVec2(x, low.y), side, track, room, index == chosen)
            edited = self._draw_key(edited, context, shown)
        if not imgui.is_mouse_down(imgui.MouseButton_.left):
            self.dragged = None
        return edited

    def _draw_key(self, session: Session, context: Context, shown: _Shown) -> Session:
        """Draw a key and take the mouse on it."""
        palette, draw_list = theme.current(), imgui.get_window_draw_list()
        index, at, side, track, room, here = shown
        key = session.journey.keys[index]
        low = ImVec2(at.x - side / 2, at.y)
        high = ImVec2(low.x + side, low.y + side)
        grip = em(0.45)
        corner = low if room else ImVec2(at.x - grip, track - grip)
        extent = ImVec2(side, track + grip - at.y) if room else ImVec2(2 * grip, 2 * grip)
        imgui.set_cursor_screen_pos(corner)
        imgui.set_next_item_allow_overlap()
        imgui.invisible_button(f"key {index + 1}", extent)
        hovered = imgui.is_item_hovered()
        if room:
            rounding = imgui.get_style().frame_rounding
            draw_list.add_rect_filled(low, high, theme.ink(palette.back), rounding)
            picture = self.pictures.find(session, context, key.render)
            if picture is not None:
                place = fitted(picture, low, high)
                context.draw_image(picture, *place, smooth=True, key=f"journey {index}")
            color = palette.accent if here else palette.muted if hovered else palette.border
            thick = em(0.2) if here else em(0.1)
            draw_list.add_rect(low, high, theme.ink(color), rounding, thick)
        color = palette.accent if here or hovered else palette.text
        draw_list.add_circle_filled(ImVec2(at.x, track), em(0.32), theme.ink(color))
        if hovered and imgui.is_item_hovered(imgui.HoveredFlags_.for_tooltip):
            name = key.name or f"Key {index + 1}"
            show_tooltip(f"{name}, {key.time:.2f} s. Click to go there, drag to move it in time.")
        return self._take_mouse(session, context, index)

    def _take_mouse(self, session: Session, context: Context, index: int) -> Session:
        """Go to the key that was drawn last when it is pressed, and move it while it is dragged."""
        if imgui.is_item_activated():
            context.actions.journey.stop()
            return going.at_key(session, index)
        dragged = imgui.is_mouse_dragging(imgui.MouseButton_.left)
        if not (imgui.is_item_active() and dragged):
            return session
        self.dragged = index
        time = self._time(imgui.get_mouse_pos().x, self.seen(session.journey))
        journey = editing.retimed(session.journey, index, max(0.0, time))
        moment = journey.keys[index].time
        return structs.replace(session, journey=journey, moment=moment)

    def _draw_playhead(self, session: Session, low: ImVec2, size: ImVec2, span: Span) -> None:
        palette, draw_list = theme.current(), imgui.get_window_draw_list()
        x = self._x(session.moment, span)
        ink = theme.ink(palette.accent)
        draw_list.add_line(ImVec2(x, low.y), ImVec2(x, low.y + size.y), ink, em(0.12))
        half = em(0.45)
        corners = ImVec2(x - half, low.y), ImVec2(x + half, low.y), ImVec2(x, low.y + em(0.7))
        draw_list.add_triangle_filled(*corners, ink)

    def _navigate(self, journey: Journey, span: Span) -> None:
        """Zoom with the wheel, and move with Shift and the wheel or the middle button."""
        io, whole = imgui.get_io(), _whole(journey)
        sideways = io.mouse_wheel_h + (io.mouse_wheel if io.key_shift else 0.0)
        if io.mouse_wheel and not io.key_shift:
            share = (io.mouse_pos.x - self._left) / max(self._width, 1.0)
            at = self._time(io.mouse_pos.x, span)
            length = min(max(span.length * ZOOM**-io.mouse_wheel, 0.2), whole.length)
            span = Span(at - share * length, at + (1 - share) * length).inside(whole)
        if sideways:
            span = span.moved(-sideways * span.length / 8, whole)
        if imgui.is_mouse_dragging(imgui.MouseButton_.middle):
            span = span.moved(-io.mouse_delta.x * span.length / max(self._width, 1.0), whole)
        self.span = None if span == whole else span

    def _x(self, time: float, span: Span) -> float:
        return self._left + (time - span.low) / span.length * self._width

    def _time(self, x: float, span: Span) -> float:
        return span.low + (x - self._left) / max(self._width, 1.0) * span.length


def _whole(journey: Journey) -> Span:
    """Return the times between which all of a journey lies, with a margin."""
    length = max(journey.duration, 1.0)
    return Span(-MARGIN * length, (1 + MARGIN) * length)


def _draw_ways(journey: Journey, y: float, x_of: Callable[[float], float]) -> None:
    """Draw how it goes on from each key: a line, a dotted one where the key is held.

    y: where the line lies on the screen. x_of: the place of a time on the screen.
    """
    palette, draw_list = theme.current(), imgui.get_window_draw_list()
    times = [key.time for key in journey.keys] + [journey.duration]
    for key, start, end in zip(journey.keys, times, times[1:], strict=False):
        if end <= start:
            continue
        low, high = ImVec2(x_of(start), y), ImVec2(x_of(end), y)
        back = end == journey.duration and key is journey.keys[-1]
        ink = theme.ink(palette.muted, 0.5 if back else 1.0)
        if key.going == "hold":
            ink = theme.ink(palette.border)
        draw_list.add_line(low, high, ink, em(0.14))
