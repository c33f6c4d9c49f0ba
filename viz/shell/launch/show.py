"""Showing the window until it is closed, or until it has been captured or measured."""

from __future__ import annotations

import click

from common.errors import UserError
from renderer.messages.request import Plane, RenderRequest, Truncation
from viz.panels.journey.commands import TITLE as JOURNEY
from viz.session.changes import motion
from viz.session.session import Session, View
from viz.shell import window
from viz.shell.app import App
from viz.shell.launch.front import Front
from viz.shell.launch.measure import Measure
from viz.shell.launch.patience import Patience
from viz.shell.launch.screenshot import Screenshot, trouble
from viz.shell.launch.signals import ended_by_signals
from viz.shell.launch.start import Start, Started
from viz.shell.window import WindowOptions

FIRST_SESSION = Session(
    RenderRequest(source=Plane(68.0, 0.0), truncation=Truncation(0.8)), View(smooth=True)
)
"""What the bundled network shows before anybody has touched it: a head in bronze."""


def show(start: Start, started: Started) -> None:
    """Run the window until it is closed, or until it has been captured or measured.

    Raises click.Abort where it is interrupted before that, and UserError: a network that cannot be
    opened or drawn (where the window is captured or measured), a panel that does not exist, OpenGL
    that cannot start.
    """
    store, first = started.store, started.first
    default = FIRST_SESSION if first is None else None
    app = App(
        started.client,
        store,
        session=started.session,
        settings=started.settings,
        default=default,
        disk=None if start.elsewhere is None else started.client.disk,
    )
    if start.passing:
        app.cell.replace(motion.still(app.cell.now))  # what moves never comes to rest
    options = WindowOptions(
        start.size, start.scale, start.hidden, None if start.hidden else store.layout
    )
    journey, titles = started.journey, start.panels
    say = None
    if journey is not None:
        titles = (*titles, JOURNEY)

        def say() -> None:
            app.journeys.tell(journey.name, opened=app.opening.failed is None)

    front = Front(
        app.panels,
        app.host,
        titles,
        opened=lambda: app.settled and not app.opening.pending,
        say=say,
    )
    way = _way(start, started, app, front)
    app.every_frame = front.step if way is None else way.step
    app.run_watch.quiet = bool(titles) and first is not None  # what is asked for stays
    with ended_by_signals(lambda: app.host.quit()):
        window.run(app, options, first)
    for what in app.unsaved:
        click.echo(what, err=True)
    if way is None:
        return
    if way.error is not None:
        raise way.error
    if way.said is None:
        raise click.Abort
    click.echo(way.said)


def _way(start: Start, started: Started, app: App, front: Front) -> Screenshot | Measure | None:
    """Return what ends the window by itself, None for one that stays."""
    patience = Patience(lambda: app.feed.engine, lambda text: click.echo(text, err=True))

    def hopeless() -> UserError | None:
        return patience.trouble() or trouble(app.opening, app.feed)

    if start.capture is not None:
        return Screenshot(
            start.capture,
            front,
            app.shots,
            app.tasks,
            app.messages,
            trouble=hopeless,
            settled=lambda: app.settled,
            quit=lambda: app.host.quit(),
        )
    if start.measure:
        return Measure(
            start.measure,
            front,
            app.cell,
            picture=lambda: app.context.frame,
            renderer=lambda: started.client.pid,
            idles=not start.hidden,
            trouble=hopeless,
            settled=lambda: app.settled,
            quit=lambda: app.host.quit(),
        )
    return None
