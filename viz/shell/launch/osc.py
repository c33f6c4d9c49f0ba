"""The command `osc`: the addresses at which OSC messages move the window."""

from __future__ import annotations

import click


@click.command()
@click.option("--list", "listed", is_flag=True, help="Print every address, its values and title.")
@click.pass_context
def command(context: click.Context, listed: bool) -> None:
    """List the addresses at which OSC messages move the window.

    Start it with --osc PORT, or switch OSC on in the panel Control. Values beyond those that are
    listed are taken too, as typed ones are. N counts the columns of style mixing, the bends or the
    latents of an average from 1, R the rows of w from 0; LAYER, CHANNEL and NAME are those of the
    network and of the directions.
    """
    if not listed:
        click.echo(context.get_help())
        return
    from viz.gpu import display

    display.configure(offscreen=True)
    from viz.control.listing import lines
    from viz.panels import discover
    from viz.shell.command_list import commands_of

    table = lines(commands_of(discover()))
    widths = [max(len(line[column]) for line in table) for column in (0, 1)]
    for line in table:
        text = f"{line.address:{widths[0]}}  {line.values:{widths[1]}}  {line.title}"
        click.echo(text.rstrip())
