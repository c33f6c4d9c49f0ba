"""The commands that go through the directions of a set, and along one of them."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import structs

from viz.desk.commands import Command, Desk
from viz.session.changes import directions

PUSH = 0.25
"""How far a key goes along a direction, in standard deviations; along a style three times."""


def _any(desk: Desk) -> bool:
    return desk.context.directions.shown is not None


def _moved(desk: Desk) -> bool:
    return directions.moves(desk.cell.now.render)


def _step(by: int) -> Callable[[Desk], None]:
    return lambda desk: desk.actions.directions.step(by)


def _push(by: float) -> Callable[[Desk], None]:
    return lambda desk: desk.actions.directions.push(by)


def _clear(desk: Desk) -> None:
    session = desk.cell.now
    desk.cell.set(structs.replace(session, render=directions.left(session.render)))


COMMANDS: tuple[Command, ...] = (
    Command(
        "directions.next",
        "Next direction",
        "Picture",
        _step(1),
        ("Ctrl+Down",),
        enabled=_any,
        repeats=True,
        new_group=True,
    ),
    Command(
        "directions.previous",
        "Previous direction",
        "Picture",
        _step(-1),
        ("Ctrl+Up",),
        enabled=_any,
        repeats=True,
    ),
    Command(
        "directions.more",
        "Further along the direction",
        "Picture",
        _push(PUSH),
        ("Ctrl+Right",),
        enabled=_any,
        repeats=True,
    ),
    Command(
        "directions.less",
        "Back along the direction",
        "Picture",
        _push(-PUSH),
        ("Ctrl+Left",),
        enabled=_any,
        repeats=True,
    ),
    Command(
        "directions.clear",
        "Leave all directions",
        "Picture",
        _clear,
        about="The picture as it is without being moved along any.",
        enabled=_moved,
    ),
)
