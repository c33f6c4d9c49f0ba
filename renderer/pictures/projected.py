"""The files of a projection, which `project` and the window write alike. Free of torch."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct
from PIL import Image

from common.arrays import npz_bytes
from common.files import cannot_write, write_atomically
from common.projection import ProjectionSettings
from renderer.messages.projection import Projecting
from renderer.messages.request import RenderRequest, SavedW
from renderer.pictures import compose
from renderer.pictures.metadata import encode_png
from renderer.pictures.sizes import without_opaque_alpha
from renderer.pictures.video import Video
from renderer.pictures.workspace import workspace

TARGET: Final = "target.png"
PICTURE: Final = "proj.png"
LATENT: Final = "projected_w.npz"
FACTS: Final = "projection.json"
VIDEO: Final = "proj.mp4"
NETWORK: Final = "tuned.safetensors"

Pixels = npt.NDArray[np.uint8]


class ProjectionFacts(Struct, frozen=True):
    """What `projection.json` says.

    network: the snapshot. target: the picture.
    settings: how was searched, the seed among it.
    crop: x, y and size of the square; None: the largest, in the middle.
    complete: whether all steps were taken; False where it was stopped.
    best_step: the step of the search that `w` is of.
    psnr: of the result against the target in dB, None where they are the same.
    seconds: what it took.
    distances: after each step of the search, then of the tuning.
    """

    network: str
    target: str
    settings: ProjectionSettings
    crop: tuple[int, int, int] | None
    complete: bool
    best_step: int
    psnr: float | None
    seconds: float
    distances: list[float]


class DrawsRequests(Protocol):
    """Makes the picture of a request, as [H, W, 4]; opens its snapshot if need be."""

    def __call__(self, request: RenderRequest) -> Pixels: ...


def files_of(folder: Path, *, video: bool, tuned: bool) -> list[Path]:
    """All files that a projection writes into a folder."""
    names = [TARGET, PICTURE, LATENT, FACTS]
    return [folder / name for name in names + [VIDEO] * video + [NETWORK] * tuned]


def write_results(
    folder: Path, projecting: Projecting, draw: DrawsRequests, seconds: float
) -> ProjectionFacts:
    """Write the best so far into a folder that is there. Raises UserError.

    The picture is the one of the request that it carries: any tool draws the same bytes from it.
    """
    spec = projecting.spec
    write_atomically(folder / TARGET, plain_png(projecting.target()))
    latent = write_latent(folder, projecting)
    snapshot = spec.snapshot
    if projecting.tuned:
        snapshot = str((folder / NETWORK).absolute())
        projecting.save_network(snapshot)
    request = RenderRequest(snapshot, SavedW(str(latent)), spec.label)
    pixels = draw(request)
    write_atomically(folder / PICTURE, encode_png(pixels, request))
    return write_facts(folder, projecting, psnr(pixels, projecting.target()), seconds)


def write_latent(folder: Path, projecting: Projecting) -> Path:
    """Write the best latent so far and return the absolute path of its file. Raises UserError."""
    path = (folder / LATENT).absolute()
    write_atomically(path, npz_bytes(projecting.latent()))
    return path


def write_facts(
    folder: Path, projecting: Projecting, near: float | None, seconds: float
) -> ProjectionFacts:
    """Write what has been done so far, and return it. Raises UserError.

    near: the PSNR of the result in dB, None where it is the target.
    seconds: what it has taken.
    """
    spec = projecting.spec
    facts = ProjectionFacts(
        network=spec.snapshot,
        target=spec.target,
        settings=spec.settings,
        crop=spec.crop,
        complete=projecting.finished,
        best_step=projecting.best_step,
        psnr=near,
        seconds=round(seconds, 2),
        distances=projecting.history,
    )
    write_atomically(folder / FACTS, msgspec.json.format(msgspec.json.encode(facts), indent=2))
    return facts


def psnr(a: Pixels, b: Pixels) -> float | None:
    """Peak signal-to-noise ratio of two pictures in dB; None where they are the same.

    What is transparent in either of them counts with its alpha (`compose.comparable`).
    """
    first, second = compose.comparable(a, b)
    error = float(np.square(first.astype(np.float64) - second).mean())
    return None if error == 0 else 10 * math.log10(255**2 / error)


def plain_png(pixels: Pixels) -> bytes:
    """A PNG that carries nothing, and alpha only where something is not opaque."""
    buffer = io.BytesIO()
    Image.fromarray(without_opaque_alpha(pixels)).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


class ProgressVideo:
    """The target beside the progress, frame by frame; `finish` makes the file appear."""

    def __init__(self, file: Path, path: Path, target: Pixels) -> None:
        self._file, self._path, self._target = file, path, target
        size = target.shape[0], 2 * target.shape[1]
        self._video = Video(file, size, FPS, "")

    def add(self, picture: Pixels) -> None:
        """One frame more. Raises UserError."""
        self._video.add(np.concatenate([self._target, picture], axis=1))

    def finish(self) -> None:
        """Complete the file. Raises UserError."""
        self._video.finish()
        try:
            self._file.replace(self._path)
        except OSError as error:
            raise cannot_write(self._path, error) from error

    def close(self) -> None:
        """End the encoder; what is not finished is of no use."""
        self._video.__exit__()


FPS: Final = 30.0


@contextmanager
def progress_video(path: Path, target: Pixels) -> Iterator[ProgressVideo]:
    """A video of the progress that is streamed to a hidden folder first. Raises UserError."""
    with workspace(path.parent) as folder:
        video = ProgressVideo(folder / "video.mp4", path, target)
        try:
            yield video
        finally:
            video.close()
