"""Sheets to a video, a picture or a folder of PNGs: complete, or not there at all.

One frame is in memory at a time, whatever the number of sheets and snapshots.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
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
from renderer.pictures.compose import compose, fit
from renderer.pictures.metadata import Made, encode_png
from renderer.pictures.video import Video
from renderer.pictures.workspace import workspace
from renderer.transport.shared_memory import Pixels

MAX_FPS = 240.0
_OTHERS = (".avi", ".gif", ".jpeg", ".jpg", ".m4v", ".mkv", ".mov", ".webm", ".webp")

Draw = Callable[[RenderRequest], Pixels]


class Output(AbstractContextManager["Output"], Protocol):
    """Takes frames until it is finished, and then is at its place."""

    def add(self, pixels: Pixels, made: bytes) -> None: ...

    def finish(self) -> None: ...


def write(
    export: Export,
    draw: Draw,
    report: ProgressReport,
    cancelled: IsCancelled,
) -> None:
    """Draw and write all frames of an export.

    Raises UserError and whatever `draw` does, Cancelled where `cancelled()` becomes true. Nothing
    is left behind then.
    """
    target = Path(export.path).expanduser().absolute()
    total = _check(export, target)
    done = 0
    with workspace(target.parent) as folder, _output(export, target, folder) as output:
        fields = msgspec.json.decode(export.session or "{}", type=dict[str, msgspec.Raw])
        drawn, picture = None, None
        for sheet in export.sheets:
            content = structs.replace(sheet, hold=1)
            if picture is None or content != drawn:
                picture = compose([draw(request) for request in sheet.requests], sheet)
                drawn = content
            made = _made(fields, sheet)
            for _ in range(sheet.hold):
                if cancelled():
                    raise Cancelled
                output.add(picture, made)
                done += 1
                report(done / total, f"Frame {done} of {total}")
        if cancelled():
            raise Cancelled
        output.finish()


def _check(export: Export, target: Path) -> int:
    """The number of frames. Raises UserError."""
    total = sum(sheet.hold for sheet in export.sheets)
    if not total or any(sheet.hold < 1 or not sheet.requests for sheet in export.sheets):
        raise UserError("There is nothing to export.", "Choose at least one picture.")
    if not (math.isfinite(export.fps) and 0 < export.fps <= MAX_FPS):
        raise UserError(
            f"{export.fps:g} frames per second cannot be written.", f"Up to {MAX_FPS:g} can."
        )
    if not all(math.isfinite(sheet.scale) and sheet.scale > 0 for sheet in export.sheets):
        raise UserError("The scale of a picture has to be a positive number.")
    if target.suffix.lower() in _OTHERS:
        raise UserError(
            f"{target.name}: {target.suffix} files are not written.",
            "Name an .mp4, or a folder for PNGs.",
        )
    if target.suffix.lower() == ".png" and total > 1:
        raise UserError(
            f"{total} pictures do not fit into {target.name}.", "Name an .mp4 or a folder."
        )
    if target.suffix.lower() not in (".mp4", ".png") and target.exists():
        raise UserError(f"{target} exists already.", "Name a folder that does not.")
    return total


def _made(session: dict[str, msgspec.Raw], sheet: Sheet) -> bytes:
    """What a PNG carries: the session, with the (first) request of this very picture."""
    request = sheet.requests[0]
    if not session:
        return msgspec.json.encode(Made(request))
    return msgspec.json.encode({**session, "render": request})


def _output(export: Export, target: Path, folder: Path) -> Output:
    if target.suffix.lower() == ".mp4":
        return _Movie(export, target, folder)
    return _Pictures(target, folder)


class _Movie:
    """The first frame decides the size; others are brought to it."""

    def __init__(self, export: Export, target: Path, folder: Path) -> None:
        self._export = export
        self._target = target
        self._file = folder / "video.mp4"
        self._size = (0, 0)
        self._video: Video | None = None

    def __enter__(self) -> _Movie:
        return self

    def __exit__(self, *_: object) -> None:
        if self._video is not None:
            self._video.__exit__()

    def add(self, pixels: Pixels, made: bytes) -> None:
        if self._video is None:
            self._size = pixels.shape[0], pixels.shape[1]
            comment = self._export.session or made.decode()
            self._video = Video(self._file, self._size, self._export.fps, comment)
        self._video.add(fit(pixels, *self._size))

    def finish(self) -> None:
        if self._video is not None:
            self._video.finish()
            _move(self._file, self._target)


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

    def __enter__(self) -> _Pictures:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.shutdown()

    def add(self, pixels: Pixels, made: bytes) -> None:
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
