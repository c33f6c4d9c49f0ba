"""The commands that go through the snapshots of a run."""

from __future__ import annotations

from collections.abc import Callable

from viz.desk import far_away
from viz.desk.commands import Command, Desk
from viz.panels.timeline.export import ask_export
from viz.picture.snapshot_menu import measurable


def _in_run(desk: Desk) -> bool:
    return len(desk.context.timeline.stops) > 1


def _step(by: int) -> Callable[[Desk], None]:
    return lambda desk: desk.actions.timeline.step(by)


def _to_end(which: int) -> Callable[[Desk], None]:
    return lambda desk: desk.actions.timeline.to_end(which)


def _shown(desk: Desk) -> str:
    timeline = desk.context.timeline
    return "" if timeline.shown is None else timeline.stops[timeline.shown].path


def _star(desk: Desk) -> None:
    path = _shown(desk)
    desk.actions.star_snapshot(path, path not in desk.context.marks.stars)


def _measure(desk: Desk) -> None:
    marks = desk.context.marks
    own = measurable((marks.metric,) if marks.metric else ())
    desk.actions.measure_snapshot(_shown(desk), own[0])


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
    Command(
        "timeline.export",
        "Export the timeline…",
        "Timeline",
        lambda desk: ask_export(desk.cell.now, desk.context),
        about="A video or a sequence of pictures of these snapshots, at the present session.",
        enabled=lambda desk: bool(desk.context.timeline.chosen()),
    ),
    Command(
        "snapshot.star",
        "Star this snapshot",
        "Timeline",
        _star,
        about="A star on its thumbnail. Right-click a thumbnail for a note, and more.",
        enabled=lambda desk: bool(_shown(desk)),
        checked=lambda desk: _shown(desk) in desk.context.marks.stars,
        new_group=True,
    ),
    Command(
        "snapshot.measure",
        "Measure this snapshot",
        "Timeline",
        _measure,
        about=lambda desk: (
            far_away.no_measuring(desk.context)
            or "By the metric with the golden star, in the background."
        ),
        enabled=lambda desk: bool(_shown(desk)) and not desk.context.elsewhere,
    ),
    Command(
        "snapshot.copy",
        "Copy this snapshot to…",
        "Timeline",
        lambda desk: desk.actions.copy_snapshot(_shown(desk)),
        enabled=lambda desk: bool(_shown(desk)),
    ),
    Command(
        "snapshot.beside",
        "Keep this snapshot beside",
        "Timeline",
        lambda desk: desk.actions.compare(_shown(desk)),
        enabled=lambda desk: bool(_shown(desk)),
    ),
)
