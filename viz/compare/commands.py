"""The commands of the comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgui_bundle import imgui

from viz.desk.commands import Command
from viz.session import comparing

if TYPE_CHECKING:
    from viz.shell.app import App

LAYOUTS = ("grid", "wipe", "flicker", "difference")


def _on(app: App) -> bool:
    return app.session.compare.on


def _several(app: App) -> bool:
    return app.session.compare.on and bool(app.session.compare.panes)


def _has_picture(app: App) -> bool:
    return app.context.frame is not None


def _can_swap(app: App) -> bool:
    session = app.session
    if not _several(app):
        return False
    pane = session.compare.panes[comparing.partner(session.compare) - 1]
    return comparing.absolute(pane.render.snapshot) in app.feed.models


def _toggle(app: App) -> None:
    app.set_session(app.session.with_compare(on=not app.session.compare.on))
    app.host.focus_panel("Picture")


def _keep(app: App) -> None:
    app.set_session(comparing.kept(app.session))
    app.host.focus_panel("Picture")


def _swap(app: App) -> None:
    number = comparing.partner(app.session.compare)
    app.set_session(comparing.swapped(app.session, number, app.feed.models))


def _next_layout(app: App) -> None:
    after = LAYOUTS.index(app.session.compare.layout) + 1
    app.set_session(app.session.with_compare(layout=LAYOUTS[after % len(LAYOUTS)]))


def _blink(app: App) -> None:
    compare = app.session.compare
    now = comparing.blinked(compare, imgui.get_time())
    after = (now + 1) % (len(compare.panes) + 1)
    app.set_session(app.session.with_compare(layout="flicker", blink=False, blinked=after))


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
        lambda app: app.actions.browse("compare"),
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
