"""The commands of the menu Edit: undo, bookmarks and the command line."""

from __future__ import annotations

from viz.desk import far_away
from viz.desk.commands import Command, Desk
from viz.session.command_line import command_line


def _has_picture(desk: Desk) -> bool:
    return desk.context.frame is not None


def _copy_command(desk: Desk) -> None:
    context = desk.context
    command = command_line(context.seen_of(desk.cell.now), context.model, context.settings.engine)
    desk.actions.copy_text(command.text, far_away.of_command(command.note, context))


COMMANDS: tuple[Command, ...] = (
    Command(
        "edit.undo",
        "Undo",
        "Edit",
        lambda desk: desk.actions.undo(),
        ("Ctrl+Z",),
        enabled=lambda desk: desk.cell.can_undo or desk.context.dragging.running,
        repeats=True,
    ),
    Command(
        "edit.redo",
        "Redo",
        "Edit",
        lambda desk: desk.actions.redo(),
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        enabled=lambda desk: desk.cell.can_redo,
        repeats=True,
    ),
    Command(
        "bookmark.add",
        "Bookmark",
        "Edit",
        lambda desk: desk.actions.add_bookmark(),
        ("Ctrl+B", "Ctrl+D"),
        enabled=_has_picture,
        new_group=True,
    ),
    Command(
        "edit.copy_command",
        "Copy as command line",
        "Edit",
        _copy_command,
        ("Ctrl+Shift+C",),
        enabled=lambda desk: desk.context.model is not None,
    ),
    Command(
        "edit.copy_picture",
        "Copy picture",
        "Edit",
        lambda desk: desk.actions.copy_picture(),
        about="To the clipboard, for other programs.",
        enabled=_has_picture,
    ),
)
