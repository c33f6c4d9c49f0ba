"""Contact sheet: many seeds at once, or seeds in every snapshot of a run, to choose from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from renderer.messages.jobs import Sheet
from renderer.messages.request import SEEDS
from viz.desk.context import Context
from viz.desk.panel import Panel
from viz.desk.settings import ContactSheetSettings
from viz.panels.contact_sheet.cell import draw_cell
from viz.panels.contact_sheet.layout import MODES, Cells, Mode, cells_of
from viz.picture.small_pictures import SmallPictures
from viz.session.session import Session
from viz.ui import seeds, widgets
from viz.ui.layout import flow
from viz.ui.widgets import em

T = TypeVar("T")
"""The type of what a list offers."""

COUNTS = (30, 60, 120, 300)
"""How many seeds can be shown by a click."""
LEAST = 2
"""The fewest that can be typed; the most is the last of COUNTS."""
SIZES = ((3.6, "Small"), (5.2, "Medium"), (8.0, "Large"))
"""The sides of a picture in em, with their names."""


class ContactSheet:
    """Keeps which seeds are shown; how many and how large is in the settings.

    first: the first seed.
    mode: whether each is shown once or in every snapshot of the run.
    stars_only: only seeds with a star are shown.
    """

    def __init__(self) -> None:
        self.first = 0
        self.mode: Mode = "seeds"
        self.stars_only = False
        self._pictures = SmallPictures()

    def draw(self, session: Session, context: Context) -> Session:
        """Draw the panel; return the session with the seed that was chosen there."""
        if context.model is None:
            widgets.hint("Open a network to see many of its seeds at once.")
            return session
        self._pictures.begin(session, context)
        self._draw_controls(context)
        cells = self._cells(session, context)
        self._draw_export(session, context, cells)
        if not cells:
            widgets.hint("No seed has a star yet: right-click a picture for one.")
            return session
        if imgui.begin_child("grid", ImVec2(0, 0)):
            session = self._draw_grid(session, context, cells)
        imgui.end_child()
        return session

    def _cells(self, session: Session, context: Context) -> Cells:
        found = range(self.first, min(self.first + _count(context), SEEDS))
        chosen = session.stars if self.stars_only else tuple(found)
        return cells_of(session, context, chosen, self.mode)

    def _draw_controls(self, context: Context) -> None:
        """Draw what is chosen: which seeds, how many, how large."""
        sheet = context.settings.contact_sheet
        tip = "The first seed. The buttons go a seed further; with Ctrl, a page."
        width = min(em(12), imgui.get_content_region_avail().x)
        self.first = seeds.seed_field(
            "first", self.first, tip=tip, large_step=sheet.count, width=width
        )
        flow(em(6.5), em(0.4))
        count = _draw_count(_count(context))
        flow(em(6), em(0.4))
        side = _combo("##Side", sheet.side, SIZES, em(6))
        widgets.tooltip("How large each picture is.")
        if (count, side) != (sheet.count, sheet.side):
            context.actions.change_settings(contact_sheet=ContactSheetSettings(count, side))
        if len(context.snapshots) > 1:
            flow(em(10.5), em(0.4))
            self.mode = _combo("##Mode", self.mode, MODES, em(10.5))
            widgets.tooltip("Each seed once, or a row of seeds for every snapshot of the run.")
        else:
            self.mode = "seeds"
        high = imgui.get_frame_height()
        flow(2 * high + em(0.2), em(0.4))
        if widgets.button(
            f"{fa.ICON_FA_STAR}###Stars",
            tip="Only seeds with a star, or all of them.",
            width=high,
            on=self.stars_only,
        ):
            self.stars_only = not self.stars_only

    def _draw_export(self, session: Session, context: Context, cells: Cells) -> None:
        """Draw the button that exports the sheet, at the end of the line."""
        imgui.same_line(0, em(0.2))
        icon, tip = f"{fa.ICON_FA_FILE_EXPORT}###Export", "All of it as one picture."
        side = imgui.get_frame_height()
        if not widgets.button(icon, tip=tip, width=side, enabled=bool(cells)):
            return
        columns = cells.columns or None
        requests = tuple(cell.request for cell in cells)
        labels = tuple(cell.label for cell in cells)
        sheet = Sheet(requests, columns=columns, labels=labels, smooth=session.view.smooth)
        context.actions.ask_export("Export the contact sheet", lambda _: (sheet,), "seeds")

    def _draw_grid(self, session: Session, context: Context, cells: Cells) -> Session:
        """Draw the pictures that are in view, and leave room for the others."""
        side = em(min(max(context.settings.contact_sheet.side, SIZES[0][0]), SIZES[-1][0]))
        gap = em(0.25)
        room = max(1, int((imgui.get_content_region_avail().x + gap) // (side + gap)))
        columns = cells.columns or room
        rows = -(-len(cells) // columns)
        low, step = imgui.get_cursor_screen_pos(), side + gap
        corner, size = imgui.get_window_pos(), imgui.get_window_size()
        across = _in_view(columns, (corner.x - low.x) / step, (corner.x + size.x - low.x) / step)
        down = _in_view(rows, (corner.y - low.y) / step, (corner.y + size.y - low.y) / step)
        places = ((row, column) for row in down for column in across)
        for row, column in places:
            index = row * columns + column
            if index >= len(cells):
                break
            at, cell = ImVec2(low.x + column * step, low.y + row * step), cells[index]
            picture = self._pictures.find(session, context, cell.request)
            session = draw_cell(session, context, cell, picture, at, side)
        imgui.set_cursor_screen_pos(low)
        imgui.dummy(ImVec2(columns * step - gap, rows * step - gap))
        return session


def _in_view(count: int, first: float, last: float) -> range:
    """Return which of the rows or columns are in view; first, last: where that begins and ends."""
    return range(max(0, math.floor(first)), min(count, math.floor(last) + 1))


def _count(context: Context) -> int:
    """Return how many seeds are shown: as the settings say, but no more than can be chosen."""
    return min(max(context.settings.contact_sheet.count, 1), COUNTS[-1])


def _draw_count(count: int) -> int:
    """Draw the list of how many seeds are shown, in which another number can be typed."""
    imgui.set_next_item_width(em(6.5))
    opened = imgui.begin_combo("##Count", f"{count} seeds", imgui.ComboFlags_.height_large)
    if not opened:
        widgets.tooltip("How many seeds are shown.")
        return count
    for offered in COUNTS:
        if imgui.selectable(f"{offered} seeds", offered == count)[0]:
            count = offered
    imgui.set_next_item_width(-1)
    flags = imgui.InputTextFlags_.chars_decimal | imgui.InputTextFlags_.enter_returns_true
    entered, text = imgui.input_text_with_hint("##Typed", "Another", "", flags)
    widgets.tooltip(f"Any number from {LEAST} to {COUNTS[-1]}, and Return.")
    if entered and text.isdecimal():
        count = min(max(int(text), LEAST), COUNTS[-1])
        imgui.close_current_popup()
    imgui.end_combo()
    return count


def _combo(name: str, value: T, options: Sequence[tuple[T, str]], width: float) -> T:
    """Draw a list of values; return the chosen one."""
    imgui.set_next_item_width(width)
    index = next((i for i, (option, _) in enumerate(options) if option == value), 0)
    changed, index = imgui.combo(name, index, [text for _, text in options])
    return options[index][0] if changed else value


PANEL = Panel(
    "Contact sheet",
    fa.ICON_FA_TABLE_CELLS,
    "bottom",
    2,
    make=lambda: ContactSheet().draw,
    open=False,
)
