"""How a file dialog looks: path, lists, a line of facts, switches and buttons."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from common.words import escaped
from viz.disk.dialogs import entries
from viz.disk.dialogs.browser import Browser
from viz.disk.dialogs.entry_list import SILENCE, Typing, draw_entries, draw_places
from viz.ui import theme, widgets
from viz.ui.keys import take_key
from viz.ui.layout import align_right
from viz.ui.text import muted, shorten
from viz.ui.widgets import em

POPUP = "###file dialog"
PATH_TIP = "Type or paste a path; Enter goes there, or takes the file. (Ctrl+L)"
"""Shown over the field of the path."""


class DialogView:
    """Draws a browser as a modal window.

    Where another modal window is open, such as the one of an export, the dialog is drawn inside it:
    ImGui would close that one otherwise.
    """

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self._typing = Typing()
        self._opened = False
        self._outer = ""

    def draw(self) -> None:
        """Draw it; called once per frame as long as the browser is open."""
        if not self._opened:
            modal = imgui.internal.get_top_most_popup_modal()
            self._outer = modal.name if modal is not None else ""
        if self._outer and not imgui.internal.find_window_by_name(self._outer).active:
            self.browser.cancel()  # whoever asked is not there any more
            return
        if self._outer:
            imgui.begin(self._outer)
        self._draw_here()
        if self._outer:
            imgui.end_popup()

    def _draw_here(self) -> None:
        browser, popup = self.browser, f"{self.browser.kind.title}{POPUP}"
        if not self._opened:
            imgui.open_popup(popup)
            self._opened = True
        view = imgui.get_main_viewport()
        imgui.set_next_window_pos(view.get_center(), imgui.Cond_.appearing, ImVec2(0.5, 0.5))
        most = ImVec2(view.size.x * 0.96, view.size.y * 0.94)
        size = ImVec2(min(em(60), most.x), min(em(38), most.y))
        imgui.set_next_window_size(size, imgui.Cond_.appearing)
        imgui.set_next_window_size_constraints(ImVec2(min(em(34), most.x), em(18)), most)
        flags = imgui.WindowFlags_.no_saved_settings | imgui.WindowFlags_.no_collapse
        shown, stays = imgui.begin_popup_modal(popup, True, flags)
        if not shown:
            browser.cancel()  # something closed all popups
            return
        browser.contents.refresh()
        self._draw_inside()
        if not stays or take_key(imgui.Key.escape, repeat=False):
            self._escape()
        if not browser.is_open:
            imgui.close_current_popup()
        imgui.end_popup()

    def _escape(self) -> None:
        if self.browser.question is not None:
            self.browser.keep()
        else:
            self.browser.cancel()

    def _draw_inside(self) -> None:
        browser = self.browser
        # Taken before the fields are drawn: an Enter that ends typing is not for the list.
        typing_text = imgui.get_io().want_text_input
        self._draw_path()
        lines = 2 if browser.kind.save else 1
        below = lines * imgui.get_frame_height_with_spacing() + imgui.get_text_line_height()
        height = -(below + 2 * imgui.get_style().item_spacing.y)
        draw_places(browser, em(11), height)
        imgui.same_line()
        keys = not typing_text and not imgui.get_io().key_ctrl and browser.question is None
        draw_entries(browser, self._typing, height, keys=keys)
        _draw_line(browser)
        if browser.kind.save:
            self._draw_name()
        if browser.question is None:
            _draw_switches(browser)
        else:
            _draw_question(browser, browser.question)
        _draw_buttons(browser)
        if not typing_text and take_key(imgui.Key.backspace, repeat=False):
            browser.up()

    def _draw_path(self) -> None:
        browser, side = self.browser, imgui.get_frame_height()
        top = browser.folder.parent == browser.folder
        up = f"{fa.ICON_FA_ARROW_UP}###Up"
        if widgets.button(up, tip="The folder above. (Backspace)", enabled=not top, width=side):
            browser.up()
        imgui.same_line()
        imgui.set_next_item_width(-1)
        if imgui.is_key_chord_pressed(int(imgui.Key.mod_ctrl) | int(imgui.Key.l)):
            imgui.set_keyboard_focus_here()
        flags = (
            imgui.InputTextFlags_.enter_returns_true
            | imgui.InputTextFlags_.auto_select_all
            | imgui.InputTextFlags_.elide_left
        )
        entered, browser.path = imgui.input_text("##path", browser.path, int(flags))
        widgets.tooltip(PATH_TIP)
        if entered:
            browser.go_to_typed()

    def _draw_name(self) -> None:
        browser = self.browser
        widgets.label("Name")
        if imgui.is_window_appearing():
            imgui.set_keyboard_focus_here()
        flags = imgui.InputTextFlags_.enter_returns_true | imgui.InputTextFlags_.auto_select_all
        entered, name = imgui.input_text("##name", browser.name, int(flags))
        if name != browser.name:
            browser.name = name
            browser.keep()  # the question was about another name
        if entered and browser.ready:
            browser.choose()


def _draw_line(browser: Browser) -> None:
    """What went wrong, or what is selected."""
    room, palette = imgui.get_content_region_avail().x, theme.current()
    selected = browser.selected
    if browser.problem:
        text = f"{fa.ICON_FA_TRIANGLE_EXCLAMATION}  {browser.problem}"
        imgui.push_style_color(imgui.Col_.text, theme.color(palette.error))
        imgui.text_unformatted(shorten(text, room))
        imgui.pop_style_color()
        widgets.tooltip(browser.problem)
    elif selected is not None:
        name = escaped(os.path.basename(selected.path))
        facts = entries.facts(selected)
        left = room - imgui.calc_text_size(facts).x - em(1)
        imgui.text_unformatted(shorten(name, max(left, em(6))))
        imgui.same_line(0, em(1))
        muted(facts)
    else:
        muted(shorten(_overview(browser), room))


def _overview(browser: Browser) -> str:
    search = browser.contents.search
    if search is not None:
        found = f"{len(search.found):,} found in {search.folders:,} folders"
        if not search.stopped:
            return f"{found}…"
        return f"{found}." if search.complete else f"{found}; there may be more."
    if browser.silence > SILENCE:
        return "Waiting for the disk…"
    if browser.is_run and not browser.kind.folder:
        return f"This folder is a run: {browser.kind.verb} takes its newest snapshot."
    count = len(browser.contents.entries)
    return f"{count:,} entr{'y' if count == 1 else 'ies'}" if count else ""


def _draw_switches(browser: Browser) -> None:
    contents, kind = browser.contents, browser.kind
    before = filters = contents.filters
    if kind.all_files:
        tip = f"Files other than {kind.what.lower()} too."
        filters = replace(
            filters, all_files=widgets.checkbox("All files", filters.all_files, tip=tip)
        )
        imgui.same_line(0, em(1))
    tip = "Files and folders whose names begin with a dot."
    filters = replace(filters, hidden=widgets.checkbox("Hidden", filters.hidden, tip=tip))
    if (kind.suffixes and not kind.save) or kind.runs:
        imgui.same_line(0, em(1))
        tip = "Everything that can be chosen in this folder and in all folders below it."
        filters = replace(filters, deep=widgets.checkbox("Also below", filters.deep, tip=tip))
    if contents.search is not None and not contents.search.stopped:
        imgui.same_line(0, em(1))
        if widgets.button("Stop", tip="Leave it at what was found."):
            contents.search.stop()
    if filters != before:
        contents.filter(filters)


def _buttons_width() -> float:
    return 2 * em(7) + imgui.get_style().item_spacing.x


def _draw_question(browser: Browser, target: Path) -> None:
    imgui.align_text_to_frame_padding()
    room = imgui.get_content_region_avail().x - _buttons_width() - em(1)
    text = shorten(f"{escaped(target.name)} is there already. Replace it?", room)
    imgui.push_style_color(imgui.Col_.text, theme.color(theme.current().warning))
    imgui.text_unformatted(text)
    imgui.pop_style_color()


def _draw_buttons(browser: Browser) -> None:
    """At the right end of the line: two buttons, which answer the question where there is one."""
    imgui.same_line()
    align_right(_buttons_width())
    asked = browser.question is not None
    if widgets.button("Keep it" if asked else "Cancel", width=em(7)):
        (browser.keep if asked else browser.cancel)()
    imgui.same_line()
    imgui.push_style_color(imgui.Col_.button, theme.color(theme.current().accent_strong))
    text = "Replace" if asked else f"{browser.verb}###Choose"
    if widgets.button(text, enabled=asked or browser.ready, width=em(7)):
        (browser.replace if asked else browser.choose)()
    imgui.pop_style_color()
