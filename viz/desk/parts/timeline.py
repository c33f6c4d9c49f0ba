"""The timeline as panels and commands see it: where it is in a run, and how to go elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from renderer.messages.failure import Failure
from viz.desk.facts import FileEntry

Ending: TypeAlias = Literal["stop", "loop", "pingpong"]
"""What playing does after the last snapshot."""


@dataclass(frozen=True)
class Stop:
    """A snapshot of the run.

    entry: its file.
    label: its name in full.
    mark: its kimg in few letters.
    writing: whether it is not whole yet.
    """

    entry: FileEntry
    label: str
    mark: str
    writing: bool = False

    @property
    def path(self) -> str:
        """The path of its file."""
        return self.entry.path


@dataclass(frozen=True)
class Thumbnail:
    """A small picture on the GPU.

    texture: its OpenGL name.
    width: in pixels.
    height: in pixels.
    current: whether it shows the present request and the file as it is now, not an earlier one.
    """

    texture: int
    width: int
    height: int
    current: bool = True


class TimelineFacts(Protocol):
    """Says where the window is in a run. An index counts `stops`; None is nowhere in this run."""

    @property
    def stops(self) -> Sequence[Stop]:
        """The snapshots of the run in the order of training."""

    @property
    def places(self) -> Sequence[float]:
        """Where each stop lies along the strip."""

    @property
    def shown(self) -> int | None:
        """The snapshot of the session."""

    @property
    def target(self) -> int | None:
        """The snapshot that is shown, or will be as soon as it is loaded."""

    @property
    def other(self) -> int | None:
        """The snapshot that was looked at before this one."""

    @property
    def range(self) -> tuple[int, int]:
        """The first and the last index that are played and exported."""

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself."""

    @property
    def speed(self) -> float:
        """Snapshots per second while it plays."""

    @property
    def ending(self) -> Ending:
        """What happens after the last one."""

    def chosen(self) -> Sequence[int]:
        """Return what is played and exported: whole snapshots between the ends that open."""

    def nearest(self, place: float) -> int | None:
        """Return the snapshot that scrubbing to a place shows."""

    def usable(self, index: int) -> bool:
        """Say whether a snapshot is whole and, as far as is known, opens."""

    def thumbnail(self, entry: FileEntry) -> Thumbnail | None:
        """Return the picture of a snapshot, or an earlier one as long as there is no other."""

    def failure(self, entry: FileEntry) -> Failure | None:
        """Return why there is no picture of a snapshot; None where there may be one."""


class TimelineActions(Protocol):
    """Goes through the snapshots of a run with everything else as it is."""

    def show(self, index: int, *, step: bool = True) -> None:
        """Show a snapshot that is whole.

        index: which it is.
        step: False makes it part of the step of undo before.
        """

    def step(self, by: int) -> None:
        """Go to a neighbour that opens, from where the last wish leads."""

    def to_end(self, which: int) -> None:
        """Go to the first (0) or the last (-1) of what is chosen."""

    def swap(self) -> None:
        """Show the snapshot before this one, and this one again when the key is let go."""

    def toggle_play(self) -> None:
        """Start or stop going on by itself."""

    def set_ends(self, first: int | None = None, last: int | None = None) -> None:
        """Move one end or both; past the first or last snapshot means wherever that is."""

    def set_speed(self, speed: float) -> None:
        """Change how many snapshots are played per second."""

    def set_ending(self, ending: Ending) -> None:
        """Change what happens after the last one."""

    def want(self, entries: Sequence[FileEntry]) -> None:
        """Have thumbnails drawn, the first ones first, while this is called every frame."""
