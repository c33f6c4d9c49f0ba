"""All commands of a window: those of its menus, of its panels, and one that shows each panel."""

from __future__ import annotations

from viz.compare import commands as compare
from viz.desk.commands import Command
from viz.desk.panel import Panel
from viz.shell.commands import edit, file, help, picture, view

COMMANDS: tuple[Command, ...] = (
    *file.COMMANDS,
    *edit.COMMANDS,
    *view.COMMANDS,
    *picture.COMMANDS,
    *compare.COMMANDS,
    *help.COMMANDS,
)
"""The commands that belong to no panel."""


def commands_of(panels: tuple[Panel, ...]) -> tuple[Command, ...]:
    """Return every command of a window with these panels: ours, theirs, `Show …` for each."""
    own = [command for panel in panels for command in panel.commands]
    before = COMMANDS.index(compare.COMMANDS[0])  # as in the menu bar; the palette lists them so
    rest = (_show(panel) for panel in panels)
    return (*COMMANDS[:before], *own, *COMMANDS[before:], *rest)


def _show(panel: Panel) -> Command:
    title = panel.title
    return Command(
        f"panel.{title.lower()}",
        f"Show {title}",
        "",
        lambda desk: desk.actions.focus_panel(title),
    )
