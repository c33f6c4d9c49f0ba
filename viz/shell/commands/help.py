"""The commands of the menu Help."""

from __future__ import annotations

from viz.desk.commands import Command

COMMANDS: tuple[Command, ...] = (
    Command(
        "help.page",
        "How to, and shortcuts",
        "Help",
        lambda desk: desk.actions.toggle_help(),
        ("F1",),
    ),
    Command(
        "help.palette",
        "All commands…",
        "Help",
        lambda desk: desk.actions.open_palette(),
        ("Ctrl+P", "Ctrl+Shift+P"),
    ),
)
