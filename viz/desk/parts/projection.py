"""Projections as panels see them: pictures that are looked for in a network, and how far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, TypedDict

from common.projection import Phase
from renderer.messages.failure import Failure
from renderer.messages.projection import ProjectionSpec

Stage: TypeAlias = Literal["chosen", "queued", "running", "stopped", "done"]
"""How far a projection is: a picture that nothing is done with yet; one that waits for others; one
that is being looked for; one that was paused or broke off, and can go on; one that was found."""


@dataclass(frozen=True)
class Projection:
    """A picture, and what has been found of it.

    id: a number that tells it from the others while the program runs.
    path: the file of the picture.
    version: a number that changes when that file does.
    size: width and height of the picture as it is seen, in pixels; None until it has been read.
    crop: x, y and size of the square that is looked for, None for the largest one in the middle.
    spec: how and in which network it is looked for, None until that has begun.
    stage: how far it is.
    failure: why it broke off or cannot begin.
    phase: what is being done, or was when it stopped.
    done: how much of that phase is done.
    total: how much there is of that phase.
    distances: after each step.
    best: the step of the search with the least distance, None before the first.
    psnr: of the picture against the target, in dB; None where that is not known.
    job: the number of the job of the renderer while it runs, otherwise 0.
    w: the file with the best latent so far, empty where there is none.
    picture: the file with the picture of that latent, empty where there is none.
    result: the network that draws the latent: the tuned one, where the network was tuned.
    folder: where all of it is kept, empty until that has begun.
    parent: where that folder is made; empty for the user's folder.
    before: the folder that it was kept in before another one was chosen, empty where none was.
    unkept: why what has been found is only in memory; empty where it has been written.
    """

    id: int
    path: str
    version: int = 0
    size: tuple[int, int] | None = None
    crop: tuple[int, int, int] | None = None
    spec: ProjectionSpec | None = None
    stage: Stage = "chosen"
    failure: Failure | None = None
    phase: Phase = "start"
    done: int = 0
    total: int = 0
    distances: tuple[float, ...] = ()
    best: int | None = None
    psnr: float | None = None
    job: int = 0
    w: str = ""
    picture: str = ""
    result: str = ""
    folder: str = ""
    parent: str = ""
    before: str = ""
    unkept: str = ""

    @property
    def picture_version(self) -> int:
        """A number that changes when the file `picture` does; it is written anew at the end."""
        return 2 * len(self.distances) + (self.stage == "done")


class ProjectionChanges(TypedDict, total=False):
    """Fields of `Projection` with their new values."""

    crop: tuple[int, int, int] | None
    spec: ProjectionSpec | None
    stage: Stage
    failure: Failure | None
    phase: Phase
    done: int
    total: int
    distances: tuple[float, ...]
    best: int | None
    psnr: float | None
    job: int
    w: str
    picture: str
    result: str
    folder: str
    parent: str
    before: str
    unkept: str


class ProjectionFacts(Protocol):
    """The pictures that were given, and the one that is looked at."""

    @property
    def items(self) -> Sequence[Projection]:
        """All projections, in the order in which their pictures came."""

    @property
    def selected(self) -> Projection | None:
        """The one that the panel shows."""


class ProjectionActions(Protocol):
    """What can be done with pictures and their projections. An id names one of the items."""

    def add(self, paths: Sequence[str]) -> None:
        """Take pictures in, and show the first of them."""

    def select(self, id: int) -> None:
        """Show one of them."""

    def set_crop(self, id: int, crop: tuple[int, int, int] | None) -> None:
        """Look for another square of a picture."""

    def start(self, id: int) -> None:
        """Begin, or go on after a pause."""

    def pause(self, id: int) -> None:
        """Stop for now; what has been found stays, and `start` goes on from there."""

    def take(self, id: int) -> None:
        """Make the best latent so far that of the session, beside the picture it was made for."""

    def save_elsewhere(self, id: int, parent: str) -> None:
        """Go on in another folder, which is made in `parent`, with all that has been found."""

    def again(self, id: int) -> None:
        """Take the picture in once more, to look for it otherwise; what was found stays."""

    def remove(self, id: int) -> None:
        """Take it out of the list. What was found stays in its folder."""
