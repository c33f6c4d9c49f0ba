"""The parts that one window consists of, put together: each is given what it uses."""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path

from common.runs.disk import Disk
from common.runs.follow import RunReader
from renderer.client.client import Client, StatusChanged
from viz.compare.streams import PaneStreams
from viz.control.remote import RemoteControl
from viz.desk.errands import Errands
from viz.desk.facts import Engine
from viz.desk.jobs import Jobs
from viz.desk.settings import Settings, SettingsCell
from viz.desk.tasks import Tasks
from viz.disk.autosave import Autosave
from viz.disk.bookmarks import Bookmarks
from viz.disk.class_names import ClassNames
from viz.disk.lists import FileLists
from viz.disk.opening import Opening
from viz.disk.recording import Recording
from viz.disk.restoring import Restoring
from viz.disk.run_marks import RunMarksCell
from viz.disk.saver import Saver
from viz.disk.store import Store
from viz.disk.window_shots import WindowShots
from viz.export.exports import Exports
from viz.gpu.differences import Differences
from viz.gpu.file_images import FileImages
from viz.gpu.pictures import Frame
from viz.panels.directions.sets import DirectionSets
from viz.panels.journey.player import JourneyPlayer
from viz.panels.layers.grouping import Grouping
from viz.panels.projection.projections import Projections
from viz.panels.timeline.player import Timeline
from viz.panels.timeline.prefetch import Prefetch
from viz.panels.timeline.thumbnails import Thumbnails
from viz.panels.training.overlay import RunOverlay
from viz.panels.training.watch import RunWatch
from viz.picture.dragging.drags import Drags
from viz.session import comparing
from viz.session.cell import SessionCell
from viz.session.changes import motion
from viz.session.session import Session
from viz.shell.above.messages import Messages
from viz.shell.above.overlays import Overlays
from viz.shell.feed.exact import ExactFrames
from viz.shell.feed.feed import Feed
from viz.shell.feed.waiting import Waiting
from viz.shell.host import Host
from viz.shell.output import Output

FAULT_SECONDS = 5.0
"""Seconds for which the same fault is not told of again."""


class Parts:
    """The parts of the application, in the order in which they need each other.

    client: the renderer.
    store: what outlives the window.
    session, settings: to begin with, in place of those in the store.
    default: the session where the store has none.
    disk: the one that the renderer opens files of.
    """

    def __init__(
        self,
        client: Client,
        store: Store,
        *,
        session: Session | None,
        settings: Settings | None,
        default: Session | None,
        disk: Disk,
    ) -> None:
        self._faults: dict[str, float] = {}
        self._timeline_met = False
        self.unopened = True
        self.bugs: deque[Exception] = deque(maxlen=20)
        self.client = client
        self.store = store
        self.disk = disk
        self.far = bool(disk.place)
        self.host = Host()
        self.messages = Messages()
        notify = self.messages.add
        self.tasks = Tasks(self._wake, lambda text: notify(text, error=True), self.fault)
        self.errands = Errands(self._wake, notify, self.fault)
        self.saver = Saver(store, self.tasks, notify)
        self.settings = SettingsCell(settings or store.load_settings(), self.saver.save)
        self.cell = SessionCell(session or store.load_session() or default or Session())
        for problem in store.problems:
            notify(problem, error=True)

        self.jobs = Jobs(client, notify)
        self.feed = Feed(client, self.jobs, self._framed, self._status)
        self.exact = ExactFrames(
            self.feed.frames, lambda: self.drags.shown.render, self.feed.take_failure, notify
        )
        self.lists = FileLists(self.cell, self.settings, self.tasks, disk, lambda: self.reached)
        self.images = FileImages(self._wake, disk)
        self.differences = Differences(self.tasks.run)
        self.opening = Opening(
            self.cell,
            self.settings,
            self.jobs,
            self.tasks,
            notify,
            disk=disk,
            redraw=lambda: self.feed.forget("main"),
            watch=self._await_run,
            opened=self._opened,
        )
        self.restoring = Restoring(self.cell, self.opening, self.jobs, self.tasks, notify, disk)
        self.run_watch = RunWatch(
            self.cell,
            self.settings,
            self.opening.showing,
            opening=lambda: self.opening.pending,
            wake=self._wake,
            met=lambda: self.host.offer_panel("Training"),
            make_reader=lambda path: RunReader(path, disk),
        )
        self.class_names = ClassNames(
            self.cell, self.tasks, self.jobs.models, lambda: self.run_watch.run, disk
        )
        self.run_overlay = RunOverlay(self._wake, lambda path: RunReader(path, disk))
        self.run_marks = RunMarksCell(store.runs, self.tasks, notify, read_only=store.read_only)
        self.recording = Recording(
            self.cell, self.settings, self.jobs.models, self.tasks, self.lists, notify
        )
        self.shots = WindowShots(self.cell, self.settings, self.tasks, self.lists)
        self.exports = Exports(self.cell, self.jobs, self.tasks, self.lists, notify)
        self.bookmarks = Bookmarks(store.bookmarks, self.jobs.models, self.tasks, notify)
        self.autosave = Autosave(self.cell, self.saver)
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
        self.awaited = Waiting(self.cell, self.feed, self.opening, self.jobs)
        self.projections = Projections(
            store.folder / "projections",
            self.cell,
            self.settings,
            self.jobs,
            self.tasks,
            notify,
            show=lambda: self.host.focus_panel("Projection"),
            open_snapshot=self.opening.open,
        )
        self.directions = DirectionSets(
            store.folder / "directions", self.cell, self.jobs, self.tasks, notify
        )
        self.groups = Grouping(self.cell, self.jobs)
        drags = None if self.far else store.folder / "drags"  # nothing is written on its machine
        self.drags = Drags(drags, self.cell, self.jobs, notify, self.feed.frames)
        self.journeys = JourneyPlayer(
            self.cell,
            self.tasks,
            self.errands,
            notify,
            self.feed.frames,
            self.jobs.models,
            self.opening.open,
        )
        self.overlays = Overlays(self.messages)
        self.output = Output(self.settings, notify, self._wake, hidden=lambda: self.host.hidden)
        self.remote = RemoteControl(
            self.cell,
            self.settings,
            self.tasks,
            notify,
            model=lambda: self.jobs.models.get(self.cell.now.render.snapshot),
            components=lambda: shown.found.components if (shown := self.directions.shown) else (),
            wake=self._wake,
            deaf=store.read_only,
        )

    # -- how it is ----------------------------------------------------------------------------

    @property
    def scale(self) -> float:
        """How much larger than usual things are drawn: display density times text size."""
        return self.settings.now.scale * self.host.density

    @property
    def reached(self) -> bool:
        """Whether the disk of the renderer can be read: on this machine always."""
        return not self.far or self.feed.engine.hello is not None

    @property
    def animating(self) -> bool:
        """Whether the picture changes without anybody touching anything."""
        moving = motion.moving(self.cell.now) or comparing.blinking(self.cell.now)
        played = self.timeline.playing or self.journeys.playing
        return moving or played or self.remote.animating

    @property
    def waiting(self) -> bool:
        """Whether something moves slowly: a progress line, seconds, a message that will go."""
        shown = self.messages.toasts or self.jobs.facts or self.awaited.waits
        shown = shown or self.errands.facts
        return bool(shown) or self.thumbnails.pending

    @property
    def counting(self) -> bool:
        """Whether seconds are shown that go by until a renderer far away is reached."""
        engine = self.feed.engine
        return engine.line is not None and engine.state != "failed"

    @property
    def settled(self) -> bool:
        """Whether the screen shows what the session says, and nothing is under way."""
        loaded = self.cell.now.render.snapshot in self.jobs.models
        idle = not self.opening.pending and not self.tasks.pending and self.run_watch.settled
        idle = idle and self.run_overlay.settled and not self.exact.pending
        done = self.feed.settled and not self.jobs.facts and not self.errands.facts
        read = not self.thumbnails.pending and not self.images.pending
        return idle and done and read and not self.unopened and (not loaded or self.answered)

    @property
    def answered(self) -> bool:
        """Whether the picture is that of the session, a draft perhaps, or why there is none."""
        frame = self.feed.frames.get("main")
        if "main" in self.feed.failures:
            return True
        return frame is not None and frame.request == self.cell.now.render

    def _ready(self) -> bool:
        exact = self.answered and self.feed.idle("main")
        return exact and self.feed.engine.state == "ready"

    def _idle(self) -> bool:
        return self._ready() and not self.animating and not self.opening.pending

    # -- what the parts report ----------------------------------------------------------------

    def _wake(self) -> None:
        self.host.wake()

    def fault(self, error: Exception) -> None:
        """Tell the user of an error that nobody foresaw; the window goes on."""
        self.bugs.append(error)
        self.notify_once(f"A fault in ganscope: {type(error).__name__}: {error}")

    def notify_once(self, text: str) -> None:
        """Tell the user of an error, unless the same was told in the last FAULT_SECONDS."""
        now = time.monotonic()
        self._faults = {said: at for said, at in self._faults.items() if now - at < FAULT_SECONDS}
        if text not in self._faults:  # one in every frame would bury all other messages
            self._faults[text] = now
            self.messages.add(text, error=True)

    def _status(self, status: StatusChanged) -> None:
        """Tell how the renderer is.

        What the left end of the status bar says of a renderer far away is not told again here,
        except why it is reached for no longer, unless that stands in the place of the picture.
        """
        engine, seen = self.feed.engine, "main" in self.feed.frames
        if status.line is not None and not (status.state == "failed" and seen):
            return
        if not status.text:
            return
        self.messages.add(
            status.text,
            error=status.warning or status.state in ("failed", "restarting"),
            holds=lambda: self._still(engine),
        )

    def _still(self, engine: Engine) -> bool:
        """Whether the renderer is as it was then."""
        now = self.feed.engine
        return now is engine or now.state == engine.state == "ready"

    def _framed(self, frame: Frame) -> None:
        self.recording.add(frame)

    def _await_run(self, run: Path) -> None:
        self.run_watch.choose(str(run), awaited=True)
        self.host.offer_panel("Training")

    def _opened(self, snapshot: Path, folder: bool) -> None:
        self.run_watch.opened(str(snapshot.parent), named=folder)

    def _met_timeline(self) -> None:
        if not self.settings.now.met_timeline and not self._timeline_met:
            self._timeline_met = True
            self.host.offer_panel("Timeline")

    def _remember_timeline(self) -> None:
        """Note that the Timeline has been met; from then on the layout says if it is wanted.

        Called at the end: the layout is written then, and a window that was killed has none.
        """
        if self._timeline_met:
            self.settings.change(met_timeline=True)
