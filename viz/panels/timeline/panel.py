"""Through the training at one latent: all snapshots of a run, as a film strip to scrub."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from common import units
from viz.desk.context import Context
from viz.desk.panel import Panel
from viz.desk.parts.timeline import Ending, TimelineActions, TimelineFacts
from viz.panels.timeline.commands import COMMANDS
from viz.panels.timeline.export import ask_export
from viz.panels.timeline.film_strip import FilmStrip
from viz.panels.timeline.scrubbar import HEIGHT, ScrubBar
from viz.session.session import Session
from viz.ui import widgets
from viz.ui.text import muted
from viz.ui.widgets import em

EMPTY = (
    "Open a run directory, or a snapshot in one: all snapshots of the run appear here, as pictures "
    "of the present latent."
)
TITLE = "Timeline"
"""What the panel is called in menus."""
NARROW = 27
"""The width in em below which the rarer buttons are left out."""
_FIRST, _LAST = fa.ICON_FA_BACKWARD_STEP, fa.ICON_FA_FORWARD_STEP
ENDINGS: dict[Ending, tuple[str, str, Ending]] = {
    "loop": (fa.ICON_FA_REPEAT, "At the end playing begins again.", "pingpong"),
    "pingpong": (fa.ICON_FA_RIGHT_LEFT, "At the end playing turns round.", "stop"),
    "stop": (fa.ICON_FA_ARROW_RIGHT_TO_BRACKET, "At the end playing stops.", "loop"),
}


class TimelinePanel:
    """Keeps what the strip shows of the run."""

    def __init__(self) -> None:
        self._strip = FilmStrip()
        self._bar = ScrubBar()

    def draw(self, session: Session, context: Context) -> Session:
        """Draw the panel; return the session as it was edited there."""
        timeline = context.timeline
        if not timeline.stops:
            widgets.hint(EMPTY)
            return session
        self._strip.follow(timeline)
        _draw_controls(timeline, context.actions.timeline)
        _draw_export(timeline, session, context)
        room = imgui.get_content_region_avail()
        spacing = imgui.get_style().item_spacing.y
        size = ImVec2(room.x, max(room.y - em(HEIGHT) - spacing, em(4)))
        self._strip.draw(timeline, context, size, self._bar.hovered)
        self._bar.draw(timeline, context, self._strip.seen(timeline), room.x)
        return session


def _draw_export(timeline: TimelineFacts, session: Session, context: Context) -> None:
    """Draw the button at the right end of the line, and words before it if there is room."""
    style = imgui.get_style()
    imgui.same_line(0, em(0.6))
    room = imgui.get_content_region_avail().x
    texts = (f"{fa.ICON_FA_FILE_EXPORT}  Export…", fa.ICON_FA_FILE_EXPORT)
    widths = [imgui.calc_text_size(text).x + 2 * style.frame_padding.x for text in texts]
    short = widths[0] > room
    told = _where(timeline)
    words = imgui.calc_text_size(told).x + em(0.8)
    start = imgui.get_cursor_pos_x() + max(0.0, room - widths[short])
    if words + widths[0] <= room:
        imgui.set_cursor_pos_x(start - words)
        imgui.align_text_to_frame_padding()
        muted(told)
        imgui.same_line()
    imgui.set_cursor_pos_x(start)
    tip = "A video or a sequence of pictures of these snapshots, at the present session."
    if widgets.button(f"{texts[short]}###Export", tip=tip, enabled=bool(timeline.chosen())):
        ask_export(session, context)


def _draw_controls(timeline: TimelineFacts, go: TimelineActions) -> None:
    at, chosen = timeline.target, timeline.chosen()
    wide = imgui.get_content_region_avail().x >= em(NARROW)
    if wide:
        if _icon(_FIRST, "First", "The first snapshot (Home).", bool(chosen) and at != chosen[0]):
            go.to_end(0)
        imgui.same_line(0, em(0.2))
    if _icon(fa.ICON_FA_CHEVRON_LEFT, "Previous", "The snapshot before ([).", at is not None):
        go.step(-1)
    imgui.same_line(0, em(0.2))
    play = fa.ICON_FA_PAUSE if timeline.playing else fa.ICON_FA_PLAY
    if _icon(play, "Play", "Go through the snapshots (P).", len(chosen) > 1, em(3.2)):
        go.toggle_play()
    imgui.same_line(0, em(0.2))
    if _icon(fa.ICON_FA_CHEVRON_RIGHT, "Next", "The snapshot after (]).", at is not None):
        go.step(1)
    if wide:
        imgui.same_line(0, em(0.2))
        if _icon(_LAST, "Last", "The last snapshot (End).", bool(chosen) and at != chosen[-1]):
            go.to_end(-1)
    _draw_speed(timeline, go)
    imgui.same_line(0, em(0.6))
    tip = "Back and forth between the last two snapshots looked at (A; hold it for a glance)."
    if widgets.button("A/B", tip=tip, enabled=timeline.other is not None):
        go.swap()


def _draw_speed(timeline: TimelineFacts, go: TimelineActions) -> None:
    imgui.same_line(0, em(0.6))
    imgui.set_next_item_width(em(4.6))
    flags = imgui.SliderFlags_.logarithmic | imgui.SliderFlags_.always_clamp
    rate = widgets.drag_speed(0.05)
    value = imgui.drag_float("##Speed", timeline.speed, rate, 0.5, 30.0, "%.1f / s", flags)
    speed = widgets.edited(timeline.speed, value)
    if speed != timeline.speed:
        go.set_speed(speed)
    widgets.tooltip("Snapshots per second. Drag, or Ctrl+click to type.")
    imgui.same_line(0, em(0.2))
    icon, tip, after = ENDINGS[timeline.ending]
    if _icon(icon, "Ending", f"{tip} Click to change."):
        go.set_ending(after)


def _icon(icon: str, name: str, tip: str, enabled: bool = True, width: float = 0.0) -> bool:
    """Draw a button with an icon, as wide as high where no width is given."""
    width = width or imgui.get_frame_height()
    return widgets.button(f"{icon}###{name}", tip=tip, enabled=enabled, width=width)


def _where(timeline: TimelineFacts) -> str:
    at, count = timeline.target, len(timeline.stops)
    if at is None:
        return units.counted(count, "snapshot")
    return f"{timeline.stops[at].label} · {at + 1} of {count}"


PANEL = Panel(
    TITLE,
    fa.ICON_FA_FILM,
    "bottom",
    0,
    make=lambda: TimelinePanel().draw,
    open=False,
    commands=COMMANDS,
)
