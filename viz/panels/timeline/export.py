"""What an export of the timeline is made of: a picture of every snapshot at one session."""

from __future__ import annotations

from pathlib import PurePath

from msgspec import structs

from renderer.messages.jobs import Sheet
from viz.desk.context import Context
from viz.session.fit import fit
from viz.session.session import Session


def ask_export(session: Session, context: Context) -> None:
    """Show the dialog of an export of the snapshots between the flags, of which there is one."""
    sheets = _sheets(session, context)
    run = PurePath(context.timeline.stops[0].path).parent.name
    context.actions.ask_export("Export the timeline", lambda _: sheets, run)


def _sheets(session: Session, context: Context) -> tuple[Sheet, ...]:
    """Return a sheet for every snapshot between the ends that opens."""
    timeline, made = context.timeline, []
    for stop in (timeline.stops[i] for i in timeline.chosen()):
        model = context.models.get(stop.path)
        request = session.render if model is None else fit(session.render, model)
        request = structs.replace(request, snapshot=stop.path)
        made.append(Sheet((request,), labels=(stop.label,), smooth=session.view.smooth))
    return tuple(made)
