"""The bar above a comparison: its layout, what is compared, what is linked, and its export."""

from __future__ import annotations

from collections.abc import Callable

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from common import units
from viz.compare.bar_controls import draw_ground, gap, tool
from viz.compare.gain import in_layout
from viz.compare.header import can_swap
from viz.compare.shown import Shown
from viz.desk.context import Context
from viz.desk.facts import FileEntry
from viz.session import comparing
from viz.session.session import Layout, Session
from viz.ui.text import shorten
from viz.ui.widgets import em, tooltip

LAYOUT_BUTTONS: tuple[tuple[Layout, str, str, str], ...] = (
    ("grid", fa.ICON_FA_TABLE_CELLS_LARGE, "Grid", "Side by side."),
    ("wipe", fa.ICON_FA_CIRCLE_HALF_STROKE, "Wipe", "Two over each other; drag the edge."),
    ("flicker", fa.ICON_FA_BOLT, "Flicker", "One after the other in the same place."),
    ("difference", fa.ICON_FA_PLUS_MINUS, "Difference", "Where and by how much they differ."),
)
"""The button of each layout: its icon, its name and what the layout does."""


def draw(
    session: Session,
    context: Context,
    all_shown: list[Shown],
    corner: ImVec2,
    width: float,
    export: Callable[[], None],
) -> Session:
    """Draw the buttons for layout, adding, linking, swapping, exporting and closing.

    all_shown: the compared pictures, the main one first.
    corner: the upper left corner of the bar, as a screen position.
    width: its width in pixels.
    export: called where Export is pressed.
    """
    draw_ground(corner, width)
    words = width > em(43)
    imgui.set_cursor_screen_pos(ImVec2(corner.x + em(0.4), corner.y + em(0.25)))
    imgui.push_style_var(imgui.StyleVar_.item_spacing, ImVec2(em(0.12), 0))
    for layout, icon, name, tip in LAYOUT_BUTTONS:
        active = session.compare.layout == layout
        if tool(icon, name, f"{name}. {tip}", words=words, active=active):
            session = in_layout(session, layout, context.frames)
        imgui.same_line()
    imgui.pop_style_var()
    gap()
    if tool(fa.ICON_FA_PLUS, "Add", "One more picture.", words=words):
        imgui.open_popup("##add")
    session = _add_menu(session, context)
    panes = len(session.compare.panes)
    imgui.same_line()
    tip = "What all pictures share, and what each has for itself."
    if tool(fa.ICON_FA_LINK, "Link", tip, words=words, enabled=panes > 0):
        imgui.open_popup("##link")
    session = _link_menu(session)
    imgui.same_line()
    number = comparing.partner(session.compare) if panes else 0
    ready = panes > 0 and can_swap(context, all_shown[number])
    tip = "The main picture and the other one change places (X)."
    if tool(fa.ICON_FA_RIGHT_LEFT, "Swap", tip, words=words, enabled=ready):
        session = comparing.swapped(session, number, context.models)
    imgui.same_line()
    tip = "Write it as a picture or a video."
    if tool(fa.ICON_FA_FILE_EXPORT, "Export", tip, words=words, enabled=panes > 0):
        export()
    side = imgui.get_frame_height()
    imgui.set_cursor_screen_pos(ImVec2(corner.x + width - side - em(0.4), corner.y + em(0.25)))
    if tool(fa.ICON_FA_XMARK, "Close", "Back to the one picture (Y); nothing is lost."):
        session = session.with_compare(on=False)
    return session


def _add_menu(session: Session, context: Context) -> Session:
    if not imgui.begin_popup("##add"):
        return session
    if imgui.menu_item("This picture as it is now", "Shift+Y", False)[0]:
        session = comparing.kept(session)
    tooltip("Kept beside the picture while you go on editing it.")
    if context.snapshots and imgui.begin_menu("Snapshot of this run"):
        imgui.push_item_flag(imgui.ItemFlags_.auto_close_popups, False)  # for several at once
        for entry in context.snapshots:
            _add_item(entry, context)
        imgui.pop_item_flag()
        imgui.end_menu()
    if context.recent and imgui.begin_menu("Recent"):
        for entry in context.recent:
            _add_item(entry, context)
        imgui.end_menu()
    if context.bookmarks and imgui.begin_menu("Bookmark"):
        for bookmark in context.bookmarks:
            if imgui.menu_item(bookmark.name, "", False, bookmark.session is not None)[0]:
                context.actions.compare(bookmark.path)
        imgui.end_menu()
    imgui.separator()
    if imgui.menu_item("Snapshot or session…", "", False)[0]:
        context.actions.browse("compare")
    tooltip("A file of any format that can be read, or a PNG, MP4 or JSON that ganscope wrote.")
    imgui.end_popup()
    return session


def _add_item(entry: FileEntry, context: Context) -> None:
    name = entry.path.replace("\\", "/").rpartition("/")[2]
    text = name if entry.kimg is None else units.kimg(entry.kimg)
    if imgui.menu_item(f"{shorten(text, em(24))}##{entry.path}", "", False, entry.exists)[0]:
        context.actions.compare(entry.path)
    tooltip(entry.path)


def _link_menu(session: Session) -> Session:
    if not imgui.begin_popup("##link"):
        return session
    imgui.push_item_flag(imgui.ItemFlags_.auto_close_popups, False)
    for part, title in comparing.TITLES.items():
        count = sum(part in pane.linked for pane in session.compare.panes)
        every = count == len(session.compare.panes)
        some = f"{count} of {len(session.compare.panes)}" if count and not every else ""
        if imgui.menu_item(title, some, every)[0]:
            session = comparing.all_relinked(session, part, linked=not every)
    imgui.pop_item_flag()
    imgui.end_popup()
    return session
