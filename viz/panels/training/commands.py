"""The commands that compare two runs, and the one that opens the run that comes along."""

from __future__ import annotations

from renderer.messages.bundled import bundled_run
from viz.desk import far_away
from viz.desk.actions import Actions
from viz.desk.commands import Command, Desk


def _watches(desk: Desk) -> bool:
    return desk.context.run is not None


EXAMPLE_TIP = "A short run that comes along: curves, p, snapshots to go through, and pictures."
"""Said over what opens the example run."""


def open_example(actions: Actions) -> None:
    """Open the run that comes along."""
    actions.open_snapshot(str(bundled_run()))


COMMANDS: tuple[Command, ...] = (
    Command(
        "run.overlay",
        "Compare with run…",
        "File",
        lambda desk: desk.actions.browse("overlay"),
        about="The curves of a second run over those of the watched one, on the same axis.",
        enabled=_watches,
        new_group=True,
    ),
    Command(
        "run.example",
        "Open the example run",
        "File",
        lambda desk: open_example(desk.actions),
        about=lambda desk: far_away.no_example(desk.context) or EXAMPLE_TIP,
        enabled=lambda desk: not desk.context.elsewhere,
        refused=lambda desk: far_away.no_example(desk.context),
    ),
    Command(
        "run.overlay.remove",
        "Compare with no run",
        "",
        lambda desk: desk.actions.overlay_run(None),
        enabled=lambda desk: desk.context.overlay is not None,
    ),
)
