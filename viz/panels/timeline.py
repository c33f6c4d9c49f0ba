"""Through the training at one latent: all snapshots of a run, as a film strip to scrub."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from renderer.protocol import Sheet
from viz import widgets
from viz.context import Context
from viz.export_dialog import ExportDialog
from viz.facts import muted
from viz.fit import fit
from viz.panel import Panel
from viz.scrubbar import HEIGHT, ScrubBar
from viz.session import Session
from viz.store import ExportOptions
from viz.strip import Strip
from viz.timeline import Ending, Timeline
from viz.widgets import em

EMPTY = (
    "Open a run directory, or a snapshot in one: all snapshots of the run appear here, as pictures "
    "of the present latent."
)
ENDINGS: dict[Ending, tuple[str, str, Ending]] = {
    "loop": (fa.ICON_FA_REPEAT, "At the end playing begins again.", "pingpong"),
    "pingpong": (fa.ICON_FA_RIGHT_LEFT, "At the end playing turns round.", "stop"),
    "stop": (fa.ICON_FA_ARROW_RIGHT_TO_BRACKET, "At the end playing stops.", "loop"),
}


class TimelinePanel:
    """Holds what the strip shows of the run."""

    def __init__(self) -> None:
        self._strip = Strip()
        self._bar = ScrubBar()
        self._export = ExportDialog()

    def draw(self, session: Session, context: Context) -> Session:
        timeline = context.timeline
        if timeline is None or not timeline.stops:
            widgets.hint(EMPTY)
            return session
        self._strip.follow(timeline)
        self._draw_buttons(timeline, session, context)
        room = imgui.get_content_region_avail()
        spacing = imgui.get_style().item_spacing.y
        size = ImVec2(room.x, max(room.y - em(HEIGHT) - spacing, em(4)))
        self._strip.draw(timeline, context, size, self._bar.hovered)
        self._bar.draw(timeline, self._strip.seen(timeline), room.x)
        self._export.draw(context)
        return session

    def _draw_buttons(self, timeline: Timeline, session: Session, context: Context) -> None:
        several = len(timeline.chosen()) > 1
        at, chosen = timeline.target, timeline.chosen()
        first = at is not None and bool(chosen) and at <= chosen[0]
        last = at is not None and bool(chosen) and at >= chosen[-1]
        if _icon(fa.ICON_FA_BACKWARD_STEP, "First", "The first snapshot (Home).", not first):
            timeline.to_end(0)
        if _icon(fa.ICON_FA_CHEVRON_LEFT, "Previous", "The snapshot before ([).", at is not None):
            timeline.step(-1)
        play = fa.ICON_FA_PAUSE if timeline.playing else fa.ICON_FA_PLAY
        if _icon(play, "Play", "Go through the snapshots (P).", several, 3.2):
            timeline.toggle_play()
        if _icon(fa.ICON_FA_CHEVRON_RIGHT, "Next", "The next snapshot (]).", at is not None):
            timeline.step(1)
        if _icon(fa.ICON_FA_FORWARD_STEP, "Last", "The last snapshot (End).", not last):
            timeline.to_end(-1)
        imgui.same_line(0, em(0.8))
        imgui.set_next_item_width(em(5.2))
        value = imgui.drag_float(
            "##Speed", timeline.speed, 0.05, 0.5, 30.0, "%.1f / s", _LOGARITHMIC
        )
        timeline.speed = widgets.edited(timeline.speed, value)
        widgets.tooltip("Snapshots per second. Drag, or Ctrl+click to type.")
        imgui.same_line(0, em(0.2))
        icon, tip, after = ENDINGS[timeline.ending]
        if _icon(icon, "Ending", f"{tip} Click to change."):
            timeline.ending = after
        imgui.same_line(0, em(0.6))
        tip = "Back and forth between the last two snapshots looked at (A; hold it for a glance)."
        if widgets.button("A/B", tip=tip, enabled=timeline.other is not None):
            timeline.swap()
        self._draw_right(timeline, session, context)

    def _draw_right(self, timeline: Timeline, session: Session, context: Context) -> None:
        text, export = _where(timeline), "Export…"
        gap = em(0.8)
        imgui.same_line(0, gap)
        button = imgui.calc_text_size(export).x + 2 * imgui.get_style().frame_padding.x
        told = imgui.calc_text_size(text).x + gap
        room = imgui.get_content_region_avail().x
        if told + button <= room:
            imgui.set_cursor_pos_x(imgui.get_cursor_pos_x() + room - told - button)
            imgui.align_text_to_frame_padding()
            muted(text)
            imgui.same_line(0, gap)
        else:
            imgui.set_cursor_pos_x(imgui.get_cursor_pos_x() + max(0.0, room - button))
        tip = "A video or a sequence of pictures of these snapshots, at the present session."
        if widgets.button(f"{export}###Export", tip=tip, enabled=bool(timeline.chosen())):
            sheets = _sheets(timeline, session, context)

            def sheets_of(options: ExportOptions) -> tuple[Sheet, ...]:
                return sheets

            run = timeline.stops[0].path.replace("\\", "/").split("/")[-2]
            self._export.open("Export the timeline", sheets_of, run)


_LOGARITHMIC = imgui.SliderFlags_.logarithmic | imgui.SliderFlags_.always_clamp


def _icon(icon: str, name: str, tip: str, enabled: bool = True, width: float = 0.0) -> bool:
    """A button with an icon, on the line of the item before."""
    side = em(width) if width else imgui.get_frame_height()
    if name != "First":
        imgui.same_line(0, em(0.2))
    return widgets.button(f"{icon}###{name}", tip=tip, enabled=enabled, width=side)


def _where(timeline: Timeline) -> str:
    at, count = timeline.target, len(timeline.stops)
    if at is None:
        return f"{count} snapshot{'s' * (count != 1)}"
    return f"{timeline.stops[at].label} · {at + 1} of {count}"


def _sheets(timeline: Timeline, session: Session, context: Context) -> tuple[Sheet, ...]:
    """One picture per snapshot between the ends."""
    made = []
    for stop in (timeline.stops[i] for i in timeline.chosen()):
        model = context.models.get(stop.path)
        request = session.render if model is None else fit(session.render, model)
        request = structs.replace(request, snapshot=stop.path)
        made.append(Sheet((request,), labels=(stop.label,)))
    return tuple(made)


PANEL = Panel("Timeline", fa.ICON_FA_FILM, "bottom", 0, TimelinePanel().draw, open=False)
