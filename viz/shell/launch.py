"""Starting the window, on a display or without one."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Literal

import click
from msgspec import structs

from common.errors import UserError
from common.runs import locate
from renderer.client.client import RenderClient
from renderer.messages.request import Plane, RenderRequest, Truncation
from viz.desk.settings import Settings
from viz.disk import pictures
from viz.disk.store import Store, home
from viz.gpu import display
from viz.session.session import Session, View
from viz.shell import window
from viz.shell.app import App
from viz.shell.window import WindowOptions

STEADY_FRAMES = 6
"""GUI frames without news before a screenshot: docking needs a few to settle."""

DEFAULT_SCREENSHOT = Path("ganscope.png")

FIRST_SESSION = Session(
    RenderRequest(source=Plane(13.0, 0.0), truncation=Truncation(0.9)), View(smooth=True)
)
"""What the bundled network shows before anybody has touched it: a head in bronze."""


@dataclass(frozen=True)
class Start:
    """What the command line asked for.

    paths: what to open; the first is shown, the others are listed as recent.
    offscreen: no window is wanted.
    obstacle: why no window can open, None where one can or none was asked for.
    screenshot: where to draw the window to, None for nowhere.
    size: of the window, in units of an ordinary display.
    scale: of text and controls, 0 for that of the settings.
    theme: None for that of the settings.
    session: a file whose session is restored.
    panels: titles of panels to bring to the front.
    """

    paths: tuple[str, ...] = ()
    offscreen: bool = False
    obstacle: str | None = None
    screenshot: Path | None = None
    size: tuple[int, int] = (1440, 900)
    scale: float = 0.0
    theme: Literal["dark", "light"] | None = None
    session: Path | None = None
    panels: tuple[str, ...] = ()


def parse_size(text: str) -> tuple[int, int]:
    """Read a size such as `1440x900`. Raises click.BadParameter."""
    match = re.fullmatch(r"(\d{2,5})[x×](\d{2,5})", text.strip())
    if match is None or not all(240 <= int(n) <= 8192 for n in match.groups()):
        raise click.BadParameter(f"{text!r} is not WxH with both in 240…8192.", param_hint="--size")
    return int(match[1]), int(match[2])


def explore(start: Start) -> None:
    """Run the window until it is closed, or until its screenshot is written.

    Raises UserError: a path that names no snapshot, a network that cannot be opened (offscreen),
    a picture that cannot be rendered (offscreen), OpenGL that cannot start.
    """
    offscreen = start.offscreen or start.obstacle is not None
    screenshot = start.screenshot or (DEFAULT_SCREENSHOT if offscreen else None)
    first = _first(start.paths[0]) if start.paths else None
    store = Store(home(), read_only=offscreen)
    session = _session(start.session, first) if start.session is not None else None
    settings = _settings(store.load_settings(), start, offscreen)
    if start.obstacle is not None:
        click.echo(f"{start.obstacle}: drawing the window offscreen.")
    default = FIRST_SESSION if first is None else None
    client = RenderClient(settings.engine, on_wake=window.wake)
    try:
        app = App(client, store, session=session, settings=settings, default=default)
        _run(app, start, first, offscreen, screenshot)
    finally:
        client.close()
    if start.obstacle is not None:
        click.echo(display.HOW_TO_SEE_IT)


def _first(text: str) -> str:
    """What to open first. Raises UserError for neither a snapshot nor a run that may get one."""
    return str(locate.awaits_snapshot(text) or locate.resolve(text))


def _session(path: Path, snapshot: str | None) -> Session:
    session = pictures.read_session(path)
    return session if snapshot is None else session.with_render(snapshot=snapshot)


def _settings(settings: Settings, start: Start, offscreen: bool) -> Settings:
    if start.theme is not None:
        settings = structs.replace(settings, theme=start.theme)
    if start.panels:
        settings = structs.replace(settings, met_timeline=True)  # what is asked for stays in front
    if start.scale:
        # Offscreen the scale is the display's density; on a display it is the user's.
        settings = structs.replace(settings, scale=1.0 if offscreen else start.scale)
    for path in reversed(start.paths[1:]):
        settings = settings.opened(os.path.abspath(path))
    return settings


def _run(
    app: App, start: Start, first: str | None, offscreen: bool, screenshot: Path | None
) -> None:
    options = WindowOptions(
        start.size, start.scale, offscreen, None if offscreen else app.store.layout
    )
    shot = Screenshot(app, screenshot, start.panels) if screenshot else None
    if shot is not None:
        app.every_frame = shot.step
    else:
        app.every_frame = Front(app, start.panels).step
    app.run_watch.quiet = bool(start.panels) and first is not None  # what is asked for stays
    previous = signal.signal(signal.SIGINT, _quit_on_interrupt(app))
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


def _quit_on_interrupt(app: App) -> Callable[[int, FrameType | None], None]:
    def quit_(number: int, frame: FrameType | None) -> None:
        app.host.quit()

    return quit_


class Front:
    """Brings the panels of --panel to the front once the layout stands."""

    def __init__(self, app: App, titles: tuple[str, ...]) -> None:
        known = {panel.title.lower(): panel.title for panel in app.panels}
        unknown = [title for title in titles if title.lower() not in known]
        if unknown:
            raise UserError(
                f"There is no panel {unknown[0]!r}.", f"There are {', '.join(known.values())}."
            )
        self._app = app
        self._titles = [known[title.lower()] for title in titles]
        self._frame = 0

    def step(self) -> None:
        """Bring the next panel to the front; called once per frame of the window."""
        self._frame += 1
        if self._frame > 3 and self._titles:
            self._app.host.focus_panel(self._titles.pop(0))

    @property
    def done(self) -> bool:
        """Whether all of them have been brought to the front."""
        return self._frame > 3 and not self._titles


class Screenshot:
    """Waits until the picture is there, captures the window, and ends the program.

    written: where the capture went, once it did.
    error: why there is none.
    """

    def __init__(self, app: App, path: Path, titles: tuple[str, ...]) -> None:
        self._app = app
        self._path = path.absolute()
        self._front = Front(app, titles)
        self._steady = 0
        self._asked = False
        self.written: Path | None = None
        self.error: UserError | None = None

    def step(self) -> None:
        """Look whether the window has come to rest; called once per frame of the window."""
        app = self._app
        self._front.step()
        failure = app.opening.failed or app.feed.failures.get("main")
        if failure is not None:
            self._end(UserError(failure.message, failure.remedy))
        elif app.feed.engine.state == "failed":
            self._end(UserError(f"{app.feed.engine.text}."))
        elif self._asked:
            if self.written is None and not app.tasks.pending:
                last = app.messages.last
                self._end(UserError(last.text if last else "The screenshot was not written."))
        else:
            self._steady = self._steady + 1 if app.settled and self._front.done else 0
            if self._steady >= STEADY_FRAMES:
                self._asked = True
                app.shots.ask(self._path, self._written)

    def _written(self, path: Path) -> None:
        self.written = path
        self._app.host.quit()

    def _end(self, error: UserError) -> None:
        self.error = error
        self._app.host.quit()
