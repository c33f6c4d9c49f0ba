"""The commands that go through the snapshots of a run."""

from __future__ import annotations

from collections.abc import Callable

from viz.desk.commands import Command, Desk


def _in_run(desk: Desk) -> bool:
    return len(desk.context.timeline.stops) > 1


def _step(by: int) -> Callable[[Desk], None]:
    return lambda desk: desk.actions.timeline.step(by)


def _to_end(which: int) -> Callable[[Desk], None]:
    return lambda desk: desk.actions.timeline.to_end(which)


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
        lambda desk: desk.actions.timeline.toggle_play(),
        ("P",),
        "Through the snapshots of the run, at one latent.",
        enabled=_in_run,
        checked=lambda desk: desk.context.timeline.playing,
        new_group=True,
    ),
    Command(
        "timeline.swap",
        "Last two snapshots",
        "Timeline",
        lambda desk: desk.actions.timeline.swap(),
        ("A",),
        "Back and forth; while the key is held, only for a glance.",
        enabled=lambda desk: desk.context.timeline.other is not None,
    ),
)
