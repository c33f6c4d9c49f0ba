"""How the commands of recipes end."""

from __future__ import annotations

import click

from common.one_line import errors_in_one_line
from common.stopping import sigterm_as_interrupt


def run(command: click.Command) -> None:
    """Run a command: errors the user can mend are one line and exit code 1."""
    with errors_in_one_line(), sigterm_as_interrupt():  # nothing half-written stays
        command(standalone_mode=False)
