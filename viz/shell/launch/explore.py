"""The command `explore`: the window."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from common.finite import FiniteRange
from renderer.client.elsewhere import parse_elsewhere
from renderer.messages.bundled import bundled_run
from viz.gpu import display


@click.command()
@click.argument("paths", nargs=-1, metavar="[SNAPSHOT | RUN_DIR | RUN/KIMG | PNG]...")
@click.option("--example-run", is_flag=True, help="Open the training run that comes along.")
@click.option("--offscreen", is_flag=True, help="Open no window.")
@click.option("--screenshot", type=click.Path(path_type=Path), help="Capture the window and end.")
@click.option(
    "--measure",
    type=FiniteRange(0.5, 600.0),
    metavar="SECONDS",
    help="Drag for so long, rest as long, say how fast it was and end.",
)
@click.option("--size", default="1440x900", show_default=True, help="Window size, WxH.")
@click.option(
    "--scale",
    type=FiniteRange(0.5, 4.0),
    help="Size of text and controls; 2 = for a Retina display.  [default: as the display]",
)
@click.option("--theme", type=click.Choice(["dark", "light"]), help="For this start.")
@click.option("--session", "session_path", type=click.Path(path_type=Path), help="PNG, MP4, JSON.")
@click.option("--osc", metavar="[ADDRESS:]PORT", help="Receive OSC messages, from now on.")
@click.option("--panel", "panels", multiple=True, metavar="TITLE", help="Bring to the front.")
@click.option(
    "--renderer",
    metavar="ssh://[USER@]HOST[:PORT][/PYTHON] | 'cmd:COMMAND'",
    help="Draw on another machine, whose files are opened.",
)
def command(
    paths: tuple[str, ...],
    example_run: bool,
    offscreen: bool,
    screenshot: Path | None,
    measure: float | None,
    size: str,
    scale: float | None,
    theme: Literal["dark", "light"] | None,
    session_path: Path | None,
    osc: str | None,
    panels: tuple[str, ...],
    renderer: str | None,
) -> None:
    """Open the window.

    A snapshot, a run directory (its newest snapshot), RUN/KIMG, a saved w, which is drawn with the
    last network, or a picture that was captured, which opens its session. Without one: the last
    session.
    """
    if example_run:
        if paths or session_path is not None or renderer is not None:
            raise click.UsageError("--example-run opens the run that lies here, and nothing else.")
        paths = (str(bundled_run()),)
    if measure and screenshot:
        raise click.UsageError("--measure and --screenshot exclude each other.")
    obstacle = None if offscreen else display.obstacle()
    display.configure(offscreen=offscreen or obstacle is not None)
    from viz.shell.launch.signals import ended_by_signals, leave
    from viz.shell.launch.start import Start, parse_size, start_renderer

    start = Start(
        paths=paths,
        offscreen=offscreen,
        obstacle=obstacle,
        screenshot=screenshot,
        measure=measure or 0.0,
        size=parse_size(size),
        scale=scale or 0.0,
        theme=theme,
        session=session_path,
        osc=osc,
        panels=panels,
        elsewhere=None if renderer is None else parse_elsewhere(renderer),
    )
    with ended_by_signals(leave):
        started = start_renderer(start)
        try:
            if obstacle is not None:
                click.echo(f"{obstacle}: drawing the window offscreen.")
            # Only now, beside the start of the renderer: this takes the window half a second.
            from viz.shell.launch.show import show

            show(start, started)
        finally:
            started.client.close()
    if obstacle is not None and not measure:
        click.echo(display.HOW_TO_SEE_IT)
