"""What the command line asked of the window, and the order in which it starts.

The renderer process starts first: it imports torch while the window imports what it draws with.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import click
from msgspec import structs

from common.runs import locate
from common.snapshot_files import SUFFIXES as SNAPSHOTS
from renderer.client.client import RenderClient
from renderer.client.elsewhere import Elsewhere
from viz.control.ports import parse_place
from viz.desk.settings import Settings
from viz.disk.store import Store, home
from viz.session.session import Session
from viz.shell.waking import wake

DEFAULT_SCREENSHOT = Path("ganscope.png")


@dataclass(frozen=True)
class Start:
    """What the command line asked for.

    paths: what to open; the first is shown, the others are listed as recent.
    offscreen: no window is wanted.
    obstacle: why no window can open, None where one can or none was asked for.
    screenshot: where to draw the window to, None for nowhere.
    measure: seconds for which the window is dragged in, and rests, to be measured; 0 for not.
    size: of the window, in units of an ordinary display.
    scale: of text and controls, 0 for that of the settings.
    theme: None for that of the settings.
    session: a file whose session is restored.
    osc: where OSC messages are received, as `[ADDRESS:]PORT`; None for as in the settings.
    panels: titles of panels to bring to the front.
    elsewhere: where the renderer is, if on another machine; paths are of that one then.
    """

    paths: tuple[str, ...] = ()
    offscreen: bool = False
    obstacle: str | None = None
    screenshot: Path | None = None
    measure: float = 0.0
    size: tuple[int, int] = (1440, 900)
    scale: float = 0.0
    theme: Literal["dark", "light"] | None = None
    session: Path | None = None
    osc: str | None = None
    panels: tuple[str, ...] = ()
    elsewhere: Elsewhere | None = None

    @property
    def hidden(self) -> bool:
        """Whether nobody sees the window: none is wanted, or none can open."""
        return self.offscreen or self.obstacle is not None

    @property
    def capture(self) -> Path | None:
        """Where the window is captured to before it ends, None for a window that stays."""
        unseen = self.hidden and not self.measure
        return self.screenshot or (DEFAULT_SCREENSHOT if unseen else None)

    @property
    def passing(self) -> bool:
        """Whether the window ends by itself; then nothing in it moves by itself."""
        return self.capture is not None or self.measure > 0


def parse_size(text: str) -> tuple[int, int]:
    """Read a size such as `1440x900`. Raises click.BadParameter."""
    match = re.fullmatch(r"(\d{2,5})[x×](\d{2,5})", text.strip())
    if match is None or not all(240 <= int(n) <= 8192 for n in match.groups()):
        raise click.BadParameter(f"{text!r} is not WxH with both in 240…8192.", param_hint="--size")
    return int(match[1]), int(match[2])


@dataclass(frozen=True)
class Started:
    """What there is before the window.

    client: of the renderer process, which imports torch from now on.
    store: the user's folder.
    settings: those of the folder, with what the command line asked for.
    session: what the window begins with, None for the last one.
    first: what it opens, None for the snapshot of the session.
    journey: the file of a journey that was opened, None where none was.
    """

    client: RenderClient
    store: Store
    settings: Settings
    session: Session | None
    first: str | None
    journey: Path | None = None


def start_renderer(start: Start) -> Started:
    """Start what the window stands on, before the window itself has been imported.

    Raises UserError: a path that names no snapshot, a session that cannot be read, no place for
    OSC.
    """
    first, session = _wanted(start)
    elsewhere = start.elsewhere
    journey = None
    if session is not None and start.session is None and _is_journey(start.paths[0], session):
        from viz.session.going import at_moment

        # A film's session may have been elsewhere when it was exported: begin in the journey.
        session, journey = at_moment(session, session.moment), Path(start.paths[0])
    read_only = start.hidden or start.measure > 0
    store = Store(home(), read_only=read_only, place=elsewhere.key if elsewhere else "")
    settings = _settings(store.load_settings(), start)
    client = RenderClient(settings.engine, on_wake=wake, elsewhere=elsewhere)
    return Started(client, store, settings, session, first, journey)


def _wanted(start: Start) -> tuple[str | None, Session | None]:
    """Return the snapshot to open first and the session to begin with, where they were asked for.

    A picture in the place of a snapshot is one that was captured: its session is meant.
    Raises UserError.
    """
    path = start.paths[0] if start.paths else None
    if start.elsewhere is not None:
        return path, None if start.session is None else _read(start.session)
    if path is not None and start.session is None and (session := _captured(path)) is not None:
        return None, session
    first = None if path is None else _first(path)
    if start.session is None:
        return first, None
    session = _read(start.session)
    return first, session if first is None else session.with_render(snapshot=first)


def _captured(text: str) -> Session | None:
    """Return the session of a picture, a film or a journey; None for a path of anything else.

    Raises UserError.
    """
    path = locate.path_of(text)
    if path.suffix.lower() in SNAPSHOTS or path.is_dir():
        return None
    from renderer.pictures.journey.files import is_journey, read_journey
    from viz.disk.pictures import is_session

    if is_journey(path) and path.is_file():
        journey = read_journey(path)
        return Session(journey.keys[0].render, journey=journey)
    return _read(path) if is_session(path) else None


def _is_journey(text: str, session: Session) -> bool:
    """Whether a file is meant as a journey: one of its own, or a film that carries one."""
    from renderer.pictures.codecs import FILMS
    from renderer.pictures.journey.files import is_journey

    kind = is_journey(text) or Path(text).suffix.lower() in FILMS
    return kind and bool(session.journey.keys)


def _read(path: Path) -> Session:
    """Return the session in a file. What reads pictures is not worth importing at every start."""
    from viz.disk.pictures import read_session

    return read_session(path)


def _first(text: str) -> str:
    """Return what to open first. Raises UserError for neither a snapshot nor a run in waiting."""
    run = locate.awaits_snapshot(text)
    return str(run or locate.find(text, partial(click.echo, err=True)))


def _settings(settings: Settings, start: Start) -> Settings:
    if start.theme is not None:
        settings = structs.replace(settings, theme=start.theme)
    if start.panels:
        settings = structs.replace(settings, met_timeline=True)  # what is asked for stays in front
    if start.osc is not None:
        host, port = parse_place(start.osc)
        control = structs.replace(settings.control, osc=True, host=host, port=port)
        settings = structs.replace(settings, control=control)
    if start.scale:
        # Offscreen the scale is the display's density; on a display it is the user's.
        settings = structs.replace(settings, scale=1.0 if start.hidden else start.scale)
    for path in reversed(start.paths[1:]):
        settings = settings.opened(path if start.elsewhere else os.path.abspath(path))
    return settings
