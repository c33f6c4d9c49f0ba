"""The commands that compare two runs."""

from __future__ import annotations

from viz.desk.commands import Command, Desk


def _watches(desk: Desk) -> bool:
    return desk.context.run is not None


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
        "run.overlay.remove",
        "Compare with no run",
        "",
        lambda desk: desk.actions.overlay_run(None),
        enabled=lambda desk: desk.context.overlay is not None,
    ),
)
