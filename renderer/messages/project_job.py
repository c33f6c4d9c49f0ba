"""Projection as a job of the renderer: what the window asks for, and what is reported."""

from __future__ import annotations

from typing import ClassVar, Final

from msgspec import Struct

from common.projection import Phase
from renderer.messages.jobs import Work
from renderer.messages.projection import ProjectionSpec

STREAM: Final = "projection"
"""The stream on which the picture on the way is shown."""


class Project(Work, frozen=True, tag="project"):
    """Find the latent of the picture `path`. What has been found is kept in `folder` on the way.

    A folder that holds the state of a search goes on with that one.

    spec: the picture, the network, and how it is looked for.
    folder: where the result and the state of the search are kept.
    before: the folder of the search that is gone on with where `folder` has no state yet; empty
        where there was none. It takes the place of one that could not be written to.
    """

    resumes: ClassVar[bool] = False  # the window says that it broke off, and goes on when told to
    advice: ClassVar[str] = "Go on from what was found, or start again."
    unfinished: ClassVar[str] = "the latent of {name} was found"
    keeps_files: ClassVar[bool] = True

    spec: ProjectionSpec
    folder: str
    before: str = ""


class ProjectionSteps(Struct, frozen=True):
    """What has become of a projection since the last report.

    phase: what is being done.
    done: how much of that phase is done: seeds that were compared, or steps.
    total: how much there is of that phase.
    first: the number of distances before those of this report.
    distances: after each step since then, of the search and then of the tuning.
    best: the step of the search with the least distance, counted from 0.
    psnr: of the newest picture that was the best, in dB; None where it is the target, or unknown.
    w: the file in which the best latent is kept, empty before there is one.
    picture: the file with its picture, empty before there is one.
    unkept: why what has been found is only in memory; empty where it has been written.
    """

    phase: Phase
    done: int
    total: int
    first: int
    distances: tuple[float, ...]
    best: int | None = None
    psnr: float | None = None
    w: str = ""
    picture: str = ""
    unkept: str = ""


class Projected(Struct, frozen=True):
    """What a projection has left in its folder.

    w: the latent, `.npz`.
    picture: what it looks like, `.png`.
    snapshot: the network that draws it: the tuned one, or the one that was projected into.
    psnr: of the picture against the target, in dB; None where they are the same.
    """

    w: str
    picture: str
    snapshot: str
    psnr: float | None
