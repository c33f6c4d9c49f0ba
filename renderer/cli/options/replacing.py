"""One rule for every command that writes files: what is there is replaced only when asked to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from common.errors import UserError
from renderer.pictures.metadata import read_json

Command = TypeVar("Command", bound=Callable[..., Any])


def force_option(command: Command) -> Command:
    """--force, as `force`."""
    return click.option("--force", is_flag=True, help="Replace files that are there.")(command)


def keep_foreign(files: Iterable[Path], force: bool) -> None:
    """`keep_existing` for pictures that a command names itself, in a folder of its own.

    Pictures that we wrote, which carry what they were made from, are made anew.
    """
    keep_existing([file for file in files if file.exists() and not _is_ours(file)], force)


def _is_ours(file: Path) -> bool:
    try:
        read_json(file)
    except UserError:
        return False
    return True


def keep_existing(files: Iterable[Path], force: bool) -> None:
    """Check, before anything is computed, that no file would be lost.

    files: what the command is about to write. force: whether that may replace what is there.
    Raises UserError that names the first file that is there, and says how many more are.
    """
    there = [] if force else [file for file in files if file.exists()]
    if there:
        more = f", and {len(there) - 1} more of these files" if len(there) > 1 else ""
        verb = "exist" if more else "exists"
        raise UserError(
            f"{there[0]}{more} {verb} already.", "Give --force to replace, or name another place."
        )
