"""The lane of the keys: a picture at each, and how it goes on between them."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from typing import NamedTuple

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from renderer.messages.journey import Journey, Key
from renderer.pictures.journey import editing
from viz.desk.context import Context
from viz.gpu.pictures import fitted
from viz.panels.journey.axis import TimeAxis
from viz.picture.small_pictures import SmallPictures
from viz.session import going
from viz.session.session import Session
from viz.session.without_place import without_place
from viz.ui import theme
from viz.ui.mouse import dragged, item_held
from viz.ui.widgets import em, show_tooltip

LEAST, MOST = 3.4, 8.0
"""The smallest and the largest height of the lane, in em."""
MANY = 64
"""How many keys may be in sight with a picture for each, however far they overlap."""
APART = 0.5
"""How far the pictures of more keys are from one another at least, in em."""
BELOW = 1.1
"""The height of the line below the pictures, in em."""


class _Shown(NamedTuple):
    """How a key lies in the lane.

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


class KeysLane:
    """Keeps the pictures of the keys, and which of them is being moved."""

    def __init__(self) -> None:
        self._pictures = SmallPictures()
        self._dragged: int | None = None
        self._judged: tuple[tuple[Key, ...], tuple[int, ...]] = ((), ())
        self._lost: dict[int, str] = {}

    def draw(
        self, session: Session, context: Context, axis: TimeAxis, top: float, height: float
    ) -> Session:
        """Draw the lane; return the session as a key was gone to, or moved in time.

        top, height: of the lane on the screen, in pixels.
        """
        self._pictures.begin(session, context)
        journey = session.journey
        self._forget(journey, context)
        side = height - em(BELOW) - em(0.2)
        track = top + em(0.2) + side + em(0.6)
        keys = journey.keys
        beside = axis.time(axis.left + side) - axis.time(axis.left)
        first = bisect_left(keys, axis.seen.low - beside, key=_time_of)
        last = bisect_right(keys, axis.seen.high + beside, key=_time_of)
        _draw_ways(journey, max(0, first - 1), last, axis, track)
        chosen = going.key_at(journey, session.moment)
        free = dotted = -math.inf
        apart = em(APART) if last - first > MANY else 0.0
        behind: list[_Shown] = []
        front: list[_Shown] = []
        for index in range(first, last):
            x = axis.x(keys[index].time)
            touched = index in (chosen, self._dragged)
            room = touched or x - free >= apart
            if not room and x - dotted < em(0.25):
                continue  # of a thousand keys not every one has a dot
            free, dotted = (x if room else free), x
            at = ImVec2(x, top + em(0.2))
            shown = _Shown(index, at, side, track, room, index == chosen)
            (front if touched else behind).append(shown)
        edited = session
        for shown in (*behind, *front):
            edited = self._draw_key(edited, context, axis, shown)
        if not imgui.is_mouse_down(imgui.MouseButton_.left):
            self._dragged = None
        return edited

    def _draw_key(
        self, session: Session, context: Context, axis: TimeAxis, shown: _Shown
    ) -> Session:
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
            picture = self._pictures.find(session, context, key.render)
            if picture is not None:
                place = fitted(picture, low, high)
                context.draw_image(picture, *place, smooth=True, key=f"journey {index}")
            color = palette.accent if here else palette.muted if hovered else palette.border
            thick = em(0.2) if here else em(0.1)
            draw_list.add_rect(low, high, theme.ink(color), rounding, thick)
        lost = self._lost_of(context, index, key)
        color = palette.accent if here or hovered else palette.text
        draw_list.add_circle_filled(
            ImVec2(at.x, track), em(0.32), theme.ink(palette.warning if lost else color)
        )
        if lost and room:
            sign = ImVec2(high.x - em(1.1), low.y + em(0.1))
            draw_list.add_text(sign, theme.ink(palette.warning), fa.ICON_FA_TRIANGLE_EXCLAMATION)
        if self._dragged == index:
            show_tooltip(f"{key.time:.2f} s")
        elif hovered and imgui.is_item_hovered(imgui.HoveredFlags_.for_tooltip):
            name = key.name or f"Key {index + 1}"
            told = f"{name}, {key.time:.2f} s. Click to go there, drag to move it in time."
            show_tooltip(f"{told}\n\n{lost}" if lost else told)
        return self._take_mouse(session, context, axis, index)

    def _forget(self, journey: Journey, context: Context) -> None:
        """Forget what was found of the keys where they, or the networks known, are others."""
        judged = journey.keys, tuple(map(id, context.models.values()))
        if judged[0] is not self._judged[0] or judged[1] != self._judged[1]:
            self._judged = judged
            self._lost.clear()

    def _lost_of(self, context: Context, index: int, key: Key) -> str:
        """Return what a key's network has no place for, in a sentence; mostly it is empty."""
        if index not in self._lost:
            model = context.models.get(key.render.snapshot)
            found = without_place(key.render, model) if model is not None else ()
            name = "" if model is None else model.name
            text = f"{name} draws it without {', '.join(found)}: it has no place for that."
            self._lost[index] = text if found else ""
        return self._lost[index]

    def _take_mouse(
        self, session: Session, context: Context, axis: TimeAxis, index: int
    ) -> Session:
        """Go to the key that was drawn last when it is pressed, and move it while it is dragged."""
        if imgui.is_item_activated():
            context.actions.journey.stop()
            return going.at_key(session, index)
        if not (item_held() and dragged(imgui.MouseButton_.left)):
            return session
        self._dragged = index
        time = axis.time(imgui.get_mouse_pos().x)
        journey = editing.retimed(session.journey, index, max(0.0, time))
        moment = journey.keys[index].time
        return structs.replace(session, journey=journey, moment=moment)


def _time_of(key: Key) -> float:
    return key.time


def _draw_ways(journey: Journey, first: int, last: int, axis: TimeAxis, y: float) -> None:
    """Draw how it goes on from each key: a line, a faint one where the key is held.

    first, last: the keys that are seen, the last one excluded. y: of the line on the screen.
    """
    palette, draw_list = theme.current(), imgui.get_window_draw_list()
    times = [*(key.time for key in journey.keys[first : last + 1]), journey.duration]
    keys = journey.keys[first:last]
    for key, start, end in zip(keys, times, times[1:], strict=False):
        if end <= start:
            continue
        low, high = ImVec2(axis.x(start), y), ImVec2(axis.x(end), y)
        back = key is journey.keys[-1]
        ink = theme.ink(palette.muted, 0.5 if back else 1.0)
        if key.going == "hold":
            ink = theme.ink(palette.border)
        draw_list.add_line(low, high, ink, em(0.14))
