"""Saving the picture or the comparison on the screen, with and without being asked how."""

from __future__ import annotations

from pathlib import PurePath

from imgui_bundle import imgui
from msgspec import structs

from renderer.messages.jobs import Sheet
from viz.compare import sheets
from viz.compare.labels import labels
from viz.desk.context import Context
from viz.export.exports import finished, size_of
from viz.session import comparing
from viz.session.session import Session

NAME = "comparison"
"""What the names of the files of comparisons begin with."""


def ask_export(session: Session, context: Context) -> None:
    """Show the dialog of an export of what is on the screen, be it a comparison."""
    if session.compare.on and session.compare.panes:
        models = dict(context.models)
        titles = [label.title for label in labels(session, models)]
        made = sheets.still(session, models, titles, context.place.columns)
        title, name = "Export the comparison", NAME
    else:
        made = (Sheet((session.render,), smooth=session.view.smooth),)
        title, name = "Export the picture", PurePath(session.render.snapshot).stem or "picture"
    context.actions.ask_export(title, lambda _: made, name)


def save_comparison(session: Session, context: Context, columns: int) -> None:
    """Write what is on the screen as a PNG, or several differences as a folder of PNGs.

    Size and labels are those of the last export.
    columns: how many pictures the grid has side by side.
    """
    made = _shown(session, context, columns)
    context.actions.export(made, str(context.settings.captures / _name(made)))


def saving_words(session: Session, context: Context) -> str:
    """Say in a sentence what capturing would write now, and where to."""
    if context.frame is None:
        return "There is no picture yet."
    if session.compare.on and session.compare.panes:
        made = _shown(session, context, context.place.columns)
        size = size_of(made[0], context.models) or ()
        name, count = _name(made), len(made)
        what = "The comparison" if count == 1 else f"{count} pictures of the comparison"
        after = " A taken name gets a number."
    else:
        size = context.frame.width, context.frame.height
        name, what = PurePath(context.upcoming).name or "a new PNG", "The picture"
        after = ""
    pixels = f" ({' × '.join(map(str, size))})" if size else ""
    folder = context.settings.captures
    return f"{what}, with its session, as {name}{pixels} in {folder}.{after}"


def _shown(session: Session, context: Context, columns: int) -> tuple[Sheet, ...]:
    models, options = context.models, context.settings.export
    titles = [label.title for label in labels(session, models)]
    made = sheets.still(session, models, titles, columns)
    if session.compare.layout == "flicker":
        made = (made[comparing.blinked(session.compare, imgui.get_time())],)
    return finished(made, structs.replace(options, kind="png"))


def _name(made: tuple[Sheet, ...]) -> str:
    return NAME if len(made) > 1 else f"{NAME}.png"
