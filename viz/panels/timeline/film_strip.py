"""The film strip: a thumbnail of each snapshot that there is room for, in the order of training."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from viz.desk.context import Context
from viz.desk.parts.marks import Marks
from viz.desk.parts.timeline import Stop, Thumbnail, TimelineActions, TimelineFacts
from viz.gpu.pictures import fitted
from viz.panels.timeline import strip_places
from viz.panels.timeline.strip_places import Span
from viz.picture.snapshot_menu import snapshot_menu
from viz.ui import stars, theme
from viz.ui.text import muted, shorten
from viz.ui.widgets import em

USUAL, SMALLEST = 6.4, 3.6
"""The sides in em of thumbnails where only some are drawn, and below which not all are drawn."""
ZOOM = 1.25
"""How many times more is seen after one notch of the wheel."""
GAP = 0.35
"""The gap between two thumbnails, in em."""


class FilmStrip:
    """Draws the thumbnails of a run.

    span: the part of the run that is seen, None for all of it.
    """

    def __init__(self) -> None:
        self.span: Span | None = None
        self._followed: int | None = None
        self._hovered: int | None = None
        self._run = ""

    def seen(self, timeline: TimelineFacts) -> Span:
        """Return the part in view, inside the run as it is now."""
        everything = strip_places.whole(timeline.places)
        return everything if self.span is None else self.span.inside(everything)

    def follow(self, timeline: TimelineFacts) -> None:
        """Keep what is shown in view when it changes, and begin anew in another run.

        Called before drawing.
        """
        run = timeline.stops[0].path.rpartition("/")[0] if timeline.stops else ""
        if run != self._run:
            self._run, self.span = run, None
        target = timeline.target
        if target != self._followed and target is not None and self.span is not None:
            everything = strip_places.whole(timeline.places)
            self.span = self.seen(timeline).holding(timeline.places[target], everything)
        self._followed = target

    def draw(
        self, timeline: TimelineFacts, context: Context, room: ImVec2, preview: int | None
    ) -> None:
        """Draw the strip in the middle of `room` and take all of that, so that nothing below moves.

        preview: a snapshot that something else in the panel wants to show the thumbnail of.
        """
        span = self.seen(timeline)
        line = imgui.get_text_line_height() + em(0.15)
        inside = [i for i, p in enumerate(timeline.places) if span.low <= p <= span.high]
        tallest, gap = max(room.y - line, em(2)), em(GAP)
        share = room.x / max(len(inside), 1) - gap
        side = min(share if share >= em(SMALLEST) else em(USUAL), tallest)
        drawn = strip_places.thinned(inside, max(int((room.x + gap) // (side + gap)), 1))
        if len(drawn) < len(inside):
            side = min((room.x + gap) / len(drawn) - gap, tallest)
        flags = imgui.WindowFlags_.no_scrollbar | imgui.WindowFlags_.no_scroll_with_mouse
        if imgui.begin_child("strip", room, imgui.ChildFlags_.none, flags):
            self._navigate(timeline, imgui.get_cursor_screen_pos().x, room.x)
            imgui.set_cursor_pos_y((room.y - side - line) / 2)
            self._draw(timeline, context, side, inside, drawn, preview)
        imgui.end_child()

    def _draw(
        self,
        timeline: TimelineFacts,
        context: Context,
        side: float,
        inside: list[int],
        drawn: list[int],
        preview: int | None,
    ) -> None:
        low, width = imgui.get_cursor_screen_pos(), imgui.get_window_width()
        span, pitch = self.seen(timeline), side + em(GAP)
        ends = low.x + side / 2, low.x + width - side / 2
        if len(drawn) == len(inside):
            centres = [_x(timeline.places[i], span, low.x, width) for i in drawn]
            centres = strip_places.spread(centres, *ends, pitch)
        else:
            centres = strip_places.even(len(drawn), *ends)
        target = timeline.target
        if target in inside and target not in drawn:
            # What is shown takes the place of its neighbour, so that nothing else moves.
            place = timeline.places[target]
            k = min(range(len(drawn)), key=lambda k: abs(timeline.places[drawn[k]] - place))
            drawn[k] = target
        self._want(timeline, context, drawn, preview)
        self._hovered = None
        for slot, (index, x) in enumerate(zip(drawn, centres, strict=True)):
            self._draw_stop(timeline, context, index, slot, ImVec2(x - side / 2, low.y), side)

    def _want(
        self, timeline: TimelineFacts, context: Context, drawn: list[int], preview: int | None
    ) -> None:
        order = strip_places.coarse_to_fine(drawn, timeline.target)
        if preview is not None:
            order.insert(0, preview)
        stops = [timeline.stops[i] for i in order]
        context.actions.timeline.want([stop.entry for stop in stops if not stop.writing])

    def _navigate(self, timeline: TimelineFacts, left: float, width: float) -> None:
        """Zoom with the wheel; move with Shift and the wheel, or with the middle button."""
        if not imgui.is_window_hovered(imgui.HoveredFlags_.allow_when_blocked_by_active_item):
            return
        io, everything = imgui.get_io(), strip_places.whole(timeline.places)
        span = self.seen(timeline)
        per_pixel = span.length / max(width, 1.0)
        sideways = io.mouse_wheel_h + (io.mouse_wheel if io.key_shift else 0.0)
        if io.mouse_wheel and not io.key_shift:
            share = (io.mouse_pos.x - left) / max(width, 1.0)
            at = span.low + share * span.length
            if self._hovered is not None and self._hovered < len(timeline.places):
                at = timeline.places[self._hovered]  # of many, a thumbnail is drawn nearby
            span = span.zoomed(ZOOM**-io.mouse_wheel, at, share, everything)
        if sideways:
            span = span.moved(-sideways * span.length / 8, everything)
        if imgui.is_mouse_dragging(imgui.MouseButton_.middle):
            span = span.moved(-io.mouse_delta.x * per_pixel, everything)
        self.span = None if span == everything else span

    def _draw_stop(
        self,
        timeline: TimelineFacts,
        context: Context,
        index: int,
        slot: int,
        low: ImVec2,
        side: float,
    ) -> None:
        """Draw the thumbnail of a snapshot, and take clicks on it.

        index: of the snapshot.
        slot: its place on the screen, for which the painter keeps textures.
        low: its upper left corner, as a screen position.
        side: of the thumbnail, in pixels.
        """
        stop, go = timeline.stops[index], context.actions.timeline
        line = imgui.get_text_line_height() + em(0.15)
        imgui.set_cursor_screen_pos(low)
        imgui.invisible_button(stop.label, ImVec2(side, side + line))
        if imgui.is_item_activated():
            go.show(index)
        elif imgui.is_item_active() and imgui.is_mouse_dragging(imgui.MouseButton_.left):
            self._scrub(timeline, go)
        hovered = imgui.is_item_hovered()
        snapshot_menu(stop.path, stop.label, context)
        if hovered:
            self._hovered = index
        picture = None if stop.writing else timeline.thumbnail(stop.entry)
        high = ImVec2(low.x + side, low.y + side)
        _draw_picture(context, picture, low, high, f"timeline {slot}")
        _draw_state(timeline, stop, picture, low, high)
        _draw_frame(timeline, index, low, high, hovered=hovered)
        marks = context.marks
        stars.corner(
            low,
            best=stop.path == marks.best,
            starred=stop.path in marks.stars,
            note=stop.path in marks.notes,
        )
        _draw_mark(stop, ImVec2(low.x, high.y + em(0.1)), side, strong=index == timeline.target)
        if hovered:
            explain(timeline, stop, context.marks)

    def _scrub(self, timeline: TimelineFacts, go: TimelineActions) -> None:
        span = self.seen(timeline)
        left, width = imgui.get_window_pos().x, imgui.get_window_width()
        place = span.low + (imgui.get_mouse_pos().x - left) / width * span.length
        index = timeline.nearest(place)
        if index is not None:
            go.show(index, step=False)


def explain(
    timeline: TimelineFacts, stop: Stop, marks: Marks, context: Context | None = None
) -> None:
    """A tooltip about a snapshot, and why it cannot be shown where it cannot.

    marks: what is said of the snapshots of the run.
    context: to draw its thumbnail with, where there is one.
    """
    if not imgui.is_item_hovered(imgui.HoveredFlags_.for_tooltip):
        return
    imgui.begin_tooltip()
    picture = timeline.thumbnail(stop.entry) if context is not None else None
    if context is not None and picture is not None:
        low, side = imgui.get_cursor_screen_pos(), em(8)
        imgui.dummy(ImVec2(side, side))
        high = ImVec2(low.x + side, low.y + side)
        _draw_picture(context, picture, low, high, "timeline preview")
    imgui.push_text_wrap_pos(em(26))
    imgui.text_unformatted(stop.label)
    muted(stop.path.replace("\\", "/").rpartition("/")[2])
    for line in marks.about(stop.path):
        imgui.text_unformatted(line)
    failure = timeline.failure(stop.entry)
    if stop.writing:
        imgui.text_unformatted("Still being written: it can be shown when it is whole.")
    elif failure is not None:
        imgui.text_colored(theme.color(theme.current().error), failure.message)
        if failure.remedy:
            muted(failure.remedy)
    if context is None:
        muted("Right-click: star, note, measure …")
    imgui.pop_text_wrap_pos()
    imgui.end_tooltip()


def _x(place: float, span: Span, left: float, width: float) -> float:
    return left + (place - span.low) / span.length * width


def _draw_picture(
    context: Context, picture: Thumbnail | None, low: ImVec2, high: ImVec2, key: str
) -> None:
    palette, draw_list = theme.current(), imgui.get_window_draw_list()
    draw_list.add_rect_filled(low, high, theme.ink(palette.back), imgui.get_style().frame_rounding)
    if picture is None:
        return
    context.draw_image(picture, *fitted(picture, low, high), smooth=True, key=key)
    if not picture.current:
        draw_list.add_rect_filled(low, high, theme.ink(palette.back, 0.6))


def _draw_state(
    timeline: TimelineFacts, stop: Stop, picture: Thumbnail | None, low: ImVec2, high: ImVec2
) -> None:
    """Draw an icon where there is no picture and will be none, or none yet."""
    palette = theme.current()
    if stop.writing:
        icon, color = fa.ICON_FA_HOURGLASS_HALF, palette.muted
    elif timeline.failure(stop.entry) is not None:
        icon, color = fa.ICON_FA_TRIANGLE_EXCLAMATION, palette.error
    else:
        return
    draw_list, size = imgui.get_window_draw_list(), imgui.calc_text_size(icon)
    if picture is not None:
        draw_list.add_rect_filled(low, high, theme.ink(palette.back, 0.6))
    at = ImVec2((low.x + high.x - size.x) / 2, (low.y + high.y - size.y) / 2)
    draw_list.add_text(at, theme.ink(color), icon)


def _draw_frame(
    timeline: TimelineFacts, index: int, low: ImVec2, high: ImVec2, *, hovered: bool
) -> None:
    palette, draw_list = theme.current(), imgui.get_window_draw_list()
    first, last = timeline.range
    if not first <= index <= last:
        draw_list.add_rect_filled(low, high, theme.ink(palette.window, 0.55))
    rounding = imgui.get_style().frame_rounding
    if index == timeline.shown:
        draw_list.add_rect(low, high, theme.ink(palette.accent), rounding, em(0.2))
    elif index == timeline.target:
        draw_list.add_rect(low, high, theme.ink(palette.accent, 0.5), rounding, em(0.2))
    elif hovered:
        draw_list.add_rect(low, high, theme.ink(palette.muted), rounding, em(0.12))


def _draw_mark(stop: Stop, at: ImVec2, width: float, *, strong: bool) -> None:
    palette = theme.current()
    text = shorten(stop.mark, width)
    x = at.x + (width - imgui.calc_text_size(text).x) / 2
    color = palette.text if strong else palette.muted
    ink = theme.ink(color, 0.5 if stop.writing else 1.0)
    imgui.get_window_draw_list().add_text(ImVec2(x, at.y), ink, text)
