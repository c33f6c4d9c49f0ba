"""The heading over a compared picture: its name, what is linked, and what can be done with it."""

from __future__ import annotations

from imgui_bundle import ImVec2, ImVec4, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from viz.compare.labels import BETWEEN, full
from viz.compare.shown import Shown
from viz.desk.context import Context
from viz.session import comparing
from viz.session.session import Session
from viz.ui import theme
from viz.ui.text import shorten
from viz.ui.widgets import em, tooltip

MAIN_TIP = "The picture that the panels edit; the others follow it in what is linked."
"""Shown over the heading of the main picture."""


class Header:
    """Draws the headings of all pictures, and remembers the name that is being typed."""

    def __init__(self) -> None:
        self._renaming = -1
        self._text = ""
        self._first = False

    def draw(
        self, session: Session, context: Context, shown: Shown, corner: ImVec2, width: float
    ) -> Session:
        """Draw the heading of a picture; return the session as it was edited there.

        The heading is as high as one line of controls.
        shown: the picture.
        corner: the upper left corner of the heading, as a screen position.
        width: of the heading, in pixels.
        """
        height = imgui.get_frame_height()
        imgui.push_id(shown.number)
        _ground(corner, width, height, main=shown.number == 0)
        buttons = 3 if shown.number else 0
        room = width - buttons * height - em(0.6)
        imgui.set_cursor_screen_pos(ImVec2(corner.x + em(0.5), corner.y))
        if self._renaming == shown.number:
            session = self._field(session, room)
        else:
            self._title(session, context, shown, room, height)
        if shown.number:
            imgui.set_cursor_screen_pos(ImVec2(corner.x + width - buttons * height, corner.y))
            session = self._buttons(session, context, shown)
        session = self._menu(session, context, shown)
        imgui.pop_id()
        return session

    def _title(
        self, session: Session, context: Context, shown: Shown, room: float, height: float
    ) -> None:
        low = imgui.get_cursor_screen_pos()
        imgui.invisible_button("##title", ImVec2(max(room, em(1)), height))
        if imgui.is_item_hovered():
            if imgui.is_mouse_double_clicked(imgui.MouseButton_.left):
                self._rename(session, shown)
            elif imgui.is_mouse_clicked(imgui.MouseButton_.right):
                imgui.open_popup("##menu")
        path = shown.request.snapshot
        hint = f"{MAIN_TIP} " if shown.number == 0 else ""
        tooltip(f"{full(shown.label)}\n\n{path}\n\n{hint}Double-click to name it.")
        canvas, at = imgui.get_window_draw_list(), ImVec2(low.x, 0)
        at.y = low.y + (height - imgui.get_font_size()) / 2
        title = shorten(shown.label.title, room)
        canvas.add_text(at, imgui.get_color_u32(imgui.Col_.text), title)
        at.x += imgui.calc_text_size(title).x + em(0.6)
        rest = room - (at.x - low.x)
        if shown.label.detail and rest > em(2):
            text = _detail(shown.label.detail, rest)
            canvas.add_text(at, imgui.get_color_u32(imgui.Col_.text_disabled), text)

    def _rename(self, session: Session, shown: Shown) -> None:
        self._renaming, self._first = shown.number, True
        compare = session.compare
        own = compare.panes[shown.number - 1].name if shown.number else compare.name
        self._text = own or shown.label.title

    def _field(self, session: Session, room: float) -> Session:
        imgui.set_next_item_width(room)
        if self._first:
            imgui.set_keyboard_focus_here()
            self._first = False
        flags = imgui.InputTextFlags_.auto_select_all | imgui.InputTextFlags_.escape_clears_all
        _, self._text = imgui.input_text_with_hint("##name", "Its network", self._text, flags)
        tooltip("Enter applies it. Empty: named after its network.")
        if imgui.is_item_deactivated():
            number, self._renaming = self._renaming, -1
            if imgui.is_item_deactivated_after_edit():
                return comparing.renamed(session, number, self._text.strip())
        return session

    def _buttons(self, session: Session, context: Context, shown: Shown) -> Session:
        side = imgui.get_frame_height()
        imgui.push_style_color(imgui.Col_.button, ImVec4(0, 0, 0, 0))
        imgui.push_style_var(imgui.StyleVar_.item_spacing, ImVec2(0, 0))
        imgui.push_style_var(imgui.StyleVar_.frame_border_size, 0)
        ink = imgui.Col_.text_disabled if shown.whole else imgui.Col_.check_mark
        imgui.push_style_color(imgui.Col_.text, imgui.get_style_color_vec4(ink))
        icon = fa.ICON_FA_LINK if shown.whole else fa.ICON_FA_LINK_SLASH
        if imgui.button(f"{icon}###link", ImVec2(side, side)):
            imgui.open_popup("##links")
        imgui.pop_style_color()
        tooltip("What it shares with the main picture, and what it has for itself.")
        imgui.same_line()
        muted = imgui.get_style_color_vec4(imgui.Col_.text_disabled)
        imgui.push_style_color(imgui.Col_.text, muted)
        imgui.begin_disabled(not can_swap(context, shown))
        if imgui.button(f"{fa.ICON_FA_RIGHT_LEFT}###main", ImVec2(side, side)):
            session = comparing.swapped(session, shown.number, context.models)
        imgui.end_disabled()
        tooltip("Make this the main picture, which the panels edit; the two change places.")
        imgui.same_line()
        if imgui.button(f"{fa.ICON_FA_XMARK}###remove", ImVec2(side, side)):
            session = comparing.removed(session, shown.number)
        tooltip("Take it away.")
        imgui.pop_style_color(2)
        imgui.pop_style_var(2)
        if len(session.compare.panes) >= shown.number and imgui.begin_popup("##links"):
            session = _links(session, shown)
            imgui.end_popup()
        return session

    def _menu(self, session: Session, context: Context, shown: Shown) -> Session:
        if not imgui.begin_popup("##menu"):
            return session
        number = shown.number
        if imgui.menu_item("Name…", "Double-click", False)[0]:
            self._rename(session, shown)
        if number and imgui.begin_menu("Linked"):
            session = _links(session, shown)
            imgui.end_menu()
        if (
            number
            and imgui.menu_item("Make it the main one", "", False, can_swap(context, shown))[0]
        ):
            session = comparing.swapped(session, number, context.models)
        if imgui.menu_item("Measure differences from it", "", session.compare.reference == number)[
            0
        ]:
            session = comparing.referred(session, number)
        if imgui.menu_item("Copy its path", "", False)[0]:
            path = shown.request.snapshot
            context.actions.copy_text(path, f"Copied: {path}")
        if number:
            imgui.separator()
            if imgui.menu_item("Take it away", "", False)[0]:
                session = comparing.removed(session, number)
        imgui.end_popup()
        return session


def _detail(text: str, room: float) -> str:
    """Return as many parts of a detail as there is room for, the first shortened if need be."""
    parts = text.split(BETWEEN)
    while len(parts) > 1 and imgui.calc_text_size(BETWEEN.join(parts)).x > room:
        parts.pop()
    return shorten(BETWEEN.join(parts), room)


def can_swap(context: Context, shown: Shown) -> bool:
    """Whether a picture can become the main one, for which its network must be open."""
    return shown.failure is None and shown.request.snapshot in context.models


def _links(session: Session, shown: Shown) -> Session:
    """Draw a menu item with a tick for each part; clicking on them leaves the menu open."""
    imgui.push_item_flag(imgui.ItemFlags_.auto_close_popups, False)
    for part, title in comparing.TITLES.items():
        linked = part in shown.linked
        if imgui.menu_item(title, "", linked)[0]:
            session = comparing.relinked(session, shown.number, part, linked=not linked)
    imgui.pop_item_flag()
    return session


def _ground(corner: ImVec2, width: float, height: float, *, main: bool) -> None:
    canvas = imgui.get_window_draw_list()
    far = ImVec2(corner.x + width, corner.y + height)
    canvas.add_rect_filled(corner, far, imgui.get_color_u32(imgui.Col_.window_bg))
    if main:
        accent = imgui.get_color_u32(theme.color(theme.current().accent))
        canvas.add_rect_filled(corner, ImVec2(corner.x + em(0.16), far.y), accent)
