"""How every command of the program ends where it fails."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from common.errors import UserError, reason
from common.words import escaped


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """End the program with one line and exit code 1 for an error that the user can mend."""
    try:
        yield
    except click.exceptions.Abort:
        click.echo("Cancelled.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except UserError as error:
        _fail(str(error))
    except OSError as error:
        if error.filename is None:
            raise
        _fail(f"{error.filename}: {reason(error)}.")


def _fail(text: str) -> NoReturn:
    # Paths are quoted as they are: no control characters on the user's terminal.
    click.echo(f"Error: {escaped(text)}", err=True)
    sys.exit(1)
