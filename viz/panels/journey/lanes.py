"""Everything that lies over the time of a journey: lanes over one axis, with one playhead."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from msgspec import structs

from renderer.messages.journey import Curve
from viz.desk.context import Context
from viz.panels.journey import curve_lane, keys_lane, scale, sound_lane
from viz.panels.journey.axis import TimeAxis
from viz.panels.journey.curve_lane import CurveLane
from viz.panels.journey.dropped import take_picture
from viz.panels.journey.keys_lane import KeysLane
from viz.session import going
from viz.session.session import Session
from viz.ui import theme
from viz.ui.mouse import item_held
from viz.ui.widgets import em

LEAST = scale.HEIGHT + keys_lane.LEAST
"""What of the lanes is seen at least, in em; with less room the panel scrolls."""
SEAM = 0.5
"""The height of what is dragged to give the curve more room or less, in em."""
BELOW = SEAM + curve_lane.LEAST
"""The least height of what lies below the keys, in em."""


class Lanes:
    """Keeps which part of the time is seen, and what its lanes keep.

    axis: where a time lies.
    """

    def __init__(self) -> None:
        self.axis = TimeAxis()
        self._keys = KeysLane()
        self._curve = CurveLane()
        self._share: float | None = None

    def draw(self, session: Session, context: Context, curve: Curve, size: ImVec2) -> Session:
        """Draw the lanes; return the session as it was scrubbed or edited there.

        The wheel zooms; a bar scrolls where there is no room for all lanes.

        curve: the one that is shown below the keys. size: of all of it, in pixels.
        """
        heard = session.journey.track is not None
        least = em(LEAST + BELOW + (sound_lane.HEIGHT if heard else 0.0))
        flags = imgui.WindowFlags_.no_scroll_with_mouse
        if size.y >= least:
            flags |= imgui.WindowFlags_.no_scrollbar
        # Stated, as a point at an edge of the curve would make it higher.
        imgui.set_next_window_content_size(ImVec2(0, max(size.y, least)))
        if imgui.begin_child("ruler", size, imgui.ChildFlags_.none, flags):
            whole = imgui.get_content_region_avail()
            session = self._draw(session, context, curve, whole)
        imgui.end_child()
        return session

    def _draw(self, session: Session, context: Context, curve: Curve, size: ImVec2) -> Session:
        axis, low = self.axis, imgui.get_cursor_screen_pos()
        axis.place(session.journey, low.x, size.x)
        if context.journey.playing:
            axis.follow(session.moment)
        imgui.set_next_item_allow_overlap()
        imgui.invisible_button("##ground", size)
        session = take_picture(session, context, axis.time(imgui.get_mouse_pos().x))
        free = imgui.is_item_hovered()
        scrubbed = item_held()
        if free or imgui.is_window_hovered():
            axis.navigate()
        palette, draw_list = theme.current(), imgui.get_window_draw_list()
        bottom = low.y + size.y
        ground = theme.ink(palette.frame)
        draw_list.add_rect_filled(low, ImVec2(low.x + size.x, bottom), ground, em(0.2))
        scale.draw_scale(axis, low.y, bottom)
        if scrubbed:
            context.actions.journey.stop()
            session = going.at_moment(session, axis.time(imgui.get_mouse_pos().x))
        track, top = session.journey.track, low.y + em(scale.HEIGHT)
        if track is not None:
            drive = next((d for d in session.journey.drives if d.knob == curve.knob), None)
            sound_lane.draw_sound(track, drive.band if drive else "loudness", axis, top)
            top += em(sound_lane.HEIGHT)
        height = self._height_of_keys(context, bottom - top)
        session = self._keys.draw(session, context, axis, top, height)
        top += height
        self._draw_seam(context, top - height, top, bottom)
        top += em(SEAM)
        journey = session.journey
        edited = self._curve.draw(journey, curve, axis, top, bottom - top, free)
        if edited is not journey:
            session = structs.replace(session, journey=edited)
            session = going.at_moment(session, session.moment)
        _draw_playhead(axis, session.moment, low.y, bottom)
        return session

    def _height_of_keys(self, context: Context, room: float) -> float:
        """Return the height of the lane of the keys. room: for it and the curve, in pixels."""
        share = context.settings.journey_curve if self._share is None else self._share
        height = min((1 - share) * room, room - em(BELOW), em(keys_lane.MOST))
        return max(height, em(keys_lane.LEAST))

    def _draw_seam(self, context: Context, top: float, middle: float, bottom: float) -> None:
        """Draw the seam between keys and curve, and take the mouse that drags it.

        top, middle, bottom: where the keys begin, the seam lies and the curve ends, in pixels.
        """
        left, width = self.axis.left, self.axis.width
        imgui.set_cursor_screen_pos(ImVec2(left, middle))
        imgui.set_next_item_allow_overlap()
        imgui.invisible_button("seam", ImVec2(width, em(SEAM)))
        touched = imgui.is_item_active() or imgui.is_item_hovered()
        if touched:
            imgui.set_mouse_cursor(imgui.MouseCursor_.resize_ns)
        if imgui.is_item_active() and imgui.is_mouse_dragging(imgui.MouseButton_.left):
            share = (bottom - imgui.get_mouse_pos().y) / (bottom - top)
            self._share = min(max(share, 0.0), 1.0)
        if imgui.is_item_deactivated() and self._share is not None:
            context.actions.change_settings(journey_curve=self._share)
            self._share = None
        palette, y = theme.current(), middle + em(SEAM) / 2
        ink = theme.ink(palette.accent if touched else palette.border)
        ends = ImVec2(left, y), ImVec2(left + width, y)
        imgui.get_window_draw_list().add_line(*ends, ink, em(0.1))


def _draw_playhead(axis: TimeAxis, moment: float, top: float, bottom: float) -> None:
    """Draw the playhead through all lanes. moment: where it is. top, bottom: of the lanes."""
    draw_list, x = imgui.get_window_draw_list(), axis.x(moment)
    ink, half = theme.ink(theme.current().accent), em(0.45)
    top += em(scale.HEIGHT)
    draw_list.add_line(ImVec2(x, top), ImVec2(x, bottom), ink, em(0.12))
    # Below the labels of the scale, which it would cover otherwise.
    corners = ImVec2(x - half, top - em(0.4)), ImVec2(x + half, top - em(0.4)), ImVec2(x, top)
    draw_list.add_triangle_filled(*corners, ink)
