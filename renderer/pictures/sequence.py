"""Sheets to a film, a picture or a folder of PNGs: complete, or not there at all.

One frame is in memory at a time, whatever the number of sheets and snapshots.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import structs

from common.errors import Cancelled, UserError
from common.files import cannot_write
from common.progress import IsCancelled, ProgressReport
from renderer.messages.jobs import Export, Sheet
from renderer.messages.request import RenderRequest
from renderer.pictures.codecs import CARRIERS, FILMS, MAX_FPS
from renderer.pictures.compose import compose, fit, framed
from renderer.pictures.gif import Gif
from renderer.pictures.journey.frame import frame_count, frames
from renderer.pictures.metadata import Made, encode_png
from renderer.pictures.sizes import MAX_SIDE, Sampling, sampling
from renderer.pictures.video import Video
from renderer.pictures.workspace import workspace
from renderer.transport.shared_memory import Pixels

_OTHERS = (".avi", ".jpeg", ".jpg", ".m4v", ".mkv")

Draw = Callable[[RenderRequest], Pixels]


class Output(AbstractContextManager["Output"], Protocol):
    """Takes frames until it is finished, and then is at its place.

    note: what is to be known of it, empty for nothing.
    """

    note: str

    def add(self, pixels: Pixels, made: bytes, how: Sampling) -> None: ...

    def finish(self) -> None: ...


class _OutgrownError(Exception):
    """A frame of a video is larger than those before it.

    size: the height and width that hold all of them.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size


def write(
    export: Export,
    draw: Draw,
    report: ProgressReport,
    cancelled: IsCancelled,
) -> str:
    """Draw and write all frames of an export; return what is to be known of it, mostly nothing.

    A video is as large as its largest frame. It is begun again where a frame turns out to be larger
    than those before it, as the size of pictures is known only when they are drawn.

    Raises UserError and whatever `draw` does, Cancelled where `cancelled()` becomes true. Nothing
    is left behind then.
    """
    size = (0, 0)
    while True:
        try:
            return _write(export, size, draw, report, cancelled)
        except _OutgrownError as larger:
            size = larger.size


def _write(
    export: Export,
    size: tuple[int, int],
    draw: Draw,
    report: ProgressReport,
    cancelled: IsCancelled,
) -> str:
    """Do what `write` does, once. size: the height and width of a video, 0 for its first frame's.

    Raises _OutgrownError where that is too small.
    """
    target = Path(export.path).expanduser().absolute()
    total = _check(export, target)
    done = 0
    with workspace(target.parent) as folder, _output(export, size, target, folder) as output:
        fields = msgspec.json.decode(export.session or "{}", type=dict[str, msgspec.Raw])
        drawn, picture = None, None
        for sheet in _sheets(export):
            content = structs.replace(sheet, hold=1)
            if picture is None or content != drawn:
                picture = compose([draw(request) for request in sheet.requests], sheet)
                if export.canvas is not None:
                    picture = framed(picture, *export.canvas, how=sampling(sheet))
                drawn = content
            made = _made(fields, sheet)
            fields.pop("journey", None)  # of a thousand pictures one carries it
            for _ in range(sheet.hold):
                if cancelled():
                    raise Cancelled
                output.add(picture, made, sampling(sheet))
                done += 1
                report(done / total, f"Frame {done} of {total}")
        if cancelled():
            raise Cancelled
        output.finish()
        return output.note


def check_rate(fps: float) -> None:
    """Raise UserError for frames per second at which nothing can be written."""
    if not (math.isfinite(fps) and 0 < fps <= MAX_FPS):
        raise UserError(f"{fps:g} frames per second cannot be written.", f"Up to {MAX_FPS:g} can.")


def _check(export: Export, target: Path) -> int:
    """The number of frames. Raises UserError."""
    check_rate(export.fps)
    total = _count(export)
    if not total or any(sheet.hold < 1 or not sheet.requests for sheet in export.sheets):
        raise UserError("There is nothing to export.", "Choose at least one picture.")
    if not all(math.isfinite(sheet.scale) and sheet.scale > 0 for sheet in export.sheets):
        raise UserError("The scale of a picture has to be a positive number.")
    if not all(0 <= sheet.side <= MAX_SIDE for sheet in export.sheets):
        raise UserError(f"The shorter side of a picture can have up to {MAX_SIDE} pixels.")
    if target.suffix.lower() in _OTHERS:
        raise UserError(
            f"{target.name}: {target.suffix} files are not written.",
            f"Name a film ({', '.join(FILMS)}), or a folder for PNGs.",
        )
    if export.sound and target.suffix.lower() not in CARRIERS:
        raise UserError(
            f"{target.name} has no sound.", f"Name a film that has: {', '.join(CARRIERS)}."
        )
    if export.sound and not Path(export.sound).is_file():
        raise UserError(f"{export.sound} is no file to be heard.")
    if export.canvas is not None and not all(1 <= side <= MAX_SIDE for side in export.canvas):
        raise UserError(f"A side of a film can have up to {MAX_SIDE} pixels.")
    if target.suffix.lower() == ".png" and total > 1:
        raise UserError(
            f"{total} pictures do not fit into {target.name}.", "Name an .mp4 or a folder."
        )
    if target.suffix.lower() not in (*FILMS, ".png") and target.exists():
        raise UserError(f"{target} exists already.", "Name a folder that does not.")
    return total


def _count(export: Export) -> int:
    """The number of frames, at a rate that is possible."""
    if export.journey is None:
        return sum(sheet.hold for sheet in export.sheets)
    return frame_count(export.journey, export.fps) if export.journey.keys else 0


def _sheets(export: Export) -> Iterator[Sheet]:
    """The sheets of an export, those of a journey one by one."""
    if export.journey is None:
        yield from export.sheets
        return
    for request in frames(export.journey, export.fps):
        yield structs.replace(export.sheets[0], requests=(request,), hold=1)


def _made(session: dict[str, msgspec.Raw], sheet: Sheet) -> bytes:
    """What a PNG carries: the session, with the (first) request of this very picture."""
    request = sheet.requests[0]
    if not session:
        return msgspec.json.encode(Made(request))
    return msgspec.json.encode({**session, "render": request})


def _output(export: Export, size: tuple[int, int], target: Path, folder: Path) -> Output:
    if target.suffix.lower() in FILMS:
        return _Movie(export, size, target, folder)
    return _Pictures(target, folder)


class _Movie:
    """Frames of one size, to which smaller ones are brought."""

    def __init__(self, export: Export, size: tuple[int, int], target: Path, folder: Path) -> None:
        self._export = export
        self._target = target
        self._file = folder / f"video{target.suffix.lower()}"
        self._size = size
        self._video: Video | Gif | None = None
        self.note = ""

    def __enter__(self) -> _Movie:
        return self

    def __exit__(self, *_: object) -> None:
        if self._video is not None:
            self._video.__exit__()

    def add(self, pixels: Pixels, made: bytes, how: Sampling) -> None:
        own = pixels.shape[0], pixels.shape[1]
        needed = max(own[0], self._size[0]), max(own[1], self._size[1])
        if self._video is None:
            self._size = needed
            self._video = self._begin(self._export.session or made.decode())
            even = tuple(side + side % 2 for side in needed)
            if isinstance(self._video, Video) and even != needed:
                self.note = f"a film has even sides, so it is {even[1]} × {even[0]}"
        if needed != self._size:
            raise _OutgrownError(needed)
        if own != self._size:
            self.note = f"smaller pictures were brought to {self._size[1]} × {self._size[0]}"
        self._video.add(fit(pixels, *self._size, how=how))

    def finish(self) -> None:
        if self._video is not None:
            self._video.finish()
            _move(self._file, self._target)

    def _begin(self, comment: str) -> Video | Gif:
        export = self._export
        if self._file.suffix == ".gif":
            return Gif(self._file, self._size, export.fps)
        sound = str(Path(export.sound).absolute()) if export.sound else ""
        seconds = _count(export) / export.fps
        return Video(self._file, self._size, export.fps, comment, export.quality, sound, seconds)


class _Pictures:
    """NAME-000000.png … in a folder NAME, or the one picture NAME.png.

    Compressing and writing go on in a thread beside the drawing of the next picture.
    """

    def __init__(self, target: Path, folder: Path) -> None:
        self._target = target
        self._single = target.suffix.lower() == ".png"
        self._folder = folder / "frames"
        self._writer = ThreadPoolExecutor(1, "png")
        self._writing: Future[None] | None = None
        self._count = 0
        self.note = ""

    def __enter__(self) -> _Pictures:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.shutdown()

    def add(self, pixels: Pixels, made: bytes, how: Sampling) -> None:
        self._wait()
        file = self._folder / f"{self._target.stem}-{self._count:06}.png"
        self._writing = self._writer.submit(self._write, file, pixels, made)
        self._count += 1

    def finish(self) -> None:
        self._wait()
        first = self._folder / f"{self._target.stem}-000000.png"
        _move(first if self._single else self._folder, self._target)

    def _wait(self) -> None:
        if self._writing is not None:
            self._writing.result()

    def _write(self, file: Path, pixels: Pixels, made: bytes) -> None:
        try:
            self._folder.mkdir(exist_ok=True)
            file.write_bytes(encode_png(pixels, made))
        except OSError as error:
            raise cannot_write(self._target, error) from error


def _move(made: Path, target: Path) -> None:
    try:
        os.replace(made, target)
    except OSError as error:
        raise cannot_write(target, error) from error
