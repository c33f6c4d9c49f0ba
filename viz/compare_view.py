"""The comparison, in the place of the picture: side by side, wiped, flickering or subtracted."""

from __future__ import annotations

import math

from imgui_bundle import ImVec2, ImVec4, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from viz import compare_bars, comparing, picture_overlay
from viz.compare_cells import (
    Cell,
    Shown,
    draw_probe,
    gather,
    pill_label,
    point_under_mouse,
    size_of,
)
from viz.compare_export import ExportMenu
from viz.compare_header import Header
from viz.compare_labels import network_name
from viz.compare_maps import Maps
from viz.compare_maps import foot as foot_of
from viz.context import Context
from viz.hand import Hand
from viz.session import Session
from viz.widgets import button, em

OFFERED = 8
"""Snapshots of the run that are offered where there is nothing to compare with yet."""


class CompareView:
    """Holds the drag under way, the name being typed, and the newest difference maps."""

    def __init__(self) -> None:
        self._hand = Hand()
        self._header = Header()
        self._maps = Maps()
        self._export = ExportMenu()

    def draw(self, session: Session, context: Context) -> Session:
        """All of the panel."""
        corner, area = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail()
        far = ImVec2(corner.x + max(area.x, em(1)), corner.y + max(area.y, em(1)))
        canvas = imgui.get_window_draw_list()
        canvas.add_rect_filled(corner, far, imgui.get_color_u32(imgui.Col_.docking_empty_bg))
        all_shown = gather(session, context)
        bar = compare_bars.height()
        after = compare_bars.draw_top(
            session, context, all_shown, corner, area.x, self._export.open
        )
        if after != session:
            return after  # what was gathered is not what is to be shown now
        low, high = ImVec2(corner.x, corner.y + bar), ImVec2(far.x, far.y)
        head, size = imgui.get_frame_height(), size_of(all_shown)
        columns = columns_of(len(all_shown), low, high, head, size)
        self._export.draw(session, context, all_shown, columns)
        if session.compare.panes and session.compare.layout != "grid":
            high.y -= bar
            place = ImVec2(corner.x, high.y)
            session = compare_bars.draw_bottom(session, all_shown, place, area.x)
        if context.frame is None:
            room = ImVec2(high.x - low.x, high.y - low.y)
            picture_overlay.draw_message(session, context, low, room)
            return session
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
        cells = _cells(len(all_shown), low, high, head, size_of(all_shown))
        session = self._mouse(session, all_shown, cells)
        for shown, cell in zip(all_shown, cells, strict=True):
            cell.draw(session, context, shown, f"compare {shown.number}")
        self._probe(session, all_shown, cells)
        session = picture_overlay.draw_badges(session, context, cells[0].corner)
        session = _tools(session, context, all_shown, cells[0], low, high)
        before = session.compare.panes
        for shown, cell in zip(all_shown, cells, strict=True):
            corner = ImVec2(cell.corner.x, cell.corner.y - head)
            session = self._header.draw(session, context, shown, corner, cell.area.x)
            if session.compare.panes != before:
                break  # the numbers mean others from here on
        return session

    def _wipe(
        self, session: Session, context: Context, all_shown: list[Shown], low: ImVec2, high: ImVec2
    ) -> Session:
        sides = [all_shown[number] for number in comparing.pair(session.compare)]
        cell = _whole(low, high, size_of(all_shown))
        session = self._mouse(session, [sides[0]], [cell])
        session, edge = _drag_edge(session, cell)
        upright = session.compare.upright
        middle = ImVec2(edge, high.y) if upright else ImVec2(high.x, edge)
        start = ImVec2(edge, low.y) if upright else ImVec2(low.x, edge)
        cell.draw(session, context, sides[0], "compare first", (low, middle))
        cell.draw(session, context, sides[1], "compare second", (start, high))
        _draw_edge(cell, edge, upright=upright)
        room = (high.x - low.x) / 2 - em(3)
        pad = em(0.6)
        pill_label(sides[0].label.title, ImVec2(low.x + pad, low.y + pad), room)
        if upright:
            at = ImVec2(high.x - pad, low.y + pad)
            pill_label(sides[1].label.title, at, room, right=True)
        else:
            bottom = high.y - pad - imgui.get_frame_height()
            pill_label(sides[1].label.title, ImVec2(low.x + pad, bottom), room)
        under = cell.at[0] + low.x if upright else cell.at[1] + low.y
        self._probe(session, [sides[under >= edge]], [cell])
        session = picture_overlay.draw_badges(session, context, _below_label(low))
        return _tools(session, context, all_shown, cell, low, high)

    def _flicker(
        self, session: Session, context: Context, all_shown: list[Shown], low: ImVec2, high: ImVec2
    ) -> Session:
        shown = all_shown[comparing.blinked(session.compare, imgui.get_time())]
        cell = _whole(low, high, size_of(all_shown))
        session = self._mouse(session, [shown], [cell])
        cell.draw(session, context, shown, f"compare {shown.number}")
        at = ImVec2(low.x + em(0.6), low.y + em(0.6))
        pill_label(shown.label.title, at, high.x - low.x - em(3))
        self._probe(session, [shown], [cell])
        session = picture_overlay.draw_badges(session, context, _below_label(low))
        return _tools(session, context, all_shown, cell, low, high)

    def _difference(
        self, session: Session, context: Context, all_shown: list[Shown], low: ImVec2, high: ImVec2
    ) -> Session:
        reference = all_shown[comparing.pair(session.compare)[0]]
        others = [shown for shown in all_shown if shown is not reference]
        head, size = imgui.get_frame_height(), size_of(all_shown)
        columns = columns_of(len(others), low, high, 3 * head, size)
        foot = foot_of((high.x - low.x) / columns)
        cells = _cells(len(others), low, high, head, size, foot)
        session = self._mouse(session, others, cells)
        for shown, cell in zip(others, cells, strict=True):
            self._maps.draw(session, context, reference, shown, cell, head, foot)
        return _tools(session, context, all_shown, cells[0], low, ImVec2(high.x, high.y - foot))

    def _alone(
        self, session: Session, context: Context, all_shown: list[Shown], low: ImVec2, high: ImVec2
    ) -> Session:
        """Nothing to compare with yet: the picture, and how to get another."""
        head = imgui.get_frame_height()
        cell, empty = _cells(2, low, high, head, size_of(all_shown))
        session = self._mouse(session, all_shown, [cell])
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

    def _mouse(self, session: Session, all_shown: list[Shown], cells: list[Cell]) -> Session:
        for i, cell in enumerate(cells):
            cell.place(f"##picture{i}")
        held = next((cell for cell in cells if cell.held), None)
        session = self._hand.drag(session, (held or cells[0]).viewport(session), held is not None)
        for shown, cell in zip(all_shown, cells, strict=True):
            session = self._hand.zoom(session, cell.viewport(session), cell.at, cell.hovered)
            frame = shown.frame
            if frame is not None:
                view = cell.own(session, (frame.width, frame.height))
                session = self._hand.click(session, frame, view, cell.at, cell.hovered)
        self._hand.explain()
        return session

    def _probe(self, session: Session, all_shown: list[Shown], cells: list[Cell]) -> None:
        if self._hand.mode:
            return
        point = point_under_mouse(cells, session)
        if point is not None:
            for shown, cell in zip(all_shown, cells, strict=True):
                draw_probe(cell, session, shown, point, mark=not cell.hovered)


def _offer_snapshots(session: Session, context: Context, width: float) -> None:
    """Some of the run's, evenly, as buttons that fill lines of a width."""
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


def _tools(
    session: Session,
    context: Context,
    all_shown: list[Shown],
    cell: Cell,
    low: ImVec2,
    high: ImVec2,
) -> Session:
    """Fit, zoom and pixels, in the corner of all. cell: the one whose zoom is told."""
    frame = all_shown[0].frame
    if frame is None:
        return session
    area = ImVec2(high.x - low.x, high.y - low.y)
    view = cell.viewport(session)
    return picture_overlay.draw_toolbar(session, context, frame, view, low, area)


def _below_label(corner: ImVec2) -> ImVec2:
    return ImVec2(corner.x, corner.y + imgui.get_frame_height() + em(0.4))


def _whole(low: ImVec2, high: ImVec2, size: tuple[int, int]) -> Cell:
    return Cell(low, ImVec2(high.x - low.x, high.y - low.y), size)


def columns_of(count: int, low: ImVec2, high: ImVec2, lost: float, size: tuple[int, int]) -> int:
    """Of the grid in an area. lost: height of headings and numbers in each row."""
    width, height = high.x - low.x, high.y - low.y
    return comparing.columns(count, width, height, size[0] / size[1], lost)


def _cells(
    count: int, low: ImVec2, high: ImVec2, head: float, size: tuple[int, int], foot: float = 0.0
) -> list[Cell]:
    """A grid of pictures with room for a line above and for `foot` below each."""
    gap = max(1, round(em(0.2)))
    columns = columns_of(count, low, high, head + foot, size)
    rows = -(-count // columns)
    # Whole pixels and all alike, so that pictures are sampled alike.
    width = max(1, int(high.x - low.x - gap * (columns - 1)) // columns)
    height = max(1, int(high.y - low.y - gap * (rows - 1)) // rows)
    area = ImVec2(width, max(1, height - head - foot))
    places = (divmod(i, columns) for i in range(count))
    return [
        Cell(_at(low, column * (width + gap), row * (height + gap) + head), area, size)
        for row, column in places
    ]


def _at(corner: ImVec2, x: float, y: float) -> ImVec2:
    return ImVec2(round(corner.x + x), round(corner.y + y))


def _drag_edge(session: Session, cell: Cell) -> tuple[Session, float]:
    """The edge of the wipe where it is on the screen, after the mouse had it."""
    upright, split = session.compare.upright, session.compare.split
    view = cell.viewport(session)
    low, high = cell.rect(view)
    first, last = (low.x, high.x) if upright else (low.y, high.y)
    start, end = (cell.corner.x, cell.far.x) if upright else (cell.corner.y, cell.far.y)

    def place(share: float) -> float:
        # Zoomed in, the edge may lie outside: it waits at the border, where it can be taken.
        return min(max(first + share * (last - first), start), end)

    grip = em(1.1)
    edge = place(split)
    if upright:
        imgui.set_cursor_screen_pos(ImVec2(edge - grip / 2, cell.corner.y))
        imgui.invisible_button("##edge", ImVec2(grip, cell.area.y))
    else:
        imgui.set_cursor_screen_pos(ImVec2(cell.corner.x, edge - grip / 2))
        imgui.invisible_button("##edge", ImVec2(cell.area.x, grip))
    if imgui.is_item_hovered() or imgui.is_item_active():
        cursor = imgui.MouseCursor_.resize_ew if upright else imgui.MouseCursor_.resize_ns
        imgui.set_mouse_cursor(cursor)
    if imgui.is_item_hovered() and imgui.is_mouse_double_clicked(imgui.MouseButton_.left):
        split = 0.5
    elif imgui.is_item_active() and imgui.is_mouse_dragging(imgui.MouseButton_.left, 0):
        mouse = imgui.get_mouse_pos()
        at = min(max(mouse.x if upright else mouse.y, start), end)
        split = min(max((at - first) / (last - first), 0.0), 1.0)
    return session.with_compare(split=split), place(split)


def _draw_edge(cell: Cell, edge: float, *, upright: bool) -> None:
    canvas = imgui.get_window_draw_list()
    a = ImVec2(edge, cell.corner.y) if upright else ImVec2(cell.corner.x, edge)
    b = ImVec2(edge, cell.far.y) if upright else ImVec2(cell.far.x, edge)
    dark, light = ImVec4(0, 0, 0, 0.55), ImVec4(1, 1, 1, 0.95)
    canvas.add_line(a, b, imgui.get_color_u32(dark), em(0.24))
    canvas.add_line(a, b, imgui.get_color_u32(light), em(0.12))
    middle = ImVec2((a.x + b.x) / 2, (a.y + b.y) / 2)
    canvas.add_circle_filled(middle, em(0.95), imgui.get_color_u32(dark))
    canvas.add_circle_filled(middle, em(0.85), imgui.get_color_u32(light))
    icon = fa.ICON_FA_LEFT_RIGHT if upright else fa.ICON_FA_UP_DOWN
    size = imgui.calc_text_size(icon)
    at = ImVec2(middle.x - size.x / 2, middle.y - size.y / 2)
    canvas.add_text(at, imgui.get_color_u32(ImVec4(0.1, 0.1, 0.12, 1)), icon)


_view = CompareView()


def draw(session: Session, context: Context) -> Session:
    """The comparison in all of the current window."""
    return _view.draw(session, context)
