"""The line of buttons over the ruler: play, add, the way back, how long, and files."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as fa
from imgui_bundle import imgui
from msgspec import structs

from renderer.pictures.journey import editing
from renderer.pictures.journey.order import stretched
from viz.desk.context import Context
from viz.panels.journey.commands import add_here, ask_export
from viz.panels.journey.more import More
from viz.session.session import Session
from viz.ui import widgets
from viz.ui.text import muted
from viz.ui.widgets import em

WHERE, RATE = 7.0, 8.0
"""The room in em that there has to be for the time of the playhead and for the pictures a second,
besides the buttons at the end of the line."""
LONGEST = 3600.0
"""The most seconds that can be dragged to."""


def draw(session: Session, context: Context, more: More) -> Session:
    """Draw the line; return the session as it was edited there."""
    go, journey = context.actions.journey, session.journey
    some, playing = bool(journey.keys), context.journey.playing
    icon = fa.ICON_FA_PAUSE if playing else fa.ICON_FA_PLAY
    ready = some and journey.duration > 0
    tip = "Go along it in real time (Space). What the machine has no time for is left out."
    if widgets.button(f"{icon}###Play", tip=tip, enabled=ready, width=em(3.2)):
        go.toggle_play()
    imgui.same_line(0, em(0.4))
    tip = "The picture as it is now becomes a key: at the playhead, or after the last one."
    if widgets.button(f"{fa.ICON_FA_PLUS}  Add here###Add", tip=tip):
        session = add_here(session, context)
    imgui.same_line(0, em(0.2))
    side = imgui.get_frame_height()
    tip = "Keys from bookmarks and seeds, and whole journeys: walks and circles."
    if widgets.button(f"{fa.ICON_FA_CHEVRON_DOWN}###More", tip=tip, width=side):
        imgui.open_popup("more")
    session = more.draw(session, context)
    imgui.same_line(0, em(0.4))
    tip = "After the last key it goes back to the first one, without a seam."
    if widgets.button(
        f"{fa.ICON_FA_REPEAT}###Loop", tip=tip, enabled=some, width=side, on=journey.closed
    ):
        session = structs.replace(session, journey=editing.closed(journey, not journey.closed))
    session = _draw_sound(session, context)
    if some:
        session = _draw_times(session)
        _draw_rate(context)
    _draw_files(session, context)
    return session


def _draw_sound(session: Session, context: Context) -> Session:
    """Draw the button by which a sound is opened, or taken away by a right-click."""
    track = session.journey.track
    imgui.same_line(0, em(0.2))
    tip = "A sound that is heard with its films, and that numbers can follow."
    if track is not None:
        tip = f"{track.path}\n{track.seconds:.1f} s. Click for another one; right-click: none."
    side = imgui.get_frame_height()
    if widgets.button(f"{fa.ICON_FA_MUSIC}###Sound", tip=tip, width=side, on=track is not None):
        context.actions.browse("sound")
    if track is not None and imgui.is_item_clicked(imgui.MouseButton_.right):
        journey = structs.replace(session.journey, track=None, drives=())
        return structs.replace(session, journey=journey)
    return session


def _draw_times(session: Session) -> Session:
    """Draw where the playhead is and how long the journey lasts."""
    journey = session.journey
    imgui.same_line(0, em(0.4))
    imgui.set_next_item_width(em(4.6))
    speed = widgets.drag_speed(0.02)
    value = widgets.edited(
        journey.duration,
        imgui.drag_float("##Duration", journey.duration, speed, 0.1, LONGEST, "%.2f s"),
    )
    widgets.tooltip("How long it lasts in all: every time is stretched. Ctrl+click to type.")
    if value != journey.duration and 0 < value < LONGEST and journey.duration > 0:
        share = session.moment / journey.duration
        longer = stretched(journey, value)
        session = structs.replace(session, journey=longer, moment=share * value)
    imgui.same_line(0, em(0.5))
    if imgui.get_content_region_avail().x > em(WHERE) + 3 * imgui.get_frame_height():
        imgui.align_text_to_frame_padding()
        muted(f"at {session.moment:.2f} s")
    return session


def _draw_rate(context: Context) -> None:
    imgui.same_line(0, em(0.8))
    wide = imgui.get_content_region_avail().x > em(RATE) + 3 * imgui.get_frame_height()
    if context.journey.playing and context.journey.rate and wide:
        muted(f"{context.journey.rate:.0f} pictures / s")
        widgets.tooltip("As many as the machine really draws; an export has them all.")


def _draw_files(session: Session, context: Context) -> None:
    """Draw the buttons at the right end of the line."""
    side, gap, actions = imgui.get_frame_height(), em(0.2), context.actions
    some = bool(session.journey.keys)
    text = f"{fa.ICON_FA_FILE_EXPORT}  Export…"
    wide = imgui.calc_text_size(text).x + 2 * imgui.get_style().frame_padding.x
    imgui.same_line(0, em(0.4))
    room = imgui.get_content_region_avail().x - (2 * side + 2 * gap)
    short = room < wide
    imgui.set_cursor_pos_x(imgui.get_cursor_pos_x() + max(0.0, room - (side if short else wide)))
    if widgets.button(f"{fa.ICON_FA_FOLDER_OPEN}###Open", tip="Open a journey…", width=side):
        actions.browse("journey")
    imgui.same_line(0, gap)
    if widgets.button(
        f"{fa.ICON_FA_FLOPPY_DISK}###Save", tip="Save the journey…", enabled=some, width=side
    ):
        actions.browse("save_journey")
    imgui.same_line(0, gap)
    tip = "A film or a sequence of pictures of it."
    shown = f"{fa.ICON_FA_FILE_EXPORT}###Export" if short else f"{text}###Export"
    if widgets.button(shown, tip=tip, enabled=some, width=side if short else wide):
        ask_export(session, context)
