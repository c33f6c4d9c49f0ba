"""What the renderer can be asked to do in the background: one type for each kind of job.

`Client.start(work)` begins a job; `renderer/server/jobs/` holds the file that does it.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import ClassVar, Literal, TypeAlias

from msgspec import Struct

from renderer.messages.journey import Journey
from renderer.messages.request import RenderRequest

Quality: TypeAlias = Literal["best", "good", "small"]
"""How a film is compressed: hardly to be told from the pictures, well, or to few bytes."""


class Work(Struct, frozen=True):
    """The arguments of a job. A subclass has a `tag` of its own, by which the renderer knows it.

    path: the file that the job reads or writes, which its failure names; empty where there is none.
    """

    resumes: ClassVar[bool] = True
    """Whether a job that a crash of the renderer cut off is begun again in the next process."""

    survives_line: ClassVar[bool] = False
    """Whether one that does not resume is begun again after all where it was the line to another
    machine that was lost, for which neither the job nor the renderer can be blamed."""

    advice: ClassVar[str] = "Try it again."
    """What the user is told to do where a crash cut a job off and it is not begun again."""

    unfinished: ClassVar[str] = "{name} was done"
    """What had not come about where a crash cut the job off; {name} is that of its file."""

    uses_workspace: ClassVar[bool] = False
    """Whether the job works in a hidden folder beside `path` (`renderer.pictures.workspace`), which
    is cleared up when the renderer ends in the middle of it."""

    writes: ClassVar[bool] = False
    """Whether the job writes what it is named for to `path`, a file or a folder, and nothing else.
    Where the renderer is on another machine that is sent to the window, which writes it."""

    keeps_files: ClassVar[bool] = False
    """Whether the job keeps files on the renderer's disk that the window then reads, so that both
    have to be on one machine."""

    path: str


def lacking(work: Work) -> str:
    """Say what had not come about where a job was cut off."""
    return work.unfinished.format(name=PurePath(work.path).name or "this")


class Load(Work, frozen=True, tag="load"):
    """Open a snapshot (a file). The job ends with Loaded or JobFailed."""

    unfinished: ClassVar[str] = "{name} was opened"


class SaveW(Work, frozen=True, tag="save_w"):
    """Write w of a request, as synthesis is given it, as `.npz` (key `w`, [1, num_ws, w_dim])."""

    writes: ClassVar[bool] = True

    request: RenderRequest


class Sheet(Struct, frozen=True):
    """One picture made of several.

    requests: the pictures, in order.
    layout: `grid` puts them side by side. `wipe` shows the first on one side of `split` and the
    second on the other. `difference` is second minus first, signed, times `gain`.
    columns: of a grid; None makes it nearly square.
    split: 0…1, where a wipe changes from one picture to the other.
    gain: the factor of a difference.
    labels: drawn in the corner of each picture, none where empty; of a grid, what follows the end
        of a line is drawn in the lower corner.
    scale: the factor by which every picture is enlarged first, relative to the largest.
    side: pixels along the shorter side of the whole, in place of `scale`; 0 for none.
    smooth: enlarged pixels are blended; otherwise they are squares, as the window shows either.
    lanczos: enlarged pixels are interpolated by Lanczos' kernel, whatever `smooth` says.
    hold: how many frames of an export it fills.
    upright: whether the edge of a wipe stands upright, so that the first picture is left of it;
    otherwise it is above.
    """

    requests: tuple[RenderRequest, ...]
    layout: Literal["grid", "wipe", "difference"] = "grid"
    columns: int | None = None
    split: float = 0.5
    gain: float = 1.0
    labels: tuple[str, ...] = ()
    scale: float = 1.0
    hold: int = 1
    upright: bool = True
    side: int = 0
    smooth: bool = False
    lanczos: bool = False


class Export(Work, frozen=True, tag="export"):
    """Write sheets one after the other. What is not finished is not left behind.

    path: a film (.mp4, .webm, .mov with ProRes, .gif, .webp), one picture (.png), or a folder that
    does not exist yet, which gets a PNG for each frame.
    sheets: the frames, in order.
    fps: frames per second of a video.
    session: JSON of what the export came from, kept in the files. Of a folder of PNGs of a journey
    only the first carries the journey.
    journey: where there is one, its pictures are the frames, `fps` of them per second. Each is laid
    out as the only sheet says, whose requests it takes the place of.
    quality: of a film.
    canvas: height and width of what is written, black around the pictures, which are as large as
    there is room; None for the size of the sheets.
    sound: a file that is heard with a film, as long as the film lasts; empty for none.
    """

    resumes: ClassVar[bool] = False  # what took hours is not begun again unasked
    survives_line: ClassVar[bool] = True
    uses_workspace: ClassVar[bool] = True
    writes: ClassVar[bool] = True

    sheets: tuple[Sheet, ...]
    fps: float = 30.0
    session: str = ""
    journey: Journey | None = None
    quality: Quality = "best"
    canvas: tuple[int, int] | None = None
    sound: str = ""
