"""The commands of the comparison."""

from __future__ import annotations

from imgui_bundle import imgui

from viz.compare.gain import in_layout
from viz.desk.commands import Command, Desk
from viz.session import comparing
from viz.session.parameters.network import absolute


def _on(desk: Desk) -> bool:
    return desk.cell.now.compare.on


def _several(desk: Desk) -> bool:
    return desk.cell.now.compare.on and bool(desk.cell.now.compare.panes)


def _has_picture(desk: Desk) -> bool:
    return desk.context.frame is not None


def _can_swap(desk: Desk) -> bool:
    session = desk.cell.now
    if not _several(desk):
        return False
    pane = session.compare.panes[comparing.partner(session.compare) - 1]
    return absolute(pane.render.snapshot) in desk.context.models


def _toggle(desk: Desk) -> None:
    desk.cell.set(desk.cell.now.with_compare(on=not desk.cell.now.compare.on))
    desk.actions.focus_panel("Picture")


def _keep(desk: Desk) -> None:
    desk.cell.set(comparing.kept(desk.cell.now))
    desk.actions.focus_panel("Picture")


def _swap(desk: Desk) -> None:
    number = comparing.partner(desk.cell.now.compare)
    desk.cell.set(comparing.swapped(desk.cell.now, number, desk.context.models))


def _next_layout(desk: Desk) -> None:
    after = comparing.LAYOUTS.index(desk.cell.now.compare.layout) + 1
    layout = comparing.LAYOUTS[after % len(comparing.LAYOUTS)]
    desk.cell.set(in_layout(desk.cell.now, layout, desk.context.frames))


def _blink(desk: Desk) -> None:
    compare = desk.cell.now.compare
    now = comparing.blinked(compare, imgui.get_time())
    after = (now + 1) % (len(compare.panes) + 1)
    desk.cell.set(desk.cell.now.with_compare(layout="flicker", blink=False, blinked=after))


COMMANDS: tuple[Command, ...] = (
    Command(
        "compare.toggle",
        "Compare",
        "Compare",
        _toggle,
        ("Y",),
        "Several pictures at the same latent, in the place of the one.",
        checked=_on,
    ),
    Command(
        "compare.keep",
        "Keep beside",
        "Compare",
        _keep,
        ("Shift+Y",),
        "This picture as it is now beside what becomes of it: before and after.",
        enabled=_has_picture,
        new_group=True,
    ),
    Command(
        "compare.add",
        "Compare with…",
        "Compare",
        lambda desk: desk.actions.browse("compare"),
        ("Ctrl+Shift+Y",),
        "A snapshot, or a session out of a PNG, MP4 or JSON.",
    ),
    Command(
        "compare.layout",
        "Next layout",
        "Compare",
        _next_layout,
        ("L",),
        "Grid, wipe, flicker, difference.",
        enabled=_several,
        new_group=True,
    ),
    Command(
        "compare.blink",
        "Blink",
        "Compare",
        _blink,
        ("B",),
        "The next picture in the same place.",
        enabled=_several,
        repeats=False,
    ),
    Command(
        "compare.swap",
        "Swap",
        "Compare",
        _swap,
        ("X",),
        "The main picture and the other one change places.",
        enabled=_can_swap,
    ),
)
