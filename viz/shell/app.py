"""One frame of the window: events in, panels drawn, changes out.

`viz/shell/window.py` calls the methods of `App` in this order in every frame: `begin`,
`draw_menus`, `draw_panel` for each visible panel, `draw_status`, `end`, and `rendered` after the
GPU has drawn.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from imgui_bundle import imgui

from common.runs import locate
from common.runs.disk import Disk, LocalDisk
from renderer.client.client import Client
from viz.desk.asks import Ask, PicturePlace
from viz.desk.commands import Shortcuts
from viz.desk.context import Context
from viz.desk.panel import Panel
from viz.desk.settings import Settings
from viz.disk.store import Store
from viz.gpu.sampler import Sampler
from viz.gpu.texture import renderer_name
from viz.panels import discover
from viz.session.changes import motion
from viz.session.session import Session
from viz.shell import menus
from viz.shell.above import picture_only
from viz.shell.actions import AppActions
from viz.shell.command_list import commands_of
from viz.shell.context_of import context_of
from viz.shell.dropping import drop
from viz.shell.guard import Guard, recovered
from viz.shell.parts import Parts
from viz.shell.sides.columns import Columns
from viz.shell.sides.docking import Docking
from viz.shell.statusbar import StatusBar
from viz.ui import controlled, theme
from viz.ui.keys import take_key


class App(Parts):
    """The application as its window sees it; what panels may use of it is in `context`.

    panels: those of the window, by default all there are.
    resolve: finds the snapshot that a user names on this machine.
    disk: that of another machine, where the renderer is there.
    The other arguments are those of `Parts`.
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
        disk: Disk | None = None,
    ) -> None:
        super().__init__(
            client,
            store,
            session=session,
            settings=settings,
            default=default,
            disk=disk or LocalDisk(resolve),
        )
        self.panels = discover() if panels is None else panels
        self.columns = Columns(self.panels, self.settings)
        self.commands = commands_of(self.panels)
        self.shortcuts = Shortcuts(self.commands)
        self.guard = Guard(self.panels, self._panel_failed)
        self.status = StatusBar(self.messages)
        self.docking = Docking(
            self.panels,
            self.columns,
            self.host,
            self.settings,
            covered=lambda: self.overlays.picture_only,
            draw=self.draw_panel,
            draw_status=self.draw_status,
            broken=self.layout_failed,
        )
        self.actions = AppActions(self, lambda: self.context, self._run_command)
        self.sampler: Sampler | None = None
        self.gl_renderer = ""
        self.unsaved: tuple[str, ...] = ()
        self.every_frame: Callable[[], None] = lambda: None
        self._place = PicturePlace()
        self._style: tuple[object, ...] = ()
        self._frame_at = time.monotonic()
        self._clock = self._dt = 0.0
        self._first: str | None = None
        self.context = self._context_now()

    # -- life ---------------------------------------------------------------------------------

    def start(self, path: str | None = None) -> None:
        """Begin, once OpenGL is there.

        path: what to open, None for the snapshot of the session.
        """
        self.sampler = Sampler()
        self.gl_renderer = renderer_name()
        self.bookmarks.load()
        if not self.far:  # what was found here is of no use to a renderer far away
            self.projections.load()
        self.directions.load()
        self.client.configure(self.settings.now.engine)
        self._first = path
        if not self.far:
            self._open_first()

    def stop(self) -> None:
        """Keep the session, with what a drag under way has come to, and let go of the GPU."""
        if self.host.full_screen:  # the next start has the window as it was before
            self.host.fill_display(False)
        self.drags.keep()
        self.autosave.save()
        self._remember_timeline()
        self.recording.stop()
        self.run_watch.close()
        self.run_overlay.close()
        self.errands.close()
        self.images.close()
        left = self.tasks.close()
        late = (f"{what}: the disk did not answer; this is not finished." for what in left)
        self.unsaved = (*late, *self.saver.failures)
        self.timeline.close()
        self.remote.close()
        self.output.stop()
        self.feed.close()

    # -- a frame ------------------------------------------------------------------------------

    def begin(self) -> None:
        """Take in what the renderer and the worker threads have; before anything is drawn."""
        now = time.monotonic()
        controlled.begin({each.target for each in self.cell.now.assignments if each.enabled})
        self._dt, self._frame_at = min(now - self._frame_at, 0.25), now
        self.feed.meter.drawn(self._dt)
        self._guarded(
            self._restyle,
            self.feed.receive,
            self._open_first,
            self.awaited.refresh,
            self.tasks.poll,
            self.errands.poll,
            self.lists.refresh,
            self.recording.refresh,
            self.run_watch.refresh,
            self._refresh_marks,
            self._refresh_overlay,
            self.exact.refresh,
            self.images.refresh,
            lambda: self.timeline.begin(self._dt),
            lambda: self.remote.begin(self._dt, self),
            self._renew_context,
        )

    def draw_menus(self) -> None:
        """Draw the menus, inside the menu bar."""
        with recovered(self.fault):
            menus.draw(self, self.panels)

    def draw_panel(self, panel: Panel) -> None:
        """Draw a panel, inside its window."""
        before = self.cell.now
        session = self.guard.draw(panel, before, self.context)
        if session is not before:  # otherwise what an action has set meanwhile counts
            self.cell.set(session)

    def draw_status(self) -> None:
        """Draw the line of the status bar, inside its window."""
        with recovered(self.fault):
            self.status.draw(self)

    def end(self) -> None:
        """Run shortcuts, draw what lies above the panels, and act on what has changed."""
        self._guarded(
            self._draw_above,
            lambda: self.timeline.end(self.context.asks),
            self.opening.showing.advance,
            self._move,
            self.drags.refresh,
            self._send,
            self.autosave.step,
            self.every_frame,  # last: what this frame has asked for is not there yet
        )

    def drop(self, paths: list[str]) -> None:
        """Use files that were dropped on the window."""
        drop(paths, self.actions, self.tasks, far=self.far)

    def rendered(self) -> None:
        """Capture the window where that was asked for: the frame is in the framebuffer now.

        The clean output follows, in its own window.
        """
        try:  # ImGui has ended the frame, so there is nothing of it to recover
            self.shots.take()
            self.output.draw(self.context.seen)
        except Exception as error:  # noqa: BLE001 - any bug must leave the window usable
            self.fault(error)

    # -- parts of a frame ---------------------------------------------------------------------

    def _guarded(self, *steps: Callable[[], None]) -> None:
        """Take the steps of a frame; one that fails is told of and keeps no other from its work."""
        for step in steps:
            with recovered(self.fault):
                step()

    def _open_first(self) -> None:
        """Open what there is to open at first; on another machine once that has been reached."""
        if not self.reached:
            return
        self.opening.reached()
        if self.unopened:
            self.unopened = False
            self.opening.start(self._first)

    def _refresh_marks(self) -> None:
        self.run_marks.refresh(self.run_watch.run, self.settings.now.monitor.judge)

    def _refresh_overlay(self) -> None:
        run = self.run_watch.run
        self.run_overlay.refresh(self.run_marks.compared, run.path if run is not None else "")

    def _renew_context(self) -> None:
        self.context = self._context_now()

    def _context_now(self) -> Context:
        return context_of(self, self.actions, place=self._place, dt=self._dt, painter=self.sampler)

    def _draw_above(self) -> None:
        center = next((panel for panel in self.panels if panel.dock == "center"), None)
        if self.overlays.picture_only and center is not None:
            picture_only.draw(lambda: self.draw_panel(center))
        self.shortcuts.run(self)
        self.overlays.draw(self)
        self.actions.dialogs.draw()
        if take_key(imgui.Key.escape, repeat=False):  # unless a dialog has taken it
            self._escape()
        if self.host.full_screen and not self.overlays.picture_only:
            self.host.full_screen = False
            self.host.fill_display(False)

    def _escape(self) -> None:
        """Close or leave one thing: what lies topmost, then learning, then the output.

        The picture over all of the window hides the others, and is left first.
        """
        if self.overlays.close():
            return
        if self.remote.learning:
            self.remote.learn("")
        else:
            self.output.close()

    def _move(self) -> None:
        """Note what was done, and let go on what moves by itself."""
        held = imgui.is_any_item_active() or any(imgui.is_mouse_down(b) for b in range(3))
        then, self._clock = self._clock, self._clock + self._dt
        before = self.cell.before
        self.cell.end_frame(gesture=held)
        if self.remote.take_new_run():
            self.cell.drift(self.cell.now, moving=False)
        moved = self.journeys.advance(self.cell.now, self._dt)
        moved = self.remote.move(moved, self._dt)
        moving = motion.moving(moved) or self.remote.running or self.journeys.playing
        moved = motion.advance(moved, before, then, self._clock)
        self.cell.drift(moved, moving=moving)
        self.remote.tell(self.cell.now)

    def _send(self) -> None:
        """Ask the renderer for pictures, once it has said what the network is."""
        asked, session = self.context.asks, self.cell.now
        self._place = asked.place or self._place
        asks: dict[str, Ask] = {}
        if session.render.snapshot in self.jobs.models:
            asks = {**asked.streams, "main": (session.render, asked.stats)}
            if asked.panes:
                panes = self.pane_streams.requests(session)
                asks |= {stream: (request, None) for stream, request in panes.items()}
        # What is compared, measured or kept is exact.
        drafts = not (session.compare.on or self.recording.running)
        self.feed.send({**asks, **self.exact.asks}, drafts=drafts)

    def _restyle(self) -> None:
        """Apply the theme where it has changed.

        It is applied again in the second frame: in the first the runner scales the style itself.
        """
        drawn = imgui.get_frame_count() > 1
        settings, density = self.settings.now, self.host.density
        style = (settings.theme, settings.scale, density, drawn)
        if style != self._style:
            self._style = style
            theme.apply(settings.theme, settings.scale, density)

    def layout_failed(self, error: Exception) -> None:
        """Tell the user that the panels go to the places that they have at first.

        error: what ImGui says of the layout that was kept; it is the same for every panel.
        """
        self.notify_once(f"The layout of the panels is damaged, so it is made anew ({error}).")

    def _panel_failed(self, title: str, error: Exception) -> None:
        self.bugs.append(error)
        self.messages.add(f"{title}: {type(error).__name__}: {error}", error=True)

    def _run_command(self, name: str) -> None:
        command = next((c for c in self.commands if c.name == name), None)
        if command is None:
            raise KeyError(name)
        if command.enabled(self):
            command.run(self)
