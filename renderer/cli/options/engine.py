"""--device, --precision and --threads, and the pipeline that they ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from renderer.messages.engine import PIPELINE, Engine, make_engine
from renderer.messages.options import EngineOptions

Command = TypeVar("Command", bound=Callable[..., Any])


def engine_options(command: Command) -> Command:
    """--device, --precision and --threads, as `device`, `precision` and `threads`."""
    command = click.option(
        "--threads",
        type=click.IntRange(0),
        default=0,
        help="CPU threads; 0, as in the window, leaves one core free. Another number may round "
        "one value in 100,000 to the next level.  [default: 0]",
    )(command)
    command = click.option(
        "--precision",
        type=click.Choice(["auto", "float32", "float16"]),
        default="auto",
        help="float16 in the top resolutions (CUDA only), or float32 throughout.  [default: auto]",
    )(command)
    return click.option(
        "--device", default="auto", help="auto, cpu, cuda, cuda:1 …  [default: auto]"
    )(command)


def make_pipeline(device: str, precision: Any, threads: int) -> Engine:
    """The pipeline of a command. Raises UserError for a device that is not there.

    Only here is torch imported: help and mistyped options do not wait for it.
    """
    options = EngineOptions(device=device, precision=precision, threads=threads)
    return make_engine(PIPELINE, options)
