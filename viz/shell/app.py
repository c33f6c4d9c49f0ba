"""One frame of the window: events in, panels drawn, changes out.

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
from msgspec import structs

from renderer.client.client import Client, StatusChanged
from renderer.messages.protocol import ModelInfo
from viz.compare.streams import Companions
from viz.desk.commands import Shortcuts
from viz.desk.context import Context, Frame
from viz.desk.panel import Guard, Panel, recovered
from viz.desk.tasks import Tasks, describe
from viz.disk.autosave import Autosave
from viz.disk.bookmarks import Bookmarks
from viz.disk.lists import Listing
from viz.disk.opening import Opening
from viz.disk.recording import Recording, WindowShots
from viz.disk.store import Settings, Store
from viz.export.jobs import Exports
from viz.gpu.differences import Differences
from viz.gpu.file_images import FileImages
from viz.gpu.texture import Sampler, renderer_name
from viz.panels import discover
from viz.panels.timeline.player import Timeline
from viz.panels.training.watch import Monitoring
from viz.session import comparing, motion
from viz.session.session import History, Session
from viz.shell import menus, palette
from viz.shell.actions import AppActions
from viz.shell.command_list import COMMANDS, panel_commands
from viz.shell.feed import Ask, Ended, Feed
from viz.shell.help import Help
from viz.shell.host import Host
from viz.shell.messages import Messages
from viz.shell.statusbar import StatusBar
from viz.ui import layout, theme


class App:
    """The state of the window. Everything that panels may use is in `context`."""

    session: Session
    settings: Settings
    history: History
    host: Host
    actions: AppActions
    opening: Opening
    recording: Recording
    exports: Exports
    timeline: Timeline
    palette: palette.Palette
    help: Help
    picture_only: bool

    def __init__(
        self,
        client: Client,
        store: Store,
        *,
        session: Session | None = None,
        settings: Settings | None = None,
        default: Session | None = None,
        panels: tuple[Panel, ...] | None = None,
        resolve: Callable[[str], Path] | None = None,
    ) -> None:
        self.client = client
        self.resolve = resolve or _resolve
        self.store = store
        self.messages = Messages()
        self.settings = settings or store.load_settings()
        self.session = session or store.load_session() or default or Session()
        for problem in store.problems:
            self.messages.add(problem, error=True)
        self.history = History()
        self.host = Host()
        self.panels = discover() if panels is None else panels
        self.commands = (*COMMANDS, *panel_commands(self.panels))
        self.shortcuts = Shortcuts(self.commands)
        self.tasks = Tasks(lambda: self.host.wake(), self._report)
        self.actions = AppActions(self)
        self.context = Context(self.actions, self.settings)
        self.feed = Feed(client, self.context, self._ended, self._framed, self._status)
        self.context.models = self.feed.models
        self.opening = Opening(self)
        self.listing = Listing(self)
        self.monitoring = Monitoring(self, lambda: self.host.wake())
        self.images = FileImages(lambda: self.host.wake())
        self.recording = Recording(self)
        self.exports = Exports(self)
        self.shots = WindowShots(self)
        self.bookmarks = Bookmarks(self)
        self.differences = Differences(self)
        self.companions = Companions(self)
        self.timeline = self.context.timeline = Timeline(self)
        self.guard = Guard(self._panel_failed)
        self.palette = palette.Palette()
        self.help = Help()
        self.status = StatusBar()
        self.picture_only = False
        self.every_frame: Callable[[], None] = lambda: None
        self.gl_renderer = ""
        self.bugs: deque[Exception] = deque(maxlen=20)
        self._before = self.session
        self._frame_at = time.monotonic()
        self._clock = 0.0
        self.autosave = Autosave(self)
        self._skip_record = False
        self._style: tuple[object, ...] = ()

    # -- life ---------------------------------------------------------------------------------

    def start(self, path: str | None = None) -> None:
        """Once OpenGL is there. path: what to open, None = what the session was at."""
        self.context.painter = Sampler()
        self.context.files = self.images
        self.context.differ = self.differences
        self.gl_renderer = renderer_name()
        self.bookmarks.load()
        self.client.configure(self.settings.engine)
        self.opening.start(path)

    def stop(self) -> None:
        """Keep the session, let go of the GPU."""
        self.autosave.save()
        self.recording.stop()
        self.monitoring.close()
        self.images.close()
        self.tasks.close()
        self.timeline.close()
        self.feed.close()

    # -- a frame ------------------------------------------------------------------------------

    def begin(self) -> None:
        """Take in what the renderer and the worker threads have; before anything is drawn."""
        now = time.monotonic()
        self.context.dt, self._frame_at = min(now - self._frame_at, 0.25), now
        self.feed.meter.drawn(self.context.dt)
        self._restyle()
        self._before = self.session
        self.feed.receive()
        self.tasks.poll()
        self.context.model = self.feed.models.get(self.session.render.snapshot)
        self.context.settings = self.settings
        self.context.scale = self.settings.scale * self.host.density
        self.context.recording = self.recording.facts
        self.context.kept = self.companions.kept
        self.listing.refresh()
        self.monitoring.refresh()
        self.images.refresh()
        self.timeline.begin()
        self.context.bookmarks = self.bookmarks.items
        self.context._asks.clear()
        self.context._panes = False
        self.context._stats = None

    def draw_menus(self) -> None:
        with recovered(self._core_failed):
            menus.draw(self)

    def draw_panel(self, panel: Panel) -> None:
        """Inside the panel's window."""
        self.session = self.guard.draw(panel, self.session, self.context)

    def draw_status(self) -> None:
        with recovered(self._core_failed):
            self.status.draw(self)

    def end(self) -> None:
        """After all panels: shortcuts, what lies above them, and what follows from the changes."""
        with recovered(self._core_failed):
            if self.picture_only:
                layout.draw_picture_only(self)
            self.shortcuts.run(self)
            self.palette.draw(self)
            self.help.draw(self)
            self.messages.draw_toasts()
            self.actions.draw_dialogs()
            if imgui.is_key_pressed(imgui.Key.escape, False):
                self.close_overlays()
        self.every_frame()
        self.timeline.end()
        self.opening.advance()
        self._record()
        self._advance()
        self._send()
        self.autosave.step()

    def rendered(self) -> None:
        """The frame is in the framebuffer, not yet on the screen."""
        self.shots.take()

    # -- state --------------------------------------------------------------------------------

    @property
    def model(self) -> ModelInfo | None:
        """Facts on the network of the session's snapshot, as soon as they are known."""
        return self.feed.models.get(self.session.render.snapshot)

    @property
    def animating(self) -> bool:
        """The picture changes without anybody touching anything."""
        moving = motion.moving(self.session) or comparing.blinking(self.session)
        return moving or self.timeline.playing

    @property
    def waiting(self) -> bool:
        """Something moves slowly: a progress bar, a message that will go."""
        thumbnails = self.timeline.thumbnails.pending
        return bool(self.messages.toasts) or bool(self.context.jobs) or thumbnails

    @property
    def settled(self) -> bool:
        """The screen shows what the session says, and nothing is under way."""
        loaded = self.session.render.snapshot in self.feed.models
        idle = not self.opening.pending and not self.tasks.pending and self.monitoring.settled
        read = not self.timeline.thumbnails.pending and not self.images.pending
        return idle and self.feed.settled and read and (not loaded or self.answered)

    @property
    def answered(self) -> bool:
        """The picture is that of the session, or why there is none is known."""
        frame = self.context.frame
        if "main" in self.context.failures:
            return True
        return frame is not None and frame.request == self.session.render

    def begin_with(self, session: Session) -> None:
        """Replace the session without a step of undo: what there was before was not the user's."""
        self.session = self._before = session

    def set_session(self, session: Session) -> None:
        """Replace the session; an undo step like any other change."""
        self.session = session

    def undo(self) -> None:
        """Also stops what moves, which would go on from there and bury what can be redone."""
        self._halt()
        self.session = self.history.undo(self.session).with_motion(animate=False)
        self._skip_record = True

    def redo(self) -> None:
        self._halt()
        self.session = self.history.redo(self.session).with_motion(animate=False)
        self._skip_record = True

    def _halt(self) -> None:
        self.timeline.stop()
        self.opening.forget_wish()

    def notify(self, text: str, *, error: bool = False) -> None:
        self.messages.add(text, error=error)

    def run_command(self, name: str) -> None:
        """Raises KeyError where there is no such command."""
        command = next((c for c in self.commands if c.name == name), None)
        if command is None:
            raise KeyError(name)
        if command.enabled(self):
            command.run(self)

    def change_settings(self, **changes: object) -> None:
        self.settings = structs.replace(self.settings, **changes)
        try:
            self.store.save(self.settings)
        except OSError as error:
            self.notify(f"The settings could not be saved. {describe(error)}", error=True)

    def close_overlays(self) -> None:
        """Escape: whatever lies above the panels goes."""
        imgui.internal.close_popups_except_modals()
        self.palette.close()
        self.help.close()
        self.messages.dismiss()
        self.picture_only = False

    # -- parts of a frame ---------------------------------------------------------------------

    def _advance(self) -> None:
        then, self._clock = self._clock, self._clock + self.context.dt
        moved = motion.advance(self.session, self._before, then, self._clock)
        self.history.drift(self.session, moved, moving=motion.moving(self.session))
        self.session = moved

    def _send(self) -> None:
        """Nothing is asked of the renderer before it has said what the network is."""
        asks: dict[str, Ask] = {}
        if self.model is not None:
            asks = {**self.context._asks, "main": (self.session.render, self.context._stats)}
            if self.context._panes:
                panes = self.companions.requests(self.session)
                asks |= {stream: (request, None) for stream, request in panes.items()}
        self.feed.send(asks)

    def _record(self) -> None:
        if self._skip_record:
            self._skip_record = False
            return
        held = imgui.is_any_item_active() or any(imgui.is_mouse_down(b) for b in range(3))
        self.history.record(self._before, self.session, gesture=held)

    def _restyle(self) -> None:
        """From the second frame on: during the first the runner scales the style once itself."""
        drawn = imgui.get_frame_count() > 1
        style = (self.settings.theme, self.settings.scale, self.host.density, drawn)
        if style != self._style:
            self._style = style
            theme.apply(self.settings.theme, self.settings.scale, self.host.density)

    # -- what the parts report ----------------------------------------------------------------

    def _report(self, text: str) -> None:
        self.notify(text, error=True)

    def _panel_failed(self, title: str, error: Exception) -> None:
        self.bugs.append(error)
        self.notify(f"{title}: {type(error).__name__}: {error}", error=True)

    def _core_failed(self, error: Exception) -> None:
        self.bugs.append(error)
        self.notify(f"A fault in ganscope: {type(error).__name__}: {error}", error=True)

    def _status(self, status: StatusChanged) -> None:
        if status.text:
            self.notify(status.text, error=status.state in ("failed", "restarting"))

    def _framed(self, frame: Frame) -> None:
        self.recording.add(frame)

    def _ended(self, ended: Ended) -> None:
        if not self.timeline.ended(ended):
            self.opening.ended(ended)
            self.exports.ended(ended)


def _resolve(text: str) -> Path:
    from common.runs import locate

    return locate.resolve(text)
