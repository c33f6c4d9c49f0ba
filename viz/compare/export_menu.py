"""The menu of what a comparison can be exported as."""

from __future__ import annotations

from imgui_bundle import imgui

from renderer.messages.jobs import Sheet
from renderer.messages.request import Arc, Average, SavedW
from viz.compare import sheets
from viz.compare.saving import NAME, ask_export
from viz.compare.shown import Shown
from viz.desk.context import Context
from viz.session.session import Session
from viz.ui.widgets import tooltip

LENGTHS = (5, 10, 30)
"""Seconds that a journey through the plane may take."""


def open_menu() -> None:
    """Show the menu; called in the window and under the ids that `draw_menu` is called in."""
    imgui.open_popup("##export")


def draw_menu(session: Session, context: Context, all_shown: list[Shown], columns: int) -> None:
    """Draw the menu while it is open; what is chosen there is asked about in the dialog.

    all_shown: the compared pictures, the main one first.
    columns: how many pictures the grid has side by side.
    """
    if not imgui.begin_popup("##export"):
        return
    titles, models = [shown.label.title for shown in all_shown], dict(context.models)
    ask = context.actions.ask_export

    def sweep(fps: float) -> tuple[Sheet, ...]:
        return sheets.sweep(session, models, titles, fps)

    def flicker(_: float) -> tuple[Sheet, ...]:
        flickering = session.with_compare(layout="flicker")
        return sheets.still(flickering, models, titles)

    if imgui.menu_item("What is shown…", "Ctrl+Shift+E", False)[0]:
        ask_export(session, context)
    tooltip("One picture; of flicker, one after the other.")
    if imgui.menu_item("Wipe across…", "", False)[0]:
        ask("Export a wipe", sweep, f"{NAME}-wipe", moving=True)
    tooltip("A video of the edge going from one side to the other and back.")
    if imgui.menu_item("One after the other…", "", False)[0]:
        ask("Export one after the other", flicker, f"{NAME}-flicker")
    saved = isinstance(session.render.source, SavedW | Average | Arc)
    still = session.motion.speed == 0
    if imgui.begin_menu("On through the plane", not (saved or still)):
        for seconds in LENGTHS:
            if imgui.menu_item(f"{seconds} seconds…", "", False)[0]:
                _travel(session, context, titles, columns, seconds)
        imgui.end_menu()
    tooltip(
        "This latent lies outside the plane of seeds."
        if saved
        else "A video of all of them moving as the animation in Latent does: its drift and "
        "heading. " + ("Its drift is 0 now." if still else "")
    )
    imgui.end_popup()


def _travel(
    session: Session, context: Context, titles: list[str], columns: int, seconds: int
) -> None:
    models = dict(context.models)

    def travel(fps: float) -> tuple[Sheet, ...]:
        return sheets.travel(session, models, titles, fps, seconds, columns)

    context.actions.ask_export("Export a journey", travel, f"{NAME}-journey", moving=True)
