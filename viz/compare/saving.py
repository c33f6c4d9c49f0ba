"""Saving a comparison without being asked how."""

from __future__ import annotations

from imgui_bundle import imgui
from msgspec import structs

from viz.compare import sheets
from viz.compare.labels import labels
from viz.desk.context import Context
from viz.export.exports import finished
from viz.session import comparing
from viz.session.session import Session

NAME = "comparison"
"""What the names of the files of comparisons begin with."""


def save_comparison(session: Session, context: Context, columns: int) -> None:
    """Write what is on the screen as a PNG, or several differences as a folder of PNGs.

    Size and labels are those of the last export.
    columns: how many pictures the grid has side by side.
    """
    models, options = context.models, context.settings.export
    titles = [label.title for label in labels(session, models)]
    made = sheets.still(session, models, titles, columns)
    if session.compare.layout == "flicker":
        made = (made[comparing.blinked(session.compare, imgui.get_time())],)
    made = finished(made, structs.replace(options, kind="png"))
    name = NAME if len(made) > 1 else f"{NAME}.png"
    context.actions.export(made, str(context.settings.captures / name))
