"""Goes along the session's journey in real time, and reads and writes journeys."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from msgspec import structs

from common.units import counted
from renderer.messages.bundled import at_hand
from renderer.messages.journey import Journey, Track
from renderer.messages.model import ModelInfo
from renderer.pictures.journey.editing import with_requests
from renderer.pictures.journey.files import named, read_journey, write_journey
from renderer.pictures.sound.analysis import track
from viz.desk.errands import Errands
from viz.desk.notify import Notify
from viz.desk.parts.journey import Preview
from viz.desk.tasks import Failed, Tasks, describe
from viz.disk.opening import OpenSnapshot
from viz.gpu.pictures import Frame
from viz.session.cell import SessionCell
from viz.session.going import at_moment
from viz.session.session import Session
from viz.session.without_place import told

LONGEST_STEP = 0.25
"""The longest step of the preview, in seconds: after a stall it goes on from where it was."""
COUNTED = 1.0
"""Seconds over which pictures are counted."""
INSTEAD = 'The menu beside "Add here" draws its keys with the one shown.'
"""What can be done where the network of a journey is gone."""


class JourneyPlayer:
    """`viz.desk.parts.journey.JourneyActions`, and the facts on the preview.

    cell: the session, whose journey is meant.
    frames: the newest picture of each stream.
    models: facts on the networks that are known, by path.
    open_snapshot: opens one, and then becomes a session.
    """

    def __init__(
        self,
        cell: SessionCell,
        tasks: Tasks,
        errands: Errands,
        notify: Notify,
        frames: Mapping[str, Frame],
        models: Mapping[str, ModelInfo],
        open_snapshot: OpenSnapshot,
    ) -> None:
        self._cell, self._tasks, self._errands = cell, tasks, errands
        self._notify, self._frames = notify, frames
        self._models, self._open_snapshot = models, open_snapshot
        self._seen: deque[float] = deque()
        self._last: Frame | None = None
        self._clock = 0.0
        self.playing = False

    @property
    def facts(self) -> Preview:
        """How the preview goes."""
        full = self._seen and self._clock - self._seen[0] > COUNTED / 2
        rate = len(self._seen) / min(self._clock, COUNTED) if full else 0.0
        return Preview(self.playing, rate if self.playing else 0.0)

    def toggle_play(self) -> None:
        """See JourneyActions. At the end of an open journey it begins again."""
        session = self._cell.now
        journey = session.journey
        self.playing = not self.playing and len(journey.keys) > 0 and journey.duration > 0
        self._seen.clear()
        self._clock = 0.0
        if self.playing and not journey.closed and session.moment >= journey.duration:
            self._cell.set(structs.replace(session, moment=0.0))

    def stop(self) -> None:
        """See JourneyActions."""
        self.playing = False

    def advance(self, session: Session, dt: float) -> Session:
        """Return what the session has become `dt` seconds later, where it is played."""
        if not self.playing:
            return session
        self._count(dt)
        journey = session.journey
        if not journey.keys or journey.duration <= 0:
            self.playing = False
            return session
        moment = session.moment + min(max(dt, 0.0), LONGEST_STEP)
        if journey.closed:
            moment %= journey.duration
        elif moment >= journey.duration:
            moment, self.playing = journey.duration, False
        return at_moment(session, moment)

    def save(self, path: str) -> None:
        """See JourneyActions."""
        journey, to = self._cell.now.journey, named(os.path.expanduser(path))

        def failed(error: Failed) -> None:
            self._notify(f"The journey could not be saved. {describe(error)}", error=True)

        self._tasks.run(
            lambda: write_journey(to, journey),
            lambda _: self._notify(f"Saved {to}", file=str(to)),
            failed,
            about=f"Saving {to.name}",
        )

    def load(self, path: str) -> None:
        """See JourneyActions."""

        def read() -> Journey:
            return with_requests(read_journey(path), at_hand)

        def take(journey: Journey) -> None:
            self.stop()
            session = at_moment(structs.replace(self._cell.now, journey=journey), 0.0)
            snapshot = session.render.snapshot
            if snapshot and snapshot not in self._models:
                self._open_snapshot(snapshot, session, failed=partial(keep, journey))
                return
            self._cell.set(session)
            self.tell(Path(path).name)

        def keep(journey: Journey) -> None:
            """Take the keys of which the first one's network cannot be opened."""
            self._cell.set(structs.replace(self._cell.now, journey=journey, moment=0.0))
            self.tell(Path(path).name, opened=False)

        self._tasks.run(read, take, about=f"Reading {Path(path).name}")

    def tell(self, name: str, *, opened: bool = True) -> None:
        """Say how long the journey is, and what of it no network here has a place for.

        name: of its file.
        opened: whether the network of its first key could be opened.
        """
        journey = self._cell.now.journey
        keys, lost = counted(len(journey.keys), "key"), told(journey, self._models)
        if not opened:
            network = Path(journey.keys[0].render.snapshot).name
            lost = f"Its network {network} cannot be opened. {INSTEAD}"
        text = f"{keys}, {journey.duration:.3g} s: {name}. {lost}"
        self._notify(text.removesuffix(". "), error=bool(lost))

    def hear(self, path: str) -> None:
        """See JourneyActions."""

        def take(found: Track) -> None:
            session = self._cell.now
            journey = structs.replace(session.journey, track=found)
            self._cell.set(structs.replace(session, journey=journey))
            self._notify(f"{Path(path).name}: {found.seconds:.1f} s of sound")

        name = Path(path).name
        self._errands.start(f"Listening to {name}", lambda _: track(path), take)

    def _count(self, dt: float) -> None:
        self._clock += dt
        frame = self._frames.get("main")
        if frame is not None and frame is not self._last:
            self._last = frame
            self._seen.append(self._clock)
        while self._seen and self._seen[0] < self._clock - COUNTED:
            self._seen.popleft()
