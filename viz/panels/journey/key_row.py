"""The row for the key at the playhead: when it is, how it goes on, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from renderer.messages.journey import Ease, Going
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


def draw_key(session: Session, context: Context, index: int | None) -> Session:
    """Draw the row; return the session as it was edited there.

    index: of the key at the playhead, None where there is none.
    """
    journey = session.journey
    if index is None:
        imgui.align_text_to_frame_padding()
        muted("Between keys. Click a key to change it, or add the picture here.")
        return session
    key, side, gap = journey.keys[index], imgui.get_frame_height(), em(0.2)
    imgui.align_text_to_frame_padding()
    imgui.text_unformatted(f"Key {index + 1}")
    imgui.same_line(0, em(0.5))
    imgui.set_next_item_width(em(4.6))
    speed = widgets.drag_speed(0.01)
    time = widgets.edited(
        key.time, imgui.drag_float("##Time", key.time, speed, 0.0, 3600.0, "%.2f s")
    )
    widgets.tooltip("When it is seen. Drag, or Ctrl+click to type; or drag it on the ruler.")
    if time != key.time:
        journey = editing.retimed(journey, index, time)
    imgui.same_line(0, 0)
    room = imgui.get_content_region_avail().x - 5 * (side + gap) - em(1.3)
    width = min(em(8.5), max(em(2), room / 2))
    way: Going = _combo("Going", key.going, GOINGS, width, GOING_TIP)
    ease: Ease = _combo("Ease", key.ease, EASES, width, "Whether it does so slowly at an end.")
    if (way, ease) != (key.going, key.ease):
        journey = editing.changed(journey, index, going=way, ease=ease)
    shown = plain(session.render)
    imgui.same_line(0, em(0.5))
    same = shown == key.render
    tip = "Put the picture as it is now in the place of this key's."
    if _icon(fa.ICON_FA_ARROWS_ROTATE, "Replace", tip, not same):
        journey = editing.changed(journey, index, render=shown)
    imgui.same_line(0, gap)
    if _icon(fa.ICON_FA_CLONE, "Duplicate", "The same key once more, before the next one."):
        journey, index = editing.duplicated(journey, index)
    imgui.same_line(0, gap)
    tip = "Exchange its picture with that of the key before."
    if _icon(fa.ICON_FA_ARROW_LEFT, "Earlier", tip, index > 0):
        journey, index = editing.exchanged(journey, index, index - 1), index - 1
    imgui.same_line(0, gap)
    tip = "Exchange its picture with that of the key after it."
    if _icon(fa.ICON_FA_ARROW_RIGHT, "Later", tip, index < len(journey.keys) - 1):
        journey, index = editing.exchanged(journey, index, index + 1), index + 1
    imgui.same_line(0, gap)
    gone = imgui.button(f"{fa.ICON_FA_TRASH}###Delete", ImVec2(side, 0))
    widgets.tooltip("Take the key away (Delete).")
    if gone:
        journey = editing.removed(journey, index)
        index = min(index, len(journey.keys) - 1)
    if journey is session.journey:
        return session
    session = structs.replace(session, journey=journey)
    if index < 0:
        return session
    if gone or time != key.time:
        return going.at_key(session, index)
    return structs.replace(session, moment=journey.keys[index].time)


def _combo(name: str, value: T, options: Sequence[tuple[T, str]], width: float, tip: str) -> T:
    """Draw a list of values beside what was drawn before; return the chosen one."""
    imgui.same_line(0, em(0.4))
    imgui.set_next_item_width(width)
    index = next((i for i, (option, _) in enumerate(options) if option == value), 0)
    changed, index = imgui.combo(f"##{name}", index, [text for _, text in options])
    widgets.tooltip(tip)
    return options[index][0] if changed else value


def _icon(icon: str, name: str, tip: str, enabled: bool = True) -> bool:
    side = imgui.get_frame_height()
    return widgets.button(f"{icon}###{name}", tip=tip, enabled=enabled, width=side)
