"""The command that brings a picture of one's own."""

from __future__ import annotations

from viz.desk import far_away
from viz.desk.commands import Command, Desk


def _project(desk: Desk) -> None:
    desk.actions.browse("target")


COMMANDS = (
    Command(
        "projection.add",
        "Project a picture…",
        "File",
        _project,
        ("Ctrl+J",),
        about=lambda desk: far_away.no_projection(desk.context),
        enabled=lambda desk: not desk.context.elsewhere,
        refused=lambda desk: far_away.no_projection(desk.context),
    ),
)
