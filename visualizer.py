"""The command line of ganscope. A command is imported when it is called, so help is quick."""

from __future__ import annotations

import importlib
import os

import click

from common.one_line import errors_in_one_line
from common.suggest import closest
from common.urls import refuse_nul, refuse_url
from renderer.cli.mistyped import check_first_word

# Each module defines `command`, a click.Command.
COMMANDS = {
    "explore": "viz.shell.launch.explore",
    "generate": "renderer.cli.generate",
    "style-mix": "renderer.cli.style_mix",
    "project": "renderer.cli.project",
    "drag": "renderer.cli.drag",
    "average": "renderer.cli.average",
    "directions": "renderer.cli.directions",
    "video": "renderer.cli.video",
    "inspect": "renderer.cli.inspect",
    "convert": "renderer.cli.convert",
    "bench": "renderer.cli.bench",
    "osc": "viz.shell.launch.osc",
    "train": "training.cli.train",
    "dataset": "training.cli.dataset",
    "metrics": "training.cli.metrics",
}


class LazyGroup(click.Group):
    """Imports a command when it is named; what is meant as no command goes to `explore`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        for argument in args:
            # Of every command: no option takes an address, or a character that no path can have.
            refuse_url(argument.partition("=")[2] if argument.startswith("--") else argument)
            refuse_nul(argument)
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            check_first_word(args[0], COMMANDS)
        if not args or (args[0] not in COMMANDS and args[0] not in ("--help", "--version")):
            args = ["explore", *args]
        return super().parse_args(ctx, args)


@click.group(cls=LazyGroup, no_args_is_help=False)
@click.version_option(package_name="ganscope")
def cli() -> None:
    """Explore StyleGAN generators.

    `visualizer.py [SNAPSHOT | RUN_DIR]` opens the window.
    """


def main() -> None:
    """Run the command line: errors the user can mend are one line and exit code 1."""
    # Huge pages for large tensors, which torch decides on when it makes the first one. They are a
    # tenth of the time of a picture (renderer/pipeline/allocator.py does the rest).
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
    with errors_in_one_line():
        try:
            cli(standalone_mode=False)
        except click.NoSuchOption as error:
            # Click itself suggests what has little in common.
            near = closest(error.option_name, _options(error))
            raise click.NoSuchOption(error.option_name, None, near and [near], error.ctx) from None


def _options(error: click.NoSuchOption) -> list[str]:
    """Every option of the command that was called."""
    parameters = error.ctx.command.params if error.ctx is not None else []
    return [name for parameter in parameters for name in parameter.opts]


if __name__ == "__main__":
    main()
