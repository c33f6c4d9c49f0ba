"""The comparison, in the place of the picture: side by side, wiped, flickering or subtracted."""

from __future__ import annotations

import math

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from viz.compare import bar_controls, bottom_bar, export_menu, maps, top_bar
from viz.compare.alike import Alike
from viz.compare.cells import (
    Cell,
    columns_of,
    grid_cells,
    whole,
)
from viz.compare.edge import drag_edge, draw_edge
from viz.compare.gain import FirstGain
from viz.compare.header import Header
from viz.compare.labels import network_name
from viz.compare.probe import draw_map_probe, draw_probe, point_under_mouse
from viz.compare.shown import Shown, gather, size_of
from viz.desk.context import Context
from viz.picture.badges import badge_count, draw_badges
from viz.picture.gestures import PictureGestures
from viz.picture.menu import PictureMenu
from viz.picture.messages import draw_instead
from viz.picture.pill import draw_name
from viz.picture.toolbar import Toolbar, toolbar_width
from viz.session import comparing
from viz.session.session import Session
from viz.ui.widgets import button, em

OFFERED = 8
"""How many snapshots of the run are offered where there is nothing to compare with yet."""


class CompareView:
    """Holds the drag under way, the name being typed, and the newest difference maps."""

    def __init__(self) -> None:
        self._gestures = PictureGestures()
        self._menu = PictureMenu()
        self._toolbar = Toolbar()
        self._header = Header()
        self._maps = maps.Maps()
        self._alike = Alike()
        self._first_gain = FirstGain()
        self._columns = 1

    def draw(self, session: Session, context: Context) -> Session:
        """Draw the comparison in all of the panel; return the session as it was edited there."""
        corner, area = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail()
        far = ImVec2(corner.x + max(area.x, em(1)), corner.y + max(area.y, em(1)))
        canvas = imgui.get_window_draw_list()
        canvas.add_rect_filled(corner, far, imgui.get_color_u32(imgui.Col_.docking_empty_bg))
        all_shown = gather(session, context)
        self._alike.refresh(all_shown)
        bar = bar_controls.height()
        after = top_bar.draw(session, context, all_shown, corner, area.x, export_menu.open_menu)
        if after != session:
            return after  # what was gathered is not what is to be shown now
        low, high = ImVec2(corner.x, corner.y + bar), ImVec2(far.x, far.y)
        head, size = imgui.get_frame_height(), size_of(all_shown)
        self._columns = columns_of(len(all_shown), low, high, head, size)
        export_menu.draw_menu(session, context, all_shown, self._columns)
        if session.compare.panes and session.compare.layout != "grid":
            high.y -= bar
            place = ImVec2(corner.x, high.y)
            session = bottom_bar.draw(session, all_shown, place, area.x)
        session = self._first_gain.choose(session, [shown.frame for shown in all_shown])
        if context.frame is None:
            room = ImVec2(high.x - low.x, high.y - low.y)
            return draw_instead(session, context, low, room)
        if not session.compare.panes:
            return self._alone(session, context, all_shown, low, high)
        match session.compare.layout:
            case "grid":
                return self._grid(session, context, all_shown, low, high)
            case "wipe":
                return self._wipe(session, context, all_shown, low, high)
            case "flicker":
                return self._flicker(session, context, all_shown, low, high)
            case "difference":
                return self._difference(session, context, all_shown, low, high)

    # -- the layouts --------------------------------------------------------------------------

    def _grid(
        self, session: Session, context: Context, all_shown: list[Shown], low: ImVec2, high: ImVec2
    ) -> Session:
        head = imgui.get_frame_height()
        cells = grid_cells(len(all_shown), low, high, head, size_of(all_shown))
        session = self._mouse(session, context, all_shown, cells)
        for shown, cell in zip(all_shown, cells, strict=True):
            cell.draw(session, context, shown, f"compare {shown.number}")
        top = em(1.5) + badge_count(session.render) * (imgui.get_frame_height() + em(0.5))
        self._probe(session, context, all_shown, cells, top)
        session = draw_badges(session, context, cells[0].corner)
        session = self._tools(session, context, all_shown, cells[0], low, high)
        before = session.compare.panes
        for shown, cell in zip(self._alike.named(all_shown), cells, strict=True):
            corner = ImVec2(cell.corner.x, cell.corner.y - head)
            session = self._header.draw(session, context, shown, corner, cell.area.x)
            if session.compare.panes != before:
                break  # the numbers mean others from here on
        return session

    def _wipe(
        self, session: Session, context: Context, all_shown: list[Shown], low: ImVec2, high: ImVec2
    ) -> Session:
        sides = [all_shown[number] for number in comparing.pair(session.compare)]
        cell = whole(low, high, size_of(all_shown))
        session = self._mouse(session, context, [sides[0]], [cell])
        session, edge = drag_edge(session, cell)
        upright = session.compare.upright
        middle = ImVec2(edge, high.y) if upright else ImVec2(high.x, edge)
        start = ImVec2(edge, low.y) if upright else ImVec2(low.x, edge)
        cell.draw(session, context, sides[0], "compare first", (low, middle))
        cell.draw(session, context, sides[1], "compare second", (start, high))
        draw_edge(cell, edge, upright=upright)
        room = (high.x - low.x) / 2 - em(3)
        pad = em(0.6)
        draw_name(sides[0].label.title, ImVec2(low.x + pad, low.y + pad), room)
        second = self._alike.title(sides[1], sides)
        if upright:
            at = ImVec2(high.x - pad, low.y + pad)
            draw_name(second, at, room, right=True)
        else:
            # Under the edge, as long as it does not reach the readout, which may stand above the
            # toolbar.
            y = min(edge + em(1), high.y - 3 * (imgui.get_frame_height() + em(1)))
            draw_name(second, ImVec2(low.x + pad, max(y, low.y + pad)), room)
        under = cell.at[0] + low.x if upright else cell.at[1] + low.y
        self._probe(session, context, [sides[under >= edge]], [cell])
        session = draw_badges(session, context, _below_label(low))
        return self._tools(session, context, all_shown, cell, low, high)

    def _flicker(
        self, session: Session, context: Context, all_shown: list[Shown], low: ImVec2, high: ImVec2
    ) -> Session:
        shown = all_shown[comparing.blinked(session.compare, imgui.get_time())]
        cell = whole(low, high, size_of(all_shown))
        session = self._mouse(session, context, [shown], [cell])
        cell.draw(session, context, shown, f"compare {shown.number}")
        at = ImVec2(low.x + em(0.6), low.y + em(0.6))
        draw_name(self._alike.title(shown, all_shown), at, high.x - low.x - em(3))
        self._probe(session, context, [shown], [cell])
        session = draw_badges(session, context, _below_label(low))
        return self._tools(session, context, all_shown, cell, low, high)

    def _difference(
        self, session: Session, context: Context, all_shown: list[Shown], low: ImVec2, high: ImVec2
    ) -> Session:
        reference = all_shown[comparing.pair(session.compare)[0]]
        others = [shown for shown in all_shown if shown is not reference]
        head, size = imgui.get_frame_height(), size_of(all_shown)
        columns = columns_of(len(others), low, high, 3 * head, size)
        foot = maps.foot((high.x - low.x) / columns)
        cells = grid_cells(len(others), low, high, head, size, foot)
        session = self._mouse(session, context, others, cells)
        for shown, cell in zip(others, cells, strict=True):
            self._maps.draw(session, context, reference, shown, cell, head, foot)
        point = point_under_mouse(cells, session) if not self._gestures.mode else None
        alpha = self._toolbar.rest.opacity
        if point is not None and alpha:
            for shown, cell in zip(others, cells, strict=True):
                draw_map_probe(reference, shown, cell, point, alpha)
        return self._tools(
            session, context, all_shown, cells[0], low, ImVec2(high.x, high.y - foot)
        )

    def _alone(
        self, session: Session, context: Context, all_shown: list[Shown], low: ImVec2, high: ImVec2
    ) -> Session:
        """Draw the picture, and ways to get another, where there is nothing to compare with yet."""
        head = imgui.get_frame_height()
        cell, empty = grid_cells(2, low, high, head, size_of(all_shown))
        session = self._mouse(session, context, all_shown, [cell])
        cell.draw(session, context, all_shown[0], "compare 0")
        corner = ImVec2(cell.corner.x, cell.corner.y - head)
        session = self._header.draw(session, context, all_shown[0], corner, cell.area.x)
        width = min(em(16), empty.area.x - em(2))
        left = empty.corner.x + (empty.area.x - width) / 2
        imgui.set_cursor_screen_pos(ImVec2(left, empty.corner.y + empty.area.y / 2 - em(4)))
        imgui.begin_group()
        imgui.push_text_wrap_pos(imgui.get_cursor_pos_x() + width)
        imgui.text_disabled("Compare with")
        imgui.pop_text_wrap_pos()
        if button(f"{fa.ICON_FA_CLONE}  This picture as it is now###keep", width=width):
            session = comparing.kept(session)
        _offer_snapshots(session, context, width)
        if button(f"{fa.ICON_FA_FOLDER_OPEN}  A snapshot or a session…###browse", width=width):
            context.actions.browse("compare")
        imgui.end_group()
        return session

    # -- what they share ----------------------------------------------------------------------

    def _mouse(
        self, session: Session, context: Context, all_shown: list[Shown], cells: list[Cell]
    ) -> Session:
        """Take in drags, the wheel, clicks and right-clicks in any of the cells."""
        context.tell_place((cells[0].area.x, cells[0].area.y), self._columns)
        for i, cell in enumerate(cells):
            cell.place(f"##picture{i}")
        held = next((cell for cell in cells if cell.held), None)
        movable = context.model is not None and context.model.transforms
        dragged = held or cells[0]
        session = self._gestures.drag(
            session, dragged.viewport(session), held is not None, dragged.at, movable
        )
        there = [pair for pair in zip(all_shown, cells, strict=True) if pair[0].frame is not None]
        for shown, cell in [pair for pair in there if pair[1].hovered] or there[:1]:
            frame = shown.frame
            assert frame is not None
            own = cell.own(session, (frame.width, frame.height))
            pixel = own.pixel(*cell.at) if cell.hovered else None
            session = self._gestures.zoom(
                session, cell.viewport(session), cell.at, cell.hovered, movable
            )
            session = self._gestures.click(session, frame, own, cell.at, cell.hovered)
            view = cell.viewport(session)
            session = self._menu.draw(session, context, self._gestures, frame, pixel, view)
        self._gestures.explain()
        return session

    def _probe(
        self,
        session: Session,
        context: Context,
        all_shown: list[Shown],
        cells: list[Cell],
        top: float | None = None,
    ) -> None:
        alpha = self._toolbar.rest.opacity
        if self._gestures.mode or not alpha:
            return
        point = point_under_mouse(cells, session)
        if point is None:
            return
        beside = 0.0 if context.picture_only or top is not None else toolbar_width()
        for shown, cell in zip(all_shown, cells, strict=True):
            mark = not cell.hovered
            draw_probe(cell, session, shown, point, mark=mark, top=top, alpha=alpha, beside=beside)

    def _tools(
        self,
        session: Session,
        context: Context,
        all_shown: list[Shown],
        cell: Cell,
        low: ImVec2,
        high: ImVec2,
    ) -> Session:
        """Draw the toolbar in the corner of all cells.

        cell: the one whose zoom is told and changed.
        low: the upper left corner of all cells, as a screen position.
        high: their lower right corner.
        """
        frame = all_shown[0].frame
        if frame is None:
            return session
        area = ImVec2(high.x - low.x, high.y - low.y)
        view = cell.viewport(session)
        return self._toolbar.draw(session, context, frame, view, low, area)


def _offer_snapshots(session: Session, context: Context, width: float) -> None:
    """Draw buttons for some of the run's snapshots, evenly chosen.

    width: of the lines that they fill, in pixels.
    """
    there = [entry for entry in context.snapshots if entry.path != session.render.snapshot]
    step = max(1, math.ceil(len(there) / OFFERED))
    start = imgui.get_cursor_screen_pos().x
    for i, entry in enumerate(there[::-1][::step][::-1]):
        text = network_name(entry.path, context.models)[0]
        wide = imgui.calc_text_size(text).x + 2 * imgui.get_style().frame_padding.x
        if i and imgui.get_item_rect_max().x + em(0.3) + wide <= start + width:
            imgui.same_line(0, em(0.3))
        if button(f"{text}###{entry.path}", tip=entry.path):
            context.actions.compare(entry.path)


def _below_label(corner: ImVec2) -> ImVec2:
    return ImVec2(corner.x, corner.y + imgui.get_frame_height() + em(0.4))
