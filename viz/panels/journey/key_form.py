"""Beside the lanes, the key at the playhead: when it is, how it goes on, what is done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from imgui_bundle import icons_fontawesome_6 as fa
from imgui_bundle import imgui
from msgspec import structs

from renderer.messages.journey import Ease, Going, Journey
from renderer.pictures.journey import editing
from viz.desk.context import Context
from viz.session import going
from viz.session.inspection import plain
from viz.session.session import Session
from viz.ui import widgets
from viz.ui.text import muted
from viz.ui.widgets import em

T = TypeVar("T")
"""The type of what a list offers."""

GOINGS: tuple[tuple[Going, str], ...] = (
    ("smooth", "Smooth in W"),
    ("linear", "Straight in W"),
    ("slerp", "Arc in Z"),
    ("hold", "Hold"),
)
"""How a journey goes on, as the list names it."""
EASES: tuple[tuple[Ease, str], ...] = (
    ("none", "Steady"),
    ("in", "Slow start"),
    ("out", "Slow end"),
    ("both", "Slow start and end"),
)
"""How it is eased, as the list names it."""
GOING_TIP = (
    "How it goes on from this key. Smooth passes every key without a jump of speed; an arc in Z "
    "keeps every picture as likely as a seed's (between seeds only); Hold stays until the next key."
)
BETWEEN = "Between keys. Click a key to change it, or add the picture here."
"""What is said where the playhead is at no key."""


def draw_key(
    session: Session,
    context: Context,
    index: int | None,
    width: float,
    beside: Callable[[], None],
) -> Session:
    """Draw the form; return the session as it was edited there.

    index: of the key at the playhead, None where there is none.
    width: of a row, in pixels.
    beside: called between two rows that may lie beside one another.
    """
    if index is None:
        imgui.push_text_wrap_pos(imgui.get_cursor_pos_x() + width)
        muted(BETWEEN)
        imgui.pop_text_wrap_pos()
        return session
    journey = _draw_moves(session, index, width, beside)
    beside()
    return _draw_buttons(session, journey, index, width)


def _draw_moves(session: Session, index: int, width: float, beside: Callable[[], None]) -> Journey:
    """Draw when a key is seen, and how it goes on; return the journey as it was edited."""
    journey = session.journey
    key = journey.keys[index]
    imgui.align_text_to_frame_padding()
    imgui.text_unformatted(f"Key {index + 1}")
    imgui.same_line(0, em(0.5))
    imgui.set_next_item_width(width - imgui.get_item_rect_size().x - em(0.5))
    speed = widgets.drag_speed(0.01)
    time = widgets.edited(
        key.time, imgui.drag_float("##Time", key.time, speed, 0.0, 3600.0, "%.2f s")
    )
    widgets.tooltip("When it is seen. Drag, or Ctrl+click to type; or drag it on the ruler.")
    if time != key.time:
        journey = editing.retimed(journey, index, time)
    beside()
    way: Going = _combo("Going", key.going, GOINGS, width, GOING_TIP)
    ease: Ease = _combo("Ease", key.ease, EASES, width, "Whether it does so slowly at an end.")
    if (way, ease) != (key.going, key.ease):
        journey = editing.changed(journey, index, going=way, ease=ease)
    return journey


def _draw_buttons(session: Session, journey: Journey, index: int, width: float) -> Session:
    """Draw what can be done with a key; return the session with what was done.

    journey: that of the session, as it was edited in this frame.
    """
    key, last = session.journey.keys[index], len(journey.keys) - 1
    shown, gap, moved = plain(session.render), em(0.2), journey.keys[index].time != key.time
    side = (width - 4 * gap) / 5
    tip = "Put the picture as it is now in the place of this key's."
    if _icon(fa.ICON_FA_ARROWS_ROTATE, "Replace", tip, side, shown != key.render):
        journey = editing.changed(journey, index, render=shown)
    imgui.same_line(0, gap)
    if _icon(fa.ICON_FA_CLONE, "Duplicate", "The same key once more, before the next one.", side):
        journey, index = editing.duplicated(journey, index)
    imgui.same_line(0, gap)
    tip = "Exchange its picture with that of the key before."
    if _icon(fa.ICON_FA_ARROW_LEFT, "Earlier", tip, side, index > 0):
        journey, index = editing.exchanged(journey, index, index - 1), index - 1
    imgui.same_line(0, gap)
    tip = "Exchange its picture with that of the key after it."
    if _icon(fa.ICON_FA_ARROW_RIGHT, "Later", tip, side, index < last):
        journey, index = editing.exchanged(journey, index, index + 1), index + 1
    imgui.same_line(0, gap)
    gone = _icon(fa.ICON_FA_TRASH, "Delete", "Take the key away (Delete).", side)
    if gone:
        journey = editing.removed(journey, index)
        index = min(index, len(journey.keys) - 1)
    if journey is session.journey:
        return session
    session = structs.replace(session, journey=journey)
    if index < 0:
        return session
    if gone or moved:
        return going.at_key(session, index)
    return structs.replace(session, moment=journey.keys[index].time)


def _combo(name: str, value: T, options: Sequence[tuple[T, str]], width: float, tip: str) -> T:
    """Draw a list of values; return the chosen one. width: in pixels."""
    imgui.set_next_item_width(width)
    index = next((i for i, (option, _) in enumerate(options) if option == value), 0)
    changed, index = imgui.combo(f"##{name}", index, [text for _, text in options])
    widgets.tooltip(tip)
    return options[index][0] if changed else value


def _icon(icon: str, name: str, tip: str, width: float, enabled: bool = True) -> bool:
    return widgets.button(f"{icon}###{name}", tip=tip, enabled=enabled, width=width)
