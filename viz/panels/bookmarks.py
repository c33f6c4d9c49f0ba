"""Pictures to come back to, as thumbnails."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from viz.desk.context import Context
from viz.desk.facts import Bookmark
from viz.desk.panel import Panel
from viz.gpu.pictures import fitted
from viz.session import comparing
from viz.session.changes.averaging import averaged
from viz.session.session import Session
from viz.session.summary import summarize
from viz.ui import theme, widgets
from viz.ui.text import muted, shorten
from viz.ui.widgets import em

CELL = 7.4
"""The side of a thumbnail, in em."""
EMPTY = (
    "Nothing here yet. Ctrl+B, or the button above, keeps the picture with everything that made "
    "it; a click on its thumbnail brings all of it back."
)


class BookmarksPanel:
    """Remembers the name being typed, and what was removed last."""

    def __init__(self) -> None:
        self._name = ""
        self._removed = ""
        self._chosen: tuple[str, ...] = ()

    def draw(self, session: Session, context: Context) -> Session:
        """Draw the panel; return the session as it was edited there."""
        if widgets.button(
            f"{fa.ICON_FA_BOOKMARK}  Add###Add",
            tip="Keep the picture on the screen and everything that made it (Ctrl+B).",
            enabled=context.frame is not None,
        ):
            context.actions.add_bookmark()
            self._removed = ""
        session = self._draw_averaging(session, context)
        self._draw_removed(context)
        if not context.bookmarks:
            imgui.spacing()
            widgets.hint(EMPTY)
            return session
        if imgui.begin_child("grid"):
            session = self._draw_grid(session, context)
        imgui.end_child()
        return session

    def _draw_averaging(self, session: Session, context: Context) -> Session:
        """Draw the button that averages what Ctrl+click has chosen; return what it makes of it."""
        chosen = [
            bookmark.session.render
            for bookmark in context.bookmarks
            if bookmark.path in self._chosen and bookmark.session is not None
        ]
        if not chosen:
            return session
        imgui.same_line()
        tip = "The mean of their latents. How much each counts is set in Latent."
        if len(chosen) < 2:
            tip = "Ctrl+click another bookmark: then their latents can be averaged."
        if widgets.button(f"Average of {len(chosen)}###Average", tip=tip, enabled=len(chosen) > 1):
            self._chosen = ()
            return averaged(session, chosen)
        return session

    def _draw_removed(self, context: Context) -> None:
        if not self._removed:
            return
        imgui.same_line(0, em(1))
        muted(f"Removed {self._removed}.")
        imgui.same_line()
        if widgets.button("Put back", tip="The bookmark as it was."):
            context.actions.undelete_bookmark()
            self._removed = ""

    def _draw_grid(self, session: Session, context: Context) -> Session:
        gap = imgui.get_style().item_spacing.x
        columns = max(int((imgui.get_content_region_avail().x + gap) // (em(CELL) + gap)), 1)
        for i, bookmark in enumerate(context.bookmarks):
            if i % columns:
                imgui.same_line()
            session = self._draw_cell(bookmark, session, context)
        return session

    def _draw_cell(self, bookmark: Bookmark, session: Session, context: Context) -> Session:
        side, line = em(CELL), imgui.get_text_line_height()
        low = imgui.get_cursor_screen_pos()
        pressed = imgui.invisible_button(bookmark.name, ImVec2(side, side + line + em(0.5)))
        hovered = imgui.is_item_hovered()
        if hovered:
            _draw_tooltip(bookmark)
        self._draw_menu(bookmark, context)
        kept = bookmark.session
        current = kept is not None and kept.render == session.render
        current = current or bookmark.path in self._chosen
        _draw_thumbnail(bookmark, context, low, side, hovered=hovered, current=current)
        if pressed and imgui.get_io().key_ctrl:
            self._chosen = _toggled(self._chosen, bookmark.path)
            return session
        if pressed and kept is not None and kept.render.snapshot == session.render.snapshot:
            return comparing.restored(kept, session)
        if pressed:
            context.actions.restore(bookmark.path)
        return session

    def _draw_menu(self, bookmark: Bookmark, context: Context) -> None:
        if not imgui.begin_popup_context_item(f"menu {bookmark.path}"):
            return
        if imgui.is_window_appearing():
            self._name = bookmark.name
        flags = imgui.InputTextFlags_.enter_returns_true | imgui.InputTextFlags_.auto_select_all
        imgui.set_next_item_width(em(13))
        entered, self._name = imgui.input_text("##Name", self._name, flags)
        widgets.tooltip("The name; Enter applies it.")
        if entered and self._name.strip():
            context.actions.rename_bookmark(bookmark.path, self._name.strip())
            imgui.close_current_popup()
        imgui.separator()
        if imgui.menu_item("Show in file manager", "", False)[0]:
            context.actions.reveal(bookmark.path)
        if imgui.menu_item("Copy path", "", False)[0]:
            context.actions.copy_text(bookmark.path, f"Copied: {bookmark.path}")
        imgui.separator()
        if imgui.menu_item("Remove", "", False)[0]:
            context.actions.remove_bookmark(bookmark.path)
            self._removed = bookmark.name
        imgui.end_popup()


def _toggled(chosen: tuple[str, ...], path: str) -> tuple[str, ...]:
    """Return the chosen paths with one more, or without it where it is among them."""
    return tuple(p for p in chosen if p != path) if path in chosen else (*chosen, path)


def _draw_thumbnail(
    bookmark: Bookmark, context: Context, low: ImVec2, side: float, *, hovered: bool, current: bool
) -> None:
    palette, draw_list = theme.current(), imgui.get_window_draw_list()
    high = ImVec2(low.x + side, low.y + side)
    rounding = imgui.get_style().frame_rounding
    back = imgui.get_color_u32(theme.color(palette.back))
    draw_list.add_rect_filled(low, high, back, rounding)
    if bookmark.width and bookmark.height:
        place = fitted(bookmark, low, high)
        context.draw_image(bookmark, *place, smooth=True, key=f"bookmark {bookmark.path}")
    if current or hovered:
        color = palette.accent if current else palette.muted
        packed = imgui.get_color_u32(theme.color(color))
        draw_list.add_rect(low, high, packed, rounding, em(0.14))
    name = shorten(bookmark.name, side)
    x = low.x + (side - imgui.calc_text_size(name).x) / 2
    text = imgui.get_color_u32(imgui.Col_.text if hovered or current else imgui.Col_.text_disabled)
    draw_list.add_text(ImVec2(x, high.y + em(0.2)), text, name)


def _draw_tooltip(bookmark: Bookmark) -> None:
    imgui.begin_tooltip()
    imgui.text_unformatted(bookmark.name)
    if bookmark.session is not None:
        for what, value in summarize(bookmark.session.render):
            muted(what)
            imgui.same_line(em(6))
            imgui.text_unformatted(value)
    muted("Click: bring it back. Right-click: rename, remove …")
    muted("Ctrl+click: choose it, and average it with others.")
    imgui.end_tooltip()


PANEL = Panel("Bookmarks", fa.ICON_FA_BOOKMARK, "bottom", 2, make=lambda: BookmarksPanel().draw)
