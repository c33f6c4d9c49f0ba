"""The scrub bar: the whole run as a line with a mark for every snapshot and a handle to drag."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui

from viz.desk.context import Context
from viz.desk.parts.timeline import TimelineActions, TimelineFacts
from viz.panels.timeline import strip_places
from viz.panels.timeline.film_strip import explain
from viz.panels.timeline.strip_places import Span
from viz.ui import theme
from viz.ui.mouse import item_held
from viz.ui.widgets import em, tooltip

HEIGHT = 1.9
"""The height of the bar, in em."""
ENDS = "Drag: where playing and exporting {}. Right-click: as far as there are snapshots."


class ScrubBar:
    """Draws the bar and takes the drags on it.

    hovered: the snapshot under the mouse, None where the mouse is elsewhere.
    """

    def __init__(self) -> None:
        self.hovered: int | None = None
        self._left = self._width = 0.0
        self._whole = Span(0.0, 1.0)

    def draw(self, timeline: TimelineFacts, context: Context, seen: Span, width: float) -> None:
        """Draw the bar, `width` pixels wide. seen: the part of the run that the strip shows."""
        low = imgui.get_cursor_screen_pos()
        self._left, self._width = low.x, width
        self._whole = strip_places.whole(timeline.places)
        high = ImVec2(low.x + width, low.y + em(HEIGHT))
        imgui.set_next_item_allow_overlap()
        imgui.invisible_button("##scrub", ImVec2(width, em(HEIGHT)))
        self._scrub(timeline, context)
        track = low.y + em(0.7)
        self._paint(timeline, seen, track)
        end = ImVec2(low.x, high.y)
        self._draw_end(timeline, context.actions.timeline, 0, track)
        self._draw_end(timeline, context.actions.timeline, 1, track)
        self._paint_handle(timeline, track)
        imgui.set_cursor_screen_pos(end)
        imgui.dummy(ImVec2(0, 0))

    def _scrub(self, timeline: TimelineFacts, context: Context) -> None:
        self.hovered = None
        held = item_held()
        if not (imgui.is_item_hovered() or imgui.is_item_active() or held):
            return
        index = self._nearest(timeline)
        self.hovered = index
        if index is None:
            return
        if held:
            context.actions.timeline.show(index, step=imgui.is_item_activated())
        explain(timeline, timeline.stops[index], context.marks, context)

    def _nearest(self, timeline: TimelineFacts) -> int | None:
        share = (imgui.get_mouse_pos().x - self._left) / max(self._width, 1.0)
        place = self._whole.low + share * self._whole.length
        return timeline.nearest(place)

    def _x(self, place: float) -> float:
        return self._left + (place - self._whole.low) / self._whole.length * self._width

    def _paint(self, timeline: TimelineFacts, seen: Span, y: float) -> None:
        palette, draw_list = theme.current(), imgui.get_window_draw_list()
        half = em(0.14)
        left, right = self._x(timeline.places[0]), self._x(timeline.places[-1])
        draw_list.add_rect_filled(
            ImVec2(left, y - half), ImVec2(right, y + half), theme.ink(palette.raised), half
        )
        first, last = timeline.range
        a, b = (self._x(timeline.places[i]) for i in timeline.range)
        if (first, last) != (0, len(timeline.stops) - 1):
            draw_list.add_rect_filled(
                ImVec2(a, y - half), ImVec2(b, y + half), theme.ink(palette.accent, 0.45), half
            )
        if seen != self._whole:
            low, high = self._x(seen.low), self._x(seen.high)
            top, bottom = y - em(0.55), y + em(0.55)
            draw_list.add_rect_filled(
                ImVec2(low, top), ImVec2(high, bottom), theme.ink(palette.text, 0.07), em(0.2)
            )
            draw_list.add_rect(
                ImVec2(low, top), ImVec2(high, bottom), theme.ink(palette.border), em(0.2)
            )
        self._paint_marks(timeline, y)

    def _paint_marks(self, timeline: TimelineFacts, y: float) -> None:
        palette, draw_list = theme.current(), imgui.get_window_draw_list()
        reach, line, closest = em(0.32), em(0.09), em(0.2)
        faint = theme.ink(palette.muted, 0.35)
        dense = self._width / max(len(timeline.stops), 1) < em(0.6)
        usual = faint if dense else theme.ink(palette.muted)
        drawn = -1.0
        for index, place in enumerate(timeline.places):
            usable, x = timeline.usable(index), self._x(place)
            if x - drawn < closest and usable:
                continue  # several on one pixel look like one
            drawn, ink = x, usual
            if not usable:
                ink = faint if timeline.stops[index].writing else theme.ink(palette.error)
            draw_list.add_line(ImVec2(x, y - reach), ImVec2(x, y + reach), ink, line)

    def _paint_handle(self, timeline: TimelineFacts, y: float) -> None:
        palette, draw_list = theme.current(), imgui.get_window_draw_list()
        shown, target = timeline.shown, timeline.target
        if shown is not None and shown != target:
            x = self._x(timeline.places[shown])
            draw_list.add_circle(ImVec2(x, y), em(0.4), theme.ink(palette.accent, 0.6), 0, em(0.1))
        if target is not None:
            at = ImVec2(self._x(timeline.places[target]), y)
            draw_list.add_circle_filled(at, em(0.5), theme.ink(palette.accent))
            draw_list.add_circle_filled(at, em(0.22), theme.ink(palette.window))

    def _draw_end(self, timeline: TimelineFacts, go: TimelineActions, which: int, y: float) -> None:
        """A small flag below the line, on the outer side of the first or the last that is played.

        So both can be told apart where they meet.
        """
        x, side = self._x(timeline.places[timeline.range[which]]), em(0.65)
        top, outward = y + em(0.42), side * (-1, 1)[which]
        imgui.set_cursor_screen_pos(ImVec2(min(x, x + outward), top))
        imgui.invisible_button(("##from", "##to")[which], ImVec2(side, em(0.8)), _BOTH)
        lit = imgui.is_item_hovered() or imgui.is_item_active()
        if imgui.is_item_active() and imgui.is_mouse_dragging(imgui.MouseButton_.left):
            index = self._nearest(timeline)
            go.set_ends(**{("first", "last")[which]: index})
        if imgui.is_item_clicked(imgui.MouseButton_.right):
            go.set_ends(**({"first": 0} if which == 0 else {"last": len(timeline.stops)}))
        tooltip(ENDS.format(("begin", "end")[which]))
        palette, draw_list = theme.current(), imgui.get_window_draw_list()
        ink = theme.ink(palette.accent if lit else palette.muted)
        corners = ImVec2(x, top), ImVec2(x, top + side), ImVec2(x + outward, top + side)
        draw_list.add_triangle_filled(*corners, ink)


_BOTH = imgui.ButtonFlags_.mouse_button_left | imgui.ButtonFlags_.mouse_button_right
