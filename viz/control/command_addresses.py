"""The addresses of commands: `/ganscope/command/next-seed` runs *Next seed*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from viz.desk.commands import Command
from viz.session.parameters.control import word


def command_addresses(commands: Sequence[Command]) -> Mapping[str, Command]:
    """Return every command by its address below `/ganscope/`; the first of equal titles."""
    found: dict[str, Command] = {}
    for command in commands:
        found.setdefault(f"command/{word(command.title)}", command)
    return found
