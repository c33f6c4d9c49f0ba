"""One picture of a contact sheet: a click goes there, a drag takes it into the journey."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from msgspec import structs

from renderer.pictures.journey import editing
from viz.desk.context import Context
from viz.gpu.pictures import Picture, fitted
from viz.panels.contact_sheet.layout import Cell
from viz.panels.journey.dropped import offer
from viz.session.session import Session
from viz.ui import stars, theme
from viz.ui.text import shorten
from viz.ui.widgets import em, show_tooltip


def draw_cell(
    session: Session,
    context: Context,
    cell: Cell,
    picture: Picture | None,
    low: ImVec2,
    side: float,
) -> Session:
    """Draw a cell and take the mouse on it; return the session as it was changed there.

    picture: None until it is there. low: the upper left corner. side: in pixels.
    """
    palette, draw_list = theme.current(), imgui.get_window_draw_list()
    high = ImVec2(low.x + side, low.y + side)
    imgui.set_cursor_screen_pos(low)
    pressed = imgui.invisible_button(f"{cell.label}##{cell.request.snapshot}", ImVec2(side, side))
    hovered = imgui.is_item_hovered()
    label = f"Seed {cell.label}" if cell.label == str(cell.seed) else cell.label
    offer(context.carried, cell.request, label)
    session = _menu(session, cell)
    rounding = imgui.get_style().frame_rounding
    draw_list.add_rect_filled(low, high, theme.ink(palette.back), rounding)
    if picture is not None:
        key = f"sheet {cell.label} {cell.request.snapshot}"
        context.draw_image(picture, *fitted(picture, low, high), smooth=True, key=key)
    _draw_name(cell.label, low, high)
    here = session.render.source == cell.request.source
    here = here and session.render.snapshot == cell.request.snapshot
    if here or hovered:
        color = palette.accent if here else palette.muted
        draw_list.add_rect(low, high, theme.ink(color), rounding, em(0.2 if here else 0.12))
    if cell.seed in session.stars:
        stars.corner(low, best=False, starred=True, note=False)
    if hovered and imgui.is_item_hovered(imgui.HoveredFlags_.for_tooltip):
        show_tooltip(
            f"{cell.label}\nClick to go there, drag it into the journey, right-click for a star."
        )
    return _go(session, context, cell) if pressed else session


def _draw_name(text: str, low: ImVec2, high: ImVec2) -> None:
    """Draw the name of a cell in its lower left corner, small, on a ground of its own."""
    palette, draw_list, size = theme.current(), imgui.get_window_draw_list(), em(0.8)
    shown = shorten(text, (high.x - low.x - em(0.5)) / 0.8, at="end")
    corner = ImVec2(low.x + em(0.1), high.y - size - em(0.25))
    end = ImVec2(corner.x + 0.8 * imgui.calc_text_size(shown).x + em(0.3), high.y - em(0.1))
    draw_list.add_rect_filled(corner, end, theme.ink(palette.window, 0.75), em(0.2))
    at = ImVec2(corner.x + em(0.15), corner.y + em(0.05))
    draw_list.add_text(imgui.get_font(), size, at, theme.ink(palette.text), shown)


def starred(session: Session, seed: int) -> Session:
    """Return the session with a star at a seed, or without the one that it has."""
    given = session.stars
    kept = tuple(s for s in given if s != seed) if seed in given else (*given, seed)
    return structs.replace(session, stars=kept)


def _go(session: Session, context: Context, cell: Cell) -> Session:
    """Go to a cell, and open its snapshot where that is another one."""
    if cell.request.snapshot != session.render.snapshot:
        context.actions.open_snapshot(cell.request.snapshot)
    return session.with_render(source=cell.request.source)


def _menu(session: Session, cell: Cell) -> Session:
    """Draw the menu of a right-click; return the session as it was changed there."""
    if not imgui.begin_popup_context_item(f"menu {cell.label} {cell.request.snapshot}"):
        return session
    if imgui.menu_item("Star", "", cell.seed in session.stars)[0]:
        session = starred(session, cell.seed)
    if imgui.menu_item("Add to the journey", "", False)[0]:
        journey = session.journey
        journey, _ = editing.added(journey, cell.request, journey.duration)
        session = structs.replace(session, journey=journey)
    imgui.end_popup()
    return session
