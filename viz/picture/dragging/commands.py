"""The commands of the tool that drags points."""

from __future__ import annotations

from viz.desk.commands import Command, Desk
from viz.picture.dragging.tool import usable
from viz.session.changes.dragging import fits


def _toggle(desk: Desk) -> None:
    desk.actions.dragging.choose("" if desk.context.dragging.tool else "points")


def _can(desk: Desk) -> bool:
    return desk.context.frame is not None and usable(desk.cell.now)


def _has_points(desk: Desk) -> bool:
    drag, model = desk.cell.now.drag, desk.context.model
    there = bool(drag.points) and model is not None and fits(drag, model.img_shape)
    return _can(desk) and there


def _start(desk: Desk) -> None:
    if desk.context.dragging.running:
        desk.actions.dragging.stop()
    else:
        desk.actions.dragging.start()


def _step(desk: Desk) -> None:
    desk.actions.dragging.start(1)


def _reset(desk: Desk) -> None:
    desk.actions.dragging.reset()


def _clear(desk: Desk) -> None:
    desk.cell.set(desk.cell.now.with_drag(points=(), mask=b""))


COMMANDS: tuple[Command, ...] = (
    Command(
        "drag.tool",
        "Drag points",
        "Picture",
        _toggle,
        ("G",),
        about="Places points on the picture and where they shall go; the latent follows.",
        enabled=_can,
        checked=lambda desk: desk.context.dragging.tool != "",
        new_group=True,
    ),
    Command(
        "drag.start",
        "Start or stop dragging",
        "Picture",
        _start,
        ("Shift+G",),
        about="Moves the latent until every point is where it shall be.",
        enabled=_has_points,
    ),
    Command("drag.step", "Drag points: one step", "", _step, enabled=_has_points),
    Command(
        "drag.reset",
        "Drag points: reset",
        "",
        _reset,
        enabled=lambda desk: desk.context.dragging.can_reset,
    ),
    Command(
        "drag.clear",
        "Drag points: remove points and region",
        "",
        _clear,
        enabled=lambda desk: bool(desk.cell.now.drag.points or desk.cell.now.drag.mask),
    ),
)
