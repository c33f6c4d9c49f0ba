"""Directions: ways through W along which pictures change in one way, found and gone along."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from viz.desk.context import Context
from viz.desk.panel import Panel
from viz.desk.parts.directions import KeptSet
from viz.panels.directions.commands import COMMANDS
from viz.panels.directions.finding import FindingControls
from viz.panels.directions.in_use import draw_in_use
from viz.panels.directions.rows import DirectionRow
from viz.session.changes import directions
from viz.session.session import Session
from viz.ui import theme, widgets
from viz.ui.widgets import em

EMPTY = (
    "Ways through {space} along which the picture changes in one way: it turns, ages, is lit from "
    "the other side. Find some, see on the strips what they do, and name those you like."
)
LEAST_EM = 10.0
"""The height of the rows at least, in em: in a low panel all of it scrolls."""


class DirectionsPanel:
    """Keeps what is looked for, the pictures of the strips, which set was shown, and whether only
    stars are."""

    def __init__(self) -> None:
        self._finding = FindingControls()
        self._row = DirectionRow()
        self._stars_only = False
        self._selected = 0
        self._seen = 0

    def draw(self, session: Session, context: Context) -> Session:
        """Draw the panel; return the session as it was moved there."""
        model = context.model
        if model is None:
            widgets.hint("Open a network to find directions in its latents.")
            return session
        self._row.pictures.begin(session, context)
        session = draw_in_use(session, context, model)
        shown = context.directions.shown
        if shown is None:
            space = "the latent space Z" if model.w_is_z else "W"
            widgets.hint(EMPTY.format(space=space))
            self._finding.draw(session, context, model)
            return session
        # What was just found is to be seen.
        fold, self._seen = self._seen != shown.id, shown.id
        if widgets.section("Find others", open_first=False, fold=fold):
            self._finding.draw(session, context, model)
            imgui.spacing()
        session = self._draw_set(session, context, shown)
        return self._draw_rows(session, context, shown)

    def _draw_set(self, session: Session, context: Context, shown: KeptSet) -> Session:
        """Draw the line in which a set is chosen, and what can be done with it."""
        side, gap, actions = imgui.get_frame_height(), em(0.15), context.actions.directions
        imgui.set_next_item_width(imgui.get_content_region_avail().x - 4 * (side + gap))
        sets = context.directions.sets
        if imgui.begin_combo("##set", shown.found.title):
            for kept in sets:
                text = f"{kept.found.title} · {kept.found.network}##{kept.id}"
                if imgui.selectable(text, kept.id == shown.id)[0]:
                    actions.show(kept.id)
            imgui.end_combo()
        widgets.tooltip(_about(shown))
        imgui.same_line(0, gap)
        color = theme.current().accent if self._stars_only else theme.current().text
        imgui.push_style_color(imgui.Col_.text, theme.color(color))
        if imgui.button(f"{fa.ICON_FA_STAR}###stars", ImVec2(side, 0)):
            self._stars_only = not self._stars_only
        imgui.pop_style_color()
        widgets.tooltip("Show only those with a star, or all of them.")
        imgui.same_line(0, gap)
        moved = directions.moves(session.render)
        tip = "Leave all directions: the picture as it is without them."
        if widgets.button(f"{fa.ICON_FA_ROTATE_LEFT}###leave", tip=tip, enabled=moved, width=side):
            session = structs.replace(session, render=directions.left(session.render))
        imgui.same_line(0, gap)
        if widgets.button(f"{fa.ICON_FA_FLOPPY_DISK}###save", tip="Save the set…", width=side):
            context.actions.browse("save_directions")
        imgui.same_line(0, gap)
        tip = "Take the set out of the list. Its file stays in the folder of removed ones."
        if widgets.button(f"{fa.ICON_FA_XMARK}###remove", tip=tip, width=side):
            actions.remove()
        model = context.model
        if shown.found.network and model is not None and shown.found.network != model.name:
            widgets.hint(f"Found in {shown.found.network}.")
        if shown.found.accuracy is not None:
            widgets.hint(
                f"Right for {shown.found.accuracy:.0%} of pictures that it has not seen; "
                "50% is chance."
            )
        return session

    def _draw_rows(self, session: Session, context: Context, shown: KeptSet) -> Session:
        """Draw the directions of a set, below each other."""
        selected = context.directions.selected
        components = shown.found.components
        rows = [i for i, each in enumerate(components) if each.star or not self._stars_only]
        if not rows:
            widgets.hint("No direction of this set has a star yet.")
        room = ImVec2(0, max(imgui.get_content_region_avail().y, em(LEAST_EM)))
        if imgui.begin_child("rows", room):
            imgui.indent(em(0.5))
            for index in rows:
                top = imgui.get_cursor_pos_y()
                session = self._row.draw(session, context, index, components[index])
                if index == selected != self._selected:
                    _bring_into_view(top, imgui.get_cursor_pos_y())
            imgui.unindent(em(0.5))
        imgui.end_child()
        self._selected = selected
        return session


def _bring_into_view(top: float, bottom: float) -> None:
    """Scroll so far that a part of the window is seen. top, bottom: of it, in the window."""
    scroll, height = imgui.get_scroll_y(), imgui.get_window_height()
    if top < scroll:
        imgui.set_scroll_y(top)
    elif bottom > scroll + height:
        imgui.set_scroll_y(bottom - height)


def _about(shown: KeptSet) -> str:
    found = shown.found
    network = f"\nFound in {found.network}." if found.network else ""
    return f"{found.title}{network}"


PANEL = Panel(
    "Directions",
    fa.ICON_FA_ROUTE,
    "left_middle",
    3,
    make=lambda: DirectionsPanel().draw,
    commands=COMMANDS,
)
