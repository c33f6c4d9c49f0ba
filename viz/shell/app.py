"""The application: its parts are put together here, and a frame goes through them.

`viz/shell/window.py` calls the methods of `App` in this order in every frame: `begin`,
`draw_menus`, `draw_panel` for each visible panel, `draw_status`, `end`, and `rendered` after the
GPU has drawn.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from imgui_bundle import imgui

from common.runs import locate
from renderer.client.client import Client, StatusChanged
from viz.compare.streams import PaneStreams
from viz.desk.asks import Ask, Asks, PicturePlace
from viz.desk.commands import Shortcuts
from viz.desk.context import Context
from viz.desk.jobs import Jobs
from viz.desk.panel import Panel
from viz.desk.settings import Settings, SettingsCell
from viz.desk.tasks import Tasks
from viz.disk.autosave import Autosave
from viz.disk.bookmarks import Bookmarks
from viz.disk.lists import FileLists
from viz.disk.opening import Opening
from viz.disk.recording import Recording
from viz.disk.restoring import Restoring
from viz.disk.store import Store
from viz.disk.window_shots import WindowShots
from viz.export.jobs import Exports
from viz.gpu.differences import Differences
from viz.gpu.file_images import FileImages
from viz.gpu.pictures import Frame
from viz.gpu.texture import Sampler, renderer_name
from viz.panels import discover
from viz.panels.timeline.player import Timeline
from viz.panels.timeline.prefetch import Prefetch
from viz.panels.timeline.thumbnails import Thumbnails
from viz.panels.training.watch import RunWatch
from viz.session import comparing, motion
from viz.session.cell import SessionCell
from viz.session.session import Session
from viz.shell import menus, picture_only
from viz.shell.actions import AppActions, Parts
from viz.shell.command_list import commands_of
from viz.shell.feed import Feed
from viz.shell.guard import Guard, recovered
from viz.shell.host import Host
from viz.shell.messages import Messages
from viz.shell.overlays import Overlays
from viz.shell.statusbar import StatusBar
from viz.ui import theme


class App:
    """Everything that one window consists of; what panels may use of it is in `context`.

    client: the renderer. store: what outlives the window.
    session, settings: to begin with, in place of those in the store.
    default: the session where the store has none.
    panels: those of the window, by default all there are.
    resolve: what a user names as the path of a snapshot.
    """

    def __init__(
        self,
        client: Client,
        store: Store,
        *,
        session: Session | None = None,
        settings: Settings | None = None,
        default: Session | None = None,
        panels: tuple[Panel, ...] | None = None,
        resolve: Callable[[str], Path] = locate.resolve,
    ) -> None:
        self.client = client
        self.store = store
        self.host = Host()
        self.messages = Messages()
        notify = self.messages.add
        self.settings = SettingsCell(settings or store.load_settings(), store.save, notify)
        self.cell = SessionCell(session or store.load_session() or default or Session())
        for problem in store.problems:
            notify(problem, error=True)

        self.tasks = Tasks(self._wake, lambda text: notify(text, error=True), self._core_failed)
        self.jobs = Jobs(client, notify)
        self.feed = Feed(client, self.jobs, self._framed, self._status)
        self.lists = FileLists(self.cell, self.settings, self.tasks)
        self.images = FileImages(self._wake)
        self.differences = Differences(self.tasks.run)
        self.opening = Opening(
            self.cell,
            self.settings,
            self.jobs,
            self.tasks,
            notify,
            resolve=resolve,
            redraw=lambda: self.feed.forget("main"),
            watch=self._await_run,
        )
        self.restoring = Restoring(self.cell, self.opening, self.jobs, self.tasks, notify, resolve)
        self.run_watch = RunWatch(
            self.cell,
            self.settings,
            self.opening.showing,
            opening=lambda: self.opening.pending,
            wake=self._wake,
        )
        self.recording = Recording(
            self.cell, self.settings, self.jobs.models, self.tasks, self.lists, notify
        )
        self.shots = WindowShots(self.cell, self.settings, self.tasks, self.lists)
        self.exports = Exports(self.cell, self.jobs, self.tasks, self.lists)
        self.bookmarks = Bookmarks(store.bookmarks, self.cell, self.feed.frames, self.tasks, notify)
        self.autosave = Autosave(self.cell, store, notify)
        self.pane_streams = PaneStreams(
            self.feed.frames, self.feed.failures, self.feed.idle, self.jobs.models
        )
        self.thumbnails = Thumbnails(
            self.cell,
            self.tasks,
            frames=self.feed.frames,
            take_failure=self.feed.take_failure,
            models=self.jobs.models,
            snapshots=lambda: self.run_watch.snapshots,
            scale=lambda: self.scale,
            idle=self._idle,
        )
        self.timeline = Timeline(
            self.cell,
            self.opening.showing,
            self.thumbnails,
            Prefetch(self.cell, self.settings, self.jobs, self._ready),
            answered=lambda: self.answered,
            opening=lambda: self.opening.pending,
            listed=lambda: (self.run_watch.snapshots, self.run_watch.writing),
            met=self._met_timeline,
        )

        self.panels = discover() if panels is None else panels
        self.commands = commands_of(self.panels)
        self.shortcuts = Shortcuts(self.commands)
        self.guard = Guard(self.panels, self._panel_failed)
        self.overlays = Overlays(self.messages)
        self.status = StatusBar(self.messages)
        self.actions = AppActions(
            Parts(
                client=client,
                cell=self.cell,
                settings=self.settings,
                messages=self.messages,
                host=self.host,
                jobs=self.jobs,
                lists=self.lists,
                opening=self.opening,
                restoring=self.restoring,
                run_watch=self.run_watch,
                recording=self.recording,
                shots=self.shots,
                exports=self.exports,
                bookmarks=self.bookmarks,
                timeline=self.timeline,
                overlays=self.overlays,
            ),
            lambda: self.context,
            self._run_command,
        )
        self.sampler: Sampler | None = None
        self.gl_renderer = ""
        self.every_frame: Callable[[], None] = lambda: None
        self.bugs: deque[Exception] = deque(maxlen=20)
        self._place = PicturePlace()
        self._style: tuple[object, ...] = ()
        self._frame_at = time.monotonic()
        self._clock = self._dt = 0.0
        self.context = self._make_context()

    # -- life ---------------------------------------------------------------------------------

    def start(self, path: str | None = None) -> None:
        """Begin, once OpenGL is there. path: what to open, None for what the session was at."""
        self.sampler = Sampler()
        self.gl_renderer = renderer_name()
        self.bookmarks.load()
        self.client.configure(self.settings.now.engine)
        self.opening.start(path)

    def stop(self) -> None:
        """Keep the session, and let go of the GPU."""
        self.autosave.save()
        self.recording.stop()
        self.run_watch.close()
        self.images.close()
        self.tasks.close()
        self.timeline.close()
        self.feed.close()

    # -- a frame ------------------------------------------------------------------------------

    def begin(self) -> None:
        """Take in what the renderer and the worker threads have; before anything is drawn."""
        now = time.monotonic()
        self._dt, self._frame_at = min(now - self._frame_at, 0.25), now
        self.feed.meter.drawn(self._dt)
        self._restyle()
        self.feed.receive()
        self.tasks.poll()
        self.lists.refresh()
        self.run_watch.refresh()
        self.images.refresh()
        self.timeline.begin(self._dt)
        self.context = self._make_context()

    def draw_menus(self) -> None:
        """Inside the menu bar."""
        with recovered(self._core_failed):
            menus.draw(self, self.panels)

    def draw_panel(self, panel: Panel) -> None:
        """Inside the panel's window."""
        session = self.guard.draw(panel, self.cell.now, self.context)
        if session is not self.cell.now:
            self.cell.set(session)

    def draw_status(self) -> None:
        """Inside the status bar."""
        with recovered(self._core_failed):
            self.status.draw(self)

    def end(self) -> None:
        """After all panels: shortcuts, what lies above them, and what follows from the changes."""
        with recovered(self._core_failed):
            self._draw_above()
        self.every_frame()
        self.timeline.end(self.context.asks)
        self.opening.showing.advance()
        self._move()
        self._send()
        self.autosave.step()

    def rendered(self) -> None:
        """The frame is in the framebuffer, not yet on the screen."""
        self.shots.take()

    # -- how it is ----------------------------------------------------------------------------

    @property
    def scale(self) -> float:
        """Of the display and the text together."""
        return self.settings.now.scale * self.host.density

    @property
    def animating(self) -> bool:
        """The picture changes without anybody touching anything."""
        moving = motion.moving(self.cell.now) or comparing.blinking(self.cell.now)
        return moving or self.timeline.playing

    @property
    def waiting(self) -> bool:
        """Something moves slowly: a progress bar, a message that will go."""
        return bool(self.messages.toasts or self.jobs.facts) or self.thumbnails.pending

    @property
    def settled(self) -> bool:
        """The screen shows what the session says, and nothing is under way."""
        loaded = self.cell.now.render.snapshot in self.jobs.models
        idle = not self.opening.pending and not self.tasks.pending and self.run_watch.settled
        done = self.feed.settled and not self.jobs.facts
        read = not self.thumbnails.pending and not self.images.pending
        return idle and done and read and (not loaded or self.answered)

    @property
    def answered(self) -> bool:
        """The picture is that of the session, or why there is none is known."""
        frame = self.feed.frames.get("main")
        if "main" in self.feed.failures:
            return True
        return frame is not None and frame.request == self.cell.now.render

    def _ready(self) -> bool:
        return self.answered and self.feed.engine.state == "ready"

    def _idle(self) -> bool:
        return self._ready() and not self.animating and not self.opening.pending

    # -- parts of a frame ---------------------------------------------------------------------

    def _make_context(self) -> Context:
        session, settings = self.cell.now, self.settings.now
        return Context(
            actions=self.actions,
            timeline=self.timeline,
            asks=Asks(),
            settings=settings,
            model=self.jobs.models.get(session.render.snapshot),
            models=self.jobs.models,
            frames=self.feed.frames,
            failures=self.feed.failures,
            engine=self.feed.engine,
            jobs=self.jobs.facts,
            meters=self.feed.meter.facts,
            recent=self.lists.recent,
            run=self.run_watch.run,
            watch=self.run_watch.watch,
            snapshots=self.run_watch.snapshots,
            writing=self.run_watch.writing,
            captured=self.lists.captured,
            bookmarks=self.bookmarks.items,
            recording=self.recording.facts,
            load_failure=self.opening.load_failure,
            kept=self.pane_streams.kept,
            place=self._place,
            picture_only=self.overlays.picture_only,
            dt=self._dt,
            scale=self.scale,
            painter=self.sampler,
            differ=self.differences,
            files=self.images,
        )

    def _draw_above(self) -> None:
        center = next((panel for panel in self.panels if panel.dock == "center"), None)
        if self.overlays.picture_only and center is not None:
            picture_only.draw(lambda: self.draw_panel(center))
        self.shortcuts.run(self)
        self.overlays.draw(self)
        self.actions.dialogs.draw()
        if imgui.is_key_pressed(imgui.Key.escape, False):
            self.overlays.close()

    def _move(self) -> None:
        """Note what was done, and let go on what moves by itself."""
        held = imgui.is_any_item_active() or any(imgui.is_mouse_down(b) for b in range(3))
        then, self._clock = self._clock, self._clock + self._dt
        before = self.cell.before
        self.cell.end_frame(gesture=held)
        moved = motion.advance(self.cell.now, before, then, self._clock)
        self.cell.drift(moved, moving=motion.moving(self.cell.now))

    def _send(self) -> None:
        """Nothing is asked of the renderer before it has said what the network is."""
        asked, session = self.context.asks, self.cell.now
        self._place = asked.place or self._place
        asks: dict[str, Ask] = {}
        if session.render.snapshot in self.jobs.models:
            asks = {**asked.streams, "main": (session.render, asked.stats)}
            if asked.panes:
                panes = self.pane_streams.requests(session)
                asks |= {stream: (request, None) for stream, request in panes.items()}
        self.feed.send(asks)

    def _restyle(self) -> None:
        """From the second frame on: during the first the runner scales the style once itself."""
        drawn = imgui.get_frame_count() > 1
        settings, density = self.settings.now, self.host.density
        style = (settings.theme, settings.scale, density, drawn)
        if style != self._style:
            self._style = style
            theme.apply(settings.theme, settings.scale, density)

    # -- what the parts report ----------------------------------------------------------------

    def _wake(self) -> None:
        self.host.wake()

    def _panel_failed(self, title: str, error: Exception) -> None:
        self.bugs.append(error)
        self.messages.add(f"{title}: {type(error).__name__}: {error}", error=True)

    def _core_failed(self, error: Exception) -> None:
        self.bugs.append(error)
        self.messages.add(f"A fault in ganscope: {type(error).__name__}: {error}", error=True)

    def _status(self, status: StatusChanged) -> None:
        if status.text:
            self.messages.add(status.text, error=status.state in ("failed", "restarting"))

    def _framed(self, frame: Frame) -> None:
        self.recording.add(frame)

    def _await_run(self, run: Path) -> None:
        self.run_watch.choose(str(run), awaited=True)
        self.host.focus_panel("Training")

    def _met_timeline(self) -> None:
        if not self.settings.now.met_timeline:
            # Once: from then on the layout remembers whether it is wanted.
            self.settings.change(met_timeline=True)
            self.host.focus_panel("Timeline")

    def _run_command(self, name: str) -> None:
        command = next((c for c in self.commands if c.name == name), None)
        if command is None:
            raise KeyError(name)
        if command.enabled(self):
            command.run(self)
