"""Showing the window until it is closed, and capturing it where nobody sees it."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import click

from common.errors import UserError
from renderer.messages.request import Plane, RenderRequest, Truncation
from viz.desk.panel import Panel
from viz.desk.tasks import Tasks
from viz.disk.opening import Opening
from viz.disk.window_shots import WindowShots
from viz.session.session import Session, View
from viz.shell import window
from viz.shell.app import App
from viz.shell.feed import Feed
from viz.shell.host import Host
from viz.shell.messages import Messages
from viz.shell.start import Start, Started
from viz.shell.window import WindowOptions

STEADY_FRAMES = 6
"""GUI frames without news before a screenshot: docking needs a few to settle."""

FIRST_SESSION = Session(
    RenderRequest(source=Plane(13.0, 0.0), truncation=Truncation(0.9)), View(smooth=True)
)
"""What the bundled network shows before anybody has touched it: a head in bronze."""


def show(start: Start, started: Started) -> None:
    """Run the window until it is closed, or until it has been captured.

    Raises UserError: a network that cannot be opened or drawn (where the window is captured),
    a panel that does not exist, OpenGL that cannot start.
    """
    store, first = started.store, started.first
    default = FIRST_SESSION if first is None else None
    app = App(
        started.client, store, session=started.session, settings=started.settings, default=default
    )
    options = WindowOptions(
        start.size, start.scale, start.hidden, None if start.hidden else store.layout
    )
    front, shot = Front(app.panels, app.host, start.panels), None
    if start.capture is not None:
        shot = Screenshot(
            start.capture,
            front,
            app.shots,
            app.tasks,
            app.messages,
            trouble=lambda: _trouble(app.opening, app.feed),
            settled=lambda: app.settled,
            quit=lambda: app.host.quit(),
        )
    app.every_frame = front.step if shot is None else shot.step
    app.run_watch.quiet = bool(start.panels) and first is not None  # what is asked for stays
    previous = signal.signal(signal.SIGINT, _quit_on_interrupt(app.host))
    try:
        window.run(app, options, first)
    finally:
        signal.signal(signal.SIGINT, previous)
    for what in app.unsaved:
        click.echo(what, err=True)
    if shot is not None and shot.error is not None:
        raise shot.error
    if shot is not None and shot.written is not None:
        click.echo(f"Saved {shot.written}")


def _quit_on_interrupt(host: Host) -> Callable[[int, FrameType | None], None]:
    def quit_(number: int, frame: FrameType | None) -> None:
        host.quit()

    return quit_


def _trouble(opening: Opening, feed: Feed) -> UserError | None:
    """Return why there will be no picture, None where there is hope."""
    failure = opening.failed or feed.failures.get("main")
    if failure is not None:
        return UserError(failure.message, failure.remedy)
    return UserError(f"{feed.engine.text}.") if feed.engine.state == "failed" else None


class Front:
    """Brings the panels of --panel to the front once the layout stands.

    panels: those of the window.
    host: brings them to the front.
    titles: those of --panel, in letters of any size. Raises UserError for one that is not there.
    """

    def __init__(self, panels: tuple[Panel, ...], host: Host, titles: tuple[str, ...]) -> None:
        known = {panel.title.lower(): panel.title for panel in panels}
        unknown = [title for title in titles if title.lower() not in known]
        if unknown:
            raise UserError(
                f"There is no panel {unknown[0]!r}.", f"There are {', '.join(known.values())}."
            )
        self._host = host
        self._titles = [known[title.lower()] for title in titles]
        self._frame = 0

    def step(self) -> None:
        """Bring the next panel to the front; called once per frame of the window."""
        self._frame += 1
        if self._frame > 3 and self._titles:
            self._host.focus_panel(self._titles.pop(0))

    @property
    def done(self) -> bool:
        """Whether all of them have been brought to the front."""
        return self._frame > 3 and not self._titles


class Screenshot:
    """Waits until the picture is there, captures the window, and ends the program.

    path: where the capture goes.
    front: brings panels to the front before.
    shots: captures the window.
    tasks: write the capture.
    messages: say why it could not be written.
    trouble: why there will be no picture, None where there is hope.
    settled: whether the screen shows all that it should.
    quit: ends the program.

    written: where the capture went, once it did.
    error: why there is none.
    """

    def __init__(
        self,
        path: Path,
        front: Front,
        shots: WindowShots,
        tasks: Tasks,
        messages: Messages,
        *,
        trouble: Callable[[], UserError | None],
        settled: Callable[[], bool],
        quit: Callable[[], None],
    ) -> None:
        self._path = path.absolute()
        self._front = front
        self._shots = shots
        self._tasks = tasks
        self._messages = messages
        self._trouble = trouble
        self._settled = settled
        self._quit = quit
        self._steady = 0
        self._asked = False
        self.written: Path | None = None
        self.error: UserError | None = None

    def step(self) -> None:
        """Look whether the window has come to rest; called once per frame of the window."""
        self._front.step()
        trouble = self._trouble()
        if trouble is not None:
            self._end(trouble)
        elif self._asked:
            if self.written is None and not self._tasks.pending:
                last = self._messages.last
                self._end(UserError(last.text if last else "The screenshot was not written."))
        else:
            self._steady = self._steady + 1 if self._settled() and self._front.done else 0
            if self._steady >= STEADY_FRAMES:
                self._asked = True
                self._shots.ask(self._path, self._written)

    def _written(self, path: Path) -> None:
        self.written = path
        self._quit()

    def _end(self, error: UserError) -> None:
        self.error = error
        self._quit()
