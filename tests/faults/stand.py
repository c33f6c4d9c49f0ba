"""The window as scenes see it: the real one, offscreen, with the real renderer, and what they do.

Nothing here waits for a fixed time: a scene waits for a picture, for as long as `PATIENCE` at most.
"""

from __future__ import annotations

import math
import os
import random
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.viz import conftest  # isort: skip  it chooses the platform of OpenGL

from imgui_bundle import hello_imgui, imgui, immapp
from imgui_bundle.immapp import testing

from common.runs import locate
from renderer.client.client import RenderClient
from renderer.messages.options import EngineOptions
from renderer.messages.request import Plane, RenderRequest
from tests.faults.frames import Frames
from tests.faults.record import Record
from tests.faults.trouble import Trouble
from viz.disk.bundled import bundled_snapshot
from viz.disk.store import Store
from viz.session.session import Session
from viz.shell.app import App
from viz.shell.window import WindowOptions, parameters, prepare, wake

PATIENCE = float(os.environ.get("FAULTS_PATIENCE", "60"))
"""Seconds in which a picture has to come; `--patience` says how many, for machines under load."""
LEAVING = 15.0
"""Seconds in which the window has to close: disks that stall are given two, several times."""
Play = Callable[["Stand"], None]
"""A scene: what is done while a window is open."""


class Stand:
    """A window for one round of a scene.

    random: where everything comes from that is left to chance.
    record: what the scene notes.
    folder: its own, with `home`, `captures` and `files` in it.
    seconds: for how long it goes on with what it repeats.
    """

    def __init__(self, seed: int, folder: Path, seconds: float) -> None:
        self.random = random.Random(seed)
        self.record = Record(folder / "record.jsonl")
        self.folder = folder
        self.home, self.captures = folder / "home", folder / "captures"
        self.files = folder / "files"
        for made in (self.home, self.captures, self.files):
            made.mkdir(exist_ok=True)
        self.base = Session(RenderRequest(str(bundled_snapshot()), Plane(13.0, 0.0)))
        self.frames = Frames(self.record)
        self.trouble = Trouble(self.frames.in_frame)
        self._seconds, self._end = seconds, math.inf
        self._told = 0
        self._gui: conftest.Gui | None = None
        self.client: RenderClient

    def open(self, play: Play, session: Session | None = None) -> None:
        """Open a window, play the scene in it, and close it."""
        self.client = RenderClient(EngineOptions(device="cpu", threads=1), on_wake=wake)
        try:
            with self.frames.part("the start", PATIENCE):
                store = Store(self.home)
                settings = store.load_settings()
                app = App(self.client, store, session=session, resolve=locate.resolve)
            if not settings.capture_folder:
                app.settings.change(capture_folder=str(self.captures))
            self._run(app, play)
        finally:
            self.client.close()

    def _run(self, app: App, play: Play) -> None:
        prepare(offscreen=True)
        self.frames.watch(app)
        app.every_frame = conftest.ignore_broken_pipes
        stop, self._told = app.stop, 0

        def leave() -> None:
            with self.frames.part("closing", LEAVING):
                stop()

        app.stop = leave  # type: ignore[method-assign]
        layout = self.home / "layout.ini"
        options = WindowOptions((1280, 800), 1.0, offscreen=True, layout=layout)
        failed: list[BaseException] = []

        def test(ctx: imgui.test_engine.TestContext) -> None:
            engine = hello_imgui.get_imgui_test_engine()
            io = imgui.test_engine.get_io(engine)
            io.config_mouse_draw_cursor = False
            conftest.be_patient(io)
            self._gui = conftest.Gui(ctx, app)
            try:
                play(self)
            except BaseException as error:
                failed.append(error)
                raise
            finally:
                self.look()

        testing.run(
            test_function=test,
            runner_params=parameters(app, options),
            add_ons_params=immapp.AddOnsParams(with_implot=True),
        )
        if failed:
            raise failed[0]

    # -- what scenes do -----------------------------------------------------------------------

    @property
    def gui(self) -> conftest.Gui:
        """The window, as tests of it hold it."""
        assert self._gui is not None
        return self._gui

    @property
    def app(self) -> App:
        """The application in the window."""
        return self.gui.app

    @property
    def goes_on(self) -> bool:
        """Whether there is time for another one of what is repeated; it runs from the first time.

        Starting the window takes long on a slow machine, and is not what is repeated.
        """
        if self._end == math.inf:
            self._end = time.monotonic() + self._seconds
        return time.monotonic() < self._end

    def act(self, action: Callable[[], object]) -> None:
        """Do something on the window's thread, as a callback of it would."""
        with self.frames.part("an action"):
            action()

    def until(self, what: str, happened: Callable[[], bool], limit: float = PATIENCE) -> None:
        """Draw frames until something has happened; a fault where it does not within `limit`."""
        began = time.monotonic()
        while not happened():
            if time.monotonic() - began > limit:
                self.record.fault("hung", f"no {what} within {limit:.0f} s: {self.state}")
                return
            self.gui.frames()
        self.record.waited(time.monotonic() - began)

    def picture(self) -> None:
        """Wait until the window shows what its session says, or says why it cannot."""
        self.gui.frames(2)
        self.until("picture", lambda: self.app.settled)

    def alive(self) -> None:
        """Start the renderer again by hand where the window has given it up, as a user would."""
        if self.app.feed.engine.state == "failed":
            self.act(self.app.actions.restart_renderer)

    def restart(self) -> None:
        """Start the renderer again by hand, and wait until the new one is there."""
        first = self.client.pid
        self.act(self.app.actions.restart_renderer)
        feed = self.app.feed
        self.until(
            "new renderer",
            lambda: self.client.pid not in (first, None) and feed.engine.state == "ready",
        )

    def reset(self) -> None:
        """Go back to the picture to begin with."""
        self.act(lambda: self.app.cell.set(self.base))

    def look(self) -> None:
        """Note what the window has caught, and accesses by its thread to a folder in trouble."""
        bugs = list(self.app.bugs)
        for bug in bugs[self._told :]:
            self.record.fault("raised", f"{type(bug).__name__}: {str(bug)[:200]}")
        self._told = len(bugs)
        for touch in self.trouble.touched:
            self.record.fault("disk", touch)
        self.trouble.touched.clear()

    @property
    def state(self) -> str:
        """In a few words, what the window waits for."""
        app, feed = self.app, self.app.feed
        streams = {
            name: f"{stream.answered}/{stream.newest}" for name, stream in feed._streams.items()
        }
        waits = {
            "opening": app.opening.pending,
            "tasks": app.tasks.pending,
            "run": not app.run_watch.settled,
            "jobs": [job.label for job in app.jobs.facts],
            "thumbnails": app.thumbnails.pending,
            "images": app.images.pending,
            "unanswered": not app.answered,
        }
        waited = ", ".join(f"{name} {what}" for name, what in waits.items() if what)
        said = app.messages.last.text[:120] if app.messages.last else ""
        engine = f"{feed.engine.state} {feed.engine.text}"
        return f"{engine}; streams {streams}; waits for {waited}; said {said!r}"


def kill(pid: int | None, signal: int) -> None:
    """Send a signal to a process, which may have ended already."""
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal)


if sys.platform == "win32":
    raise ImportError("The harness sends signals that Windows does not have.")
