"""The commands that go through the snapshots of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from viz.desk.commands import Command

if TYPE_CHECKING:
    from viz.shell.app import App


def _in_run(app: App) -> bool:
    return len(app.timeline.stops) > 1


def _step(by: int) -> Callable[[App], None]:
    return lambda app: app.timeline.step(by)


def _to_end(which: int) -> Callable[[App], None]:
    return lambda app: app.timeline.to_end(which)


COMMANDS: tuple[Command, ...] = (
    Command(
        "timeline.next",
        "Next snapshot",
        "Timeline",
        _step(1),
        ("]", "."),
        enabled=_in_run,
        repeats=True,
    ),
    Command(
        "timeline.previous",
        "Previous snapshot",
        "Timeline",
        _step(-1),
        ("[", ","),
        enabled=_in_run,
        repeats=True,
    ),
    Command("timeline.first", "First snapshot", "Timeline", _to_end(0), ("Home",), enabled=_in_run),
    Command("timeline.last", "Last snapshot", "Timeline", _to_end(-1), ("End",), enabled=_in_run),
    Command(
        "timeline.play",
        "Play",
        "Timeline",
        lambda app: app.timeline.toggle_play(),
        ("P",),
        "Through the snapshots of the run, at one latent.",
        enabled=_in_run,
        checked=lambda app: app.timeline.playing,
        new_group=True,
    ),
    Command(
        "timeline.swap",
        "Last two snapshots",
        "Timeline",
        lambda app: app.timeline.swap(),
        ("A",),
        "Back and forth; while the key is held, only for a glance.",
        enabled=lambda app: app.timeline.other is not None,
    ),
)
