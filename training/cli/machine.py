"""The options that say where a command computes: --device and --threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, get_args

import click

from training.run.options import DeviceChoice

Command = TypeVar("Command", bound=Callable[..., Any])


def machine_options(threads_help: str) -> Callable[[Command], Command]:
    """Add --device and --threads to a command, as `device` and `threads`.

    threads_help: what the help says of --threads.
    """

    def add(command: Command) -> Command:
        threads = click.option("--threads", type=click.IntRange(1), help=threads_help)
        device = click.option("--device", type=click.Choice(get_args(DeviceChoice)), default="auto")
        return device(threads(command))

    return add
