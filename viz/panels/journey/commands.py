"""The commands of the panel *Journey*, and what an export of a journey is."""

from __future__ import annotations

from msgspec import structs

from renderer.messages.jobs import Sheet
from renderer.messages.journey import KnownSnapshot
from renderer.pictures.journey import editing
from viz.desk.commands import Command, Desk
from viz.desk.context import Context
from viz.session import going
from viz.session.inspection import plain
from viz.session.session import Session

TITLE = "Journey"
"""What the panel is called in menus."""


def add_here(session: Session, context: Context) -> Session:
    """Return the session with its picture as a key at the playhead, and the playhead there."""
    request = plain(context.seen_of(session).render)
    journey, index = editing.added(session.journey, request, session.moment)
    run = tuple(
        KnownSnapshot(entry.path, float(entry.kimg))
        for entry in context.snapshots
        if entry.kimg is not None
    )
    if any(known.path == request.snapshot for known in run):
        journey = structs.replace(journey, snapshots=run)
    return structs.replace(session, journey=journey, moment=journey.keys[index].time)


def ask_export(session: Session, context: Context) -> None:
    """Show the dialog of an export of the journey."""
    journey = session.journey
    sheet = Sheet((journey.keys[0].render,), smooth=session.view.smooth)
    context.actions.ask_export(
        "Export the journey",
        lambda _: (sheet,),
        "journey",
        moving=True,
        journey=journey,
        sound=journey.track.path if journey.track is not None else "",
    )


def _add(desk: Desk) -> None:
    desk.cell.set(add_here(desk.cell.now, desk.context))
    desk.actions.focus_panel(TITLE)


def _is_one(desk: Desk) -> bool:
    return bool(desk.cell.now.journey.keys)


def _to(desk: Desk, by: int) -> None:
    session = desk.cell.now
    keys = session.journey.keys
    at = going.key_at(session.journey, session.moment)
    index = 0 if at is None else (at + by) % len(keys)
    desk.cell.set(going.at_key(session, index))


COMMANDS: tuple[Command, ...] = (
    Command(
        "journey.add",
        "Add this picture to the journey",
        "Edit",
        _add,
        ("Ctrl+Shift+K",),
        "As a key at the playhead, or after the last one.",
    ),
    Command(
        "journey.play",
        "Play the journey",
        "Timeline",
        lambda desk: desk.actions.journey.toggle_play(),
        about="In real time; what the machine has no time for is left out.",
        new_group=True,
        enabled=_is_one,
        checked=lambda desk: desk.context.journey.playing,
    ),
    Command(
        "journey.next",
        "Next key of the journey",
        "Timeline",
        lambda desk: _to(desk, 1),
        enabled=_is_one,
    ),
    Command(
        "journey.previous",
        "Previous key of the journey",
        "Timeline",
        lambda desk: _to(desk, -1),
        enabled=_is_one,
    ),
    Command(
        "journey.open",
        "Open a journey…",
        "Timeline",
        lambda desk: desk.actions.browse("journey"),
        about="A *.journey.json, or a film or a session that carries one.",
        new_group=True,
    ),
    Command(
        "journey.save",
        "Save the journey…",
        "Timeline",
        lambda desk: desk.actions.browse("save_journey"),
        enabled=_is_one,
    ),
    Command(
        "journey.export",
        "Export the journey…",
        "Timeline",
        lambda desk: ask_export(desk.cell.now, desk.context),
        about="A film or a sequence of pictures.",
        enabled=_is_one,
    ),
)
