"""How the commands of recipes end."""

from __future__ import annotations

import sys

import click

from common.errors import UserError
from common.stopping import sigterm_as_interrupt


def run(command: click.Command) -> None:
    """Run a command: errors the user can mend are one line and exit code 1."""
    try:
        with sigterm_as_interrupt():  # nothing half-written stays
            command(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Cancelled.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except UserError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
