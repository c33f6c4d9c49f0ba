"""Going through the snapshots of a run, by hand or by itself, with everything else as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import TypeAlias

from imgui_bundle import imgui

from renderer.messages.failure import Failure
from viz.desk.asks import Asks
from viz.desk.facts import FileEntry
from viz.desk.parts.timeline import Ending, Stop, Thumbnail
from viz.disk.showing import Showing
from viz.panels.timeline import strip_places
from viz.panels.timeline.prefetch import Prefetch
from viz.panels.timeline.stops import make_stops
from viz.panels.timeline.thumbnails import Thumbnails
from viz.session.cell import SessionCell

SWAP_KEY = imgui.Key.a
"""The key that shows the snapshot before for as long as it is held."""
HELD = 0.3
"""For how many seconds the swap key is held at least for letting it go to go back."""
RESTED = 0.5
"""For how many seconds a snapshot is looked at before it counts as shown."""

Listed: TypeAlias = tuple[Sequence[FileEntry], Sequence[FileEntry]]
"""The whole snapshots of a run, and those that are still being written."""


class Timeline:
    """Where the window is in a run; `TimelineFacts` and `TimelineActions` are its faces.

    answered: whether the picture is that of the session.
    opening: whether something is being opened.
    listed: the whole snapshots of the run and those that are not whole yet.
    met: told when a run with several snapshots is listed.
    """

    def __init__(
        self,
        cell: SessionCell,
        showing: Showing,
        thumbnails: Thumbnails,
        prefetch: Prefetch,
        *,
        answered: Callable[[], bool],
        opening: Callable[[], bool],
        listed: Callable[[], Listed],
        met: Callable[[], None],
    ) -> None:
        self._cell = cell
        self._showing = showing
        self._prefetch = prefetch
        self._answered = answered
        self._opening = opening
        self._listed_now = listed
        self._met = met
        self.thumbnails = thumbnails
        self.stops: tuple[Stop, ...] = ()
        self.places: list[float] = []
        self._indices: dict[str, int] = {}
        self._ends: tuple[str | None, str | None] = (None, None)
        self.playing = False
        self.speed = 4.0
        self.ending: Ending = "loop"
        self._listed: Listed = ((), ())
        self._rested: list[str] = []
        self._rest = self._due = 0.0
        self._shown = ""
        self._direction = 1
        self._begun = False
        self._swapped: float | None = None
        self._dt = 0.0

    # -- where it is --------------------------------------------------------------------------

    def index(self, path: str | None) -> int | None:
        """The index of a snapshot, None where the run has no such file."""
        return None if path is None else self._indices.get(path)

    @property
    def shown(self) -> int | None:
        """The index of the snapshot that the session shows."""
        return self.index(self._cell.now.render.snapshot)

    @property
    def target(self) -> int | None:
        """The index of the snapshot that is shown, or will be as soon as it is loaded."""
        wished = self.index(self._showing.wished)
        return self.shown if wished is None else wished

    @property
    def range(self) -> tuple[int, int]:
        """The first and the last index between the ends."""
        first, last = (self.index(end) for end in self._ends)
        return first or 0, len(self.stops) - 1 if last is None else last

    def chosen(self) -> list[int]:
        """The indices that are played and exported: whole snapshots between the ends that open."""
        first, last = self.range
        return [i for i in range(first, last + 1) if self.usable(i)]

    def nearest(self, place: float) -> int | None:
        """The index that scrubbing to a place shows, among snapshots that are whole and open."""
        return strip_places.nearest(self.places, place, filter(self.usable, range(len(self.stops))))

    def usable(self, index: int) -> bool:
        """Whether a snapshot is whole and is not known to fail."""
        stop = self.stops[index]
        return not stop.writing and self.thumbnails.failure(stop.entry) is None

    def set_ends(self, first: int | None = None, last: int | None = None) -> None:
        """Move one end or both; past the first or the last snapshot means wherever that is."""
        low, high = self.range
        low = low if first is None else min(max(first, 0), high)
        high = high if last is None else max(min(last, len(self.stops) - 1), low)
        self._ends = (
            self.stops[low].path if low > 0 else None,
            self.stops[high].path if high < len(self.stops) - 1 else None,
        )

    # -- going somewhere ----------------------------------------------------------------------

    def show(self, index: int, *, step: bool = True) -> None:
        """Show a snapshot if it is whole. step False: this is part of the step of undo before."""
        if 0 <= index < len(self.stops) and not self.stops[index].writing:
            self.playing = False
            self._go(index, step=step)

    def step(self, by: int) -> None:
        """Go to the nearest snapshot that opens, `by` = 1 onwards or −1 back."""
        at = self.target
        if at is None:
            return
        onward = range(at + by, len(self.stops) if by > 0 else -1, by)
        index = next((i for i in onward if self.usable(i)), None)
        if index is not None:
            self.show(index)

    def to_end(self, which: int) -> None:
        """Go to the first (0) or the last (-1) snapshot between the ends."""
        if chosen := self.chosen():
            self.show(chosen[which])

    @property
    def other(self) -> int | None:
        """The index of the snapshot that was looked at before this one."""
        shown = self._cell.now.render.snapshot
        return self.index(next((path for path in self._rested if path != shown), None))

    def swap(self) -> None:
        """Show the snapshot before this one, and this one again when the key is let go."""
        other = self.other
        if other is None:
            return
        self._swapped = 0.0 if imgui.is_key_down(SWAP_KEY) else None
        self._note_rest()
        self.show(other, step=False)

    def toggle_play(self) -> None:
        """Begin or stop playing; there must be two snapshots to play."""
        self.playing = not self.playing and len(self.chosen()) > 1
        self._due, self._begun = 0.0, False
        chosen = self.chosen()
        if self.playing and self.ending == "stop" and self.target == chosen[-1]:
            self._play_on(chosen[0])

    def stop(self) -> None:
        """Stop playing."""
        self.playing = False

    def set_speed(self, speed: float) -> None:
        """Play so many snapshots per second."""
        self.speed = speed

    def set_ending(self, ending: Ending) -> None:
        """Do this after the last snapshot that is played."""
        self.ending = ending

    # -- thumbnails ---------------------------------------------------------------------------

    def want(self, entries: Sequence[FileEntry]) -> None:
        """Have thumbnails drawn; see `Thumbnails.want`."""
        self.thumbnails.want(entries)

    def thumbnail(self, entry: FileEntry) -> Thumbnail | None:
        """The picture of a snapshot; see `Thumbnails.find`."""
        return self.thumbnails.find(entry)

    def failure(self, entry: FileEntry) -> Failure | None:
        """Why a snapshot has no picture; see `Thumbnails.failure`."""
        return self.thumbnails.failure(entry)

    # -- a frame ------------------------------------------------------------------------------

    def begin(self, dt: float) -> None:
        """Take in what has happened since the last frame, `dt` seconds ago; before the panels."""
        self._dt = dt
        listed = self._listed_now()
        if listed[0] is not self._listed[0] or listed[1] is not self._listed[1]:
            self._list(*listed)
        self._count_rest(dt)
        if self._swapped is not None:
            self._swapped += dt
            if not imgui.is_key_down(SWAP_KEY):
                held, self._swapped = self._swapped, None
                if held > HELD and self.other is not None:
                    self.show(self.other, step=False)
        self.thumbnails.begin()

    def end(self, asks: Asks) -> None:
        """Play on, and ask for what is missing; after the panels."""
        if self.playing:
            self._play(self._dt)
        self.thumbnails.end(asks)
        self._prefetch.advance(self._neighbours())

    def close(self) -> None:
        """Delete the thumbnails; called once, when the window closes."""
        self.thumbnails.close()

    # -- parts of it --------------------------------------------------------------------------

    def _list(self, snapshots: Sequence[FileEntry], writing: Sequence[FileEntry]) -> None:
        before = self.stops[0].path if self.stops else ""
        self._listed = snapshots, writing
        self.stops = make_stops(snapshots, writing)
        self.places = strip_places.places([stop.entry.kimg for stop in self.stops])
        self._indices = {stop.path: i for i, stop in enumerate(self.stops)}
        now = self.stops[0].path if self.stops else ""
        if now and before and PurePath(now).parent != PurePath(before).parent:
            self._ends, self._rested, self.playing = (None, None), [], False
        if len(self.stops) < 2:
            self.playing = False
        else:
            self._met()

    def _go(self, index: int, *, step: bool) -> None:
        path = self.stops[index].path
        if path != (self._showing.wished or self._cell.now.render.snapshot):
            self._showing.show(path, step=step)

    def _count_rest(self, dt: float) -> None:
        shown = self._cell.now.render.snapshot
        moving = self.playing or imgui.is_mouse_down(imgui.MouseButton_.left)
        self._rest = 0.0 if moving or shown != self._shown else self._rest + dt
        self._shown = shown
        if self._rest >= RESTED:
            self._note_rest()

    def _note_rest(self) -> None:
        shown = self._cell.now.render.snapshot
        self._rested = [shown, *(path for path in self._rested if path != shown)][:2]

    def _play(self, dt: float) -> None:
        """Go on to the next snapshot, but not before this one has been seen."""
        self._due = min(self._due + dt * self.speed, 1.0)
        if self._due < 1.0 or self._showing.wished is not None or not self._answered():
            return
        index = self._next()
        if index is None:
            self.playing = False
            return
        self._due = 0.0
        self._play_on(index)

    def _play_on(self, index: int) -> None:
        # All of it is one step of undo, which begins with the first change.
        self._go(index, step=not self._begun)
        self._begun = True

    def _next(self) -> int | None:
        chosen, at = self.chosen(), self.target
        if len(chosen) < 2 or at is None:
            return None
        if self.ending != "pingpong":
            later = [i for i in chosen if i > at]
            return later[0] if later else chosen[0] if self.ending == "loop" else None
        onward = [i for i in chosen if (i - at) * self._direction > 0]
        if not onward:
            self._direction = -self._direction
            onward = [i for i in chosen if (i - at) * self._direction > 0]
        return min(onward, key=lambda i: abs(i - at), default=None)

    def _neighbours(self) -> list[str]:
        at = self.shown
        if at is None or self._opening():
            return []
        near = (at + 1, at - 1)
        return [self.stops[i].path for i in near if 0 <= i < len(self.stops) and self.usable(i)]
