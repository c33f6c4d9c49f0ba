"""The menu of what a comparison can be exported as."""

from __future__ import annotations

from imgui_bundle import imgui

from renderer.messages.jobs import Sheet
from renderer.messages.request import Average, SavedW
from viz.compare import sheets
from viz.compare.saving import NAME
from viz.compare.shown import Shown
from viz.desk.context import Context
from viz.export.dialog import ExportDialog
from viz.session.session import Session
from viz.ui.widgets import tooltip

LENGTHS = (5, 10, 30)
"""Seconds that a journey through the plane may take."""


class ExportMenu:
    """Asks what to make of the comparison; the dialog, which it keeps, asks the rest."""

    def __init__(self) -> None:
        self._dialog = ExportDialog()

    def open(self) -> None:
        """Show the menu; called in the window and under the ids that `draw` is called in."""
        imgui.open_popup("##export")

    def draw(
        self, session: Session, context: Context, all_shown: list[Shown], columns: int
    ) -> None:
        """Draw the menu and the dialog while they are open. Call it in every frame.

        all_shown: the compared pictures, the main one first.
        columns: how many pictures the grid has side by side.
        """
        if imgui.begin_popup("##export"):
            self._items(session, context, all_shown, columns)
            imgui.end_popup()
        self._dialog.draw(context)

    def _items(
        self, session: Session, context: Context, all_shown: list[Shown], columns: int
    ) -> None:
        titles, models = [shown.label.title for shown in all_shown], dict(context.models)

        def picture(_: float) -> tuple[Sheet, ...]:
            return sheets.still(session, models, titles, columns)

        def sweep(fps: float) -> tuple[Sheet, ...]:
            return sheets.sweep(session, models, titles, fps)

        def flicker(_: float) -> tuple[Sheet, ...]:
            flickering = session.with_compare(layout="flicker")
            return sheets.still(flickering, models, titles)

        if imgui.menu_item("What is shown…", "", False)[0]:
            self._dialog.open("Export the comparison", picture, NAME)
        tooltip("One picture; of flicker, one after the other.")
        if imgui.menu_item("Wipe across…", "", False)[0]:
            self._dialog.open("Export a wipe", sweep, f"{NAME}-wipe", moving=True)
        tooltip("A video of the edge going from one side to the other and back.")
        if imgui.menu_item("One after the other…", "", False)[0]:
            self._dialog.open("Export one after the other", flicker, f"{NAME}-flicker")
        saved = isinstance(session.render.source, SavedW | Average)
        still = session.motion.speed == 0
        if imgui.begin_menu("On through the plane", not (saved or still)):
            for seconds in LENGTHS:
                if imgui.menu_item(f"{seconds} seconds…", "", False)[0]:
                    self._travel(session, context, titles, columns, seconds)
            imgui.end_menu()
        tooltip(
            "This latent lies outside the plane of seeds."
            if saved
            else "A video of all of them moving as the animation in Latent does: its drift and "
            "heading. " + ("Its drift is 0 now." if still else "")
        )

    def _travel(
        self, session: Session, context: Context, titles: list[str], columns: int, seconds: int
    ) -> None:
        models = dict(context.models)

        def travel(fps: float) -> tuple[Sheet, ...]:
            return sheets.travel(session, models, titles, fps, seconds, columns)

        self._dialog.open("Export a journey", travel, f"{NAME}-journey", moving=True)
