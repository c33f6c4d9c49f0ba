"""--device, --precision and --threads, and the pipeline that they ask for."""

from __future__ import annotations

import click

from renderer.cli.options.gathering import gathered
from renderer.messages.engine import PIPELINE, Engine, make_engine
from renderer.messages.options import EngineOptions

engine_options = gathered(
    "engine",
    EngineOptions,
    device=click.option(
        "--device", default="auto", help="auto, cpu, cuda, cuda:1 …  [default: auto]"
    ),
    precision=click.option(
        "--precision",
        type=click.Choice(["auto", "float32", "float16"]),
        default="auto",
        help="float16 in the top resolutions (CUDA only), or float32 throughout.  [default: auto]",
    ),
    threads=click.option(
        "--threads",
        type=click.IntRange(0),
        default=0,
        help="CPU threads; 0, as in the window, leaves one core free. Another number may round "
        "one value in 100,000 to the next level.  [default: 0]",
    ),
)
"""Adds them to a command, as `engine`: EngineOptions."""


def make_pipeline(engine: EngineOptions) -> Engine:
    """The pipeline of a command. Raises UserError for a device that is not there.

    Only here is torch imported: help and mistyped options do not wait for it.
    """
    return make_engine(PIPELINE, engine)
