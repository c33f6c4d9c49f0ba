"""The two lists of a file dialog: places on the left, what lies in the folder on the right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from common import units
from common.words import escaped
from viz.disk.dialogs import entries
from viz.disk.dialogs.browser import Browser
from viz.disk.dialogs.entries import Column, Entry
from viz.disk.dialogs.purposes import SNAPSHOTS
from viz.ui import theme
from viz.ui.keys import take_key
from viz.ui.layout import align_right
from viz.ui.text import muted, shorten
from viz.ui.widgets import em, hint, tooltip

PLACES = {
    "home": fa.ICON_FA_HOUSE,
    "captures": fa.ICON_FA_CAMERA,
    "run": fa.ICON_FA_CHART_LINE,
    "recent": fa.ICON_FA_CLOCK_ROTATE_LEFT,
}
FILES = {
    ".png": fa.ICON_FA_IMAGE,
    ".mp4": fa.ICON_FA_FILM,
    ".json": fa.ICON_FA_FILE_LINES,
    ".npz": fa.ICON_FA_FILE_WAVEFORM,
    ".npy": fa.ICON_FA_FILE_WAVEFORM,
}
COLUMNS: tuple[Column, ...] = ("name", "size", "time")
SILENCE = 0.4
"""Seconds after which a folder that does not answer is spoken of."""
TYPING = 0.8
"""Seconds within which letters belong to the same word."""


class Typing:
    """Letters that are typed into the list, to jump to a name."""

    def __init__(self) -> None:
        self._letters = ""
        self._at = 0.0

    def read(self) -> str:
        """What has been typed in one go up to this frame; empty where this frame adds nothing."""
        queue = imgui.get_io().input_queue_characters
        new = "".join(chr(int(queue[i])) for i in range(len(queue)))
        if not new.strip() or not new.isprintable():
            return ""
        now = imgui.get_time()
        fresh = now - self._at > TYPING or new == self._letters
        self._letters, self._at = (new if fresh else self._letters + new), now
        return self._letters


def draw_places(browser: Browser, width: float, height: float) -> None:
    """Folders that are one click away; height in pixels, negative: so much is left below."""
    imgui.push_style_color(imgui.Col_.child_bg, theme.color(theme.current().bar))
    flags = imgui.ChildFlags_.always_use_window_padding
    if imgui.begin_child("places", ImVec2(width, height), flags):
        for i, place in enumerate(browser.places):
            if place.kind == "recent" and browser.places[i - 1].kind != "recent":
                imgui.dummy(ImVec2(0, em(0.2)))
                muted("Recent")
            imgui.push_id(i)
            at = imgui.get_cursor_screen_pos()
            row = ImVec2(0, imgui.get_frame_height())
            imgui.push_style_var(imgui.StyleVar_.selectable_text_align, ImVec2(0, 0.5))
            if imgui.selectable(f"###{place.name}", place.folder == browser.folder, 0, row)[0]:
                browser.go(place.folder)
            imgui.pop_style_var()
            tooltip(escaped(str(place.folder)))
            _icon_and_text(at, PLACES[place.kind], place.name, width - em(3.4))
            imgui.pop_id()
    imgui.end_child()
    imgui.pop_style_color()


def _icon_and_text(at: ImVec2, icon: str, text: str, room: float) -> None:
    """Over a row that is already there: its icon in a column, its text beside it."""
    palette, draw = theme.current(), imgui.get_window_draw_list()
    y = at.y + (imgui.get_frame_height() - imgui.get_font_size()) / 2
    left = at.x + em(0.25) + (em(1.2) - imgui.calc_text_size(icon).x) / 2
    draw.add_text(ImVec2(left, y), theme.ink(palette.muted), icon)
    shown = shorten(escaped(text), room)
    draw.add_text(ImVec2(at.x + em(1.9), y), theme.ink(palette.text), shown)


def draw_entries(browser: Browser, typing: Typing, height: float, *, keys: bool) -> None:
    """The table of the folder, or what to say in its place.

    height: as of `draw_places`.
    keys: arrow keys and letters are for the table.
    """
    flags = (
        imgui.TableFlags_.scroll_y
        | imgui.TableFlags_.sortable
        | imgui.TableFlags_.row_bg
        | imgui.TableFlags_.resizable
        | imgui.TableFlags_.no_saved_settings
        | imgui.TableFlags_.borders_outer
        | imgui.TableFlags_.borders_inner_h
        | imgui.TableFlags_.pad_outer_x
    )
    activated, pressed = -1, False
    if imgui.begin_table("entries", 3, flags, ImVec2(0, height)):
        _set_up_columns()
        _sort(browser)
        if browser.contents.entries:
            if keys:
                pressed = _read_keys(browser, typing)
            activated = _draw_rows(browser)
        else:
            imgui.table_next_row()
            imgui.table_next_column()
            hint(_emptiness(browser))
        imgui.end_table()
    if activated >= 0:
        browser.activate(activated)
    elif pressed and browser.selected is not None:
        browser.enter()


def _set_up_columns() -> None:
    column = imgui.TableColumnFlags_
    imgui.table_setup_scroll_freeze(0, 1)
    imgui.table_setup_column("Name", column.width_stretch | column.no_hide)
    imgui.table_setup_column("Size", column.width_fixed, em(5))
    imgui.table_setup_column("Changed", column.width_fixed, em(8.8))
    imgui.table_headers_row()


def _sort(browser: Browser) -> None:
    specs = imgui.table_get_sort_specs()
    if specs is None or not specs.specs_dirty or not specs.specs_count:
        return
    one = specs.specs
    order = replace(
        browser.contents.filters,
        column=COLUMNS[one.column_index],
        descending=one.get_sort_direction() == imgui.SortDirection.descending,
    )
    specs.specs_dirty = False
    if order != browser.contents.filters:
        browser.contents.filter(order)


def _draw_rows(browser: Browser) -> int:
    """Draw those rows that are in sight. The index of one that was double-clicked, or -1."""
    activated, contents = -1, browser.contents
    clipper = imgui.ListClipper()
    clipper.begin(len(contents.entries))
    if contents.moved and contents.index >= 0:
        clipper.include_item_by_index(contents.index)
    while clipper.step():
        for i in range(clipper.display_start, clipper.display_end):
            if _draw_row(browser, i):
                activated = i
    contents.moved = False
    return activated


def _draw_row(browser: Browser, index: int) -> bool:
    entry, contents = browser.contents.entries[index], browser.contents
    imgui.table_next_row()
    imgui.table_next_column()
    flags = imgui.SelectableFlags_.span_all_columns | imgui.SelectableFlags_.allow_double_click
    room = imgui.get_content_region_avail().x - em(2)
    at, name = imgui.get_cursor_screen_pos(), escaped(entry.name)
    row = ImVec2(0, imgui.get_frame_height())
    twice = False
    # Named by its number: two names can look alike once they are escaped.
    pressed = imgui.selectable(f"##row{index}", index == contents.index, int(flags), row)[0]
    if pressed:
        browser.select(index)
        twice = imgui.is_mouse_double_clicked(imgui.MouseButton_.left)
    if index == contents.index and contents.moved:
        imgui.set_scroll_here_y(0.5)
    if imgui.calc_text_size(name).x > room:
        tooltip(name)
    newest = entries.newest(entry)
    width = imgui.calc_text_size(newest).x
    if newest and width < room / 2:
        _quiet(ImVec2(at.x + em(2) + room - width, at.y), newest)
        room -= width + em(0.6)
    _icon_and_text(at, _icon(entry), entry.name, room)
    imgui.table_next_column()
    imgui.align_text_to_frame_padding()
    if not entry.folder:
        size = units.file_size(entry.bytes)
        align_right(imgui.calc_text_size(size).x)
        muted(size)
    imgui.table_next_column()
    imgui.align_text_to_frame_padding()
    muted(entries.when(entry.modified))
    return bool(twice)


def _quiet(at: ImVec2, text: str) -> None:
    y = at.y + (imgui.get_frame_height() - imgui.get_font_size()) / 2
    imgui.get_window_draw_list().add_text(ImVec2(at.x, y), theme.ink(theme.current().muted), text)


def _icon(entry: Entry) -> str:
    if entry.folder:
        return fa.ICON_FA_CHART_LINE if entry.snapshots else fa.ICON_FA_FOLDER
    suffix = PurePath(entry.name).suffix.lower()
    if suffix in SNAPSHOTS:
        return fa.ICON_FA_CUBE
    return FILES.get(suffix, fa.ICON_FA_FILE)


def _read_keys(browser: Browser, typing: Typing) -> bool:
    """Move the selection. Whether Enter was pressed."""
    page = max(1, int(imgui.get_window_height() / (imgui.get_frame_height() + em(0.4))) - 1)
    last, index = len(browser.contents.entries) - 1, browser.contents.index
    steps = (
        (imgui.Key.down_arrow, index + 1),
        (imgui.Key.up_arrow, max(0, index - 1)),
        (imgui.Key.page_down, index + page),
        (imgui.Key.page_up, max(0, index - page)),
        (imgui.Key.home, 0),
        (imgui.Key.end, last),
    )
    for key, to in steps:
        if take_key(key):
            browser.select(to, by_key=True)
    letters = typing.read()
    if letters:
        browser.jump(letters)
    selected = browser.selected
    if take_key(imgui.Key.right_arrow, repeat=False) and selected is not None and selected.folder:
        browser.activate(browser.contents.index)
    entered = take_key(imgui.Key.enter, repeat=False)
    return take_key(imgui.Key.keypad_enter, repeat=False) or entered


def _emptiness(browser: Browser) -> str:
    if (search := browser.contents.search) is not None:
        return "Nothing found." if search.stopped else "Looking…"
    if browser.silence > SILENCE:
        return (
            f"{browser.path} has not answered for {browser.silence:.0f} s. "
            "You can go elsewhere meanwhile."
        )
    if browser.silence or browser.problem:
        return ""
    if browser.kind.folder:
        return "There is no folder in here."
    what = "file" if browser.contents.filters.all_files else browser.kind.what.lower()
    return f"There are no {what}s or folders in here." if what == "file" else f"No {what} in here."
