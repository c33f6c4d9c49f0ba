"""Pictures to an animated GIF whose colours do not flicker.

A GIF has 256 colours. One palette is chosen for all frames together, and what lies between its
colours is dithered by a pattern that stays where it is (ordered dithering, Bayer 1973): a pixel
that does not change keeps its colour from frame to frame.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from common.errors import UserError
from renderer.pictures.video import Video, ffmpeg
from renderer.transport.shared_memory import Pixels

_DITHER = "dither=bayer:bayer_scale=3:diff_mode=rectangle"


class Gif:
    """A GIF being written. It is there after `finish`; until then the frames lie beside it."""

    def __init__(self, path: Path, size: tuple[int, int], fps: float) -> None:
        """size: height and width. Raises UserError where ffmpeg cannot be started."""
        self._path = path
        self._frames = path.with_name("frames.mkv")
        self._palette = path.with_name("palette.png")
        self._video = Video(self._frames, size, fps, "")

    def __exit__(self, *_: object) -> None:
        self._video.__exit__()

    def add(self, pixels: Pixels) -> None:
        """One frame: [height, width, 4]. Raises UserError."""
        self._video.add(pixels)

    def finish(self) -> None:
        """Choose the colours and write the file. Raises UserError."""
        self._video.finish()
        frames = ("-f", "matroska", "-i", str(self._frames))
        palette = ("-f", "image2", "-i", str(self._palette))
        self._run(*frames, "-vf", "palettegen=stats_mode=full", "-f", "image2", self._palette)
        self._run(*frames, *palette, "-lavfi", f"paletteuse={_DITHER}", "-f", "gif", self._path)

    def _run(self, *arguments: str | Path) -> None:
        command = [ffmpeg(), "-y", "-v", "error", *map(str, arguments)]
        done = subprocess.run(
            command,
            capture_output=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            check=False,
        )
        if done.returncode:
            lines = done.stderr.decode(errors="replace").splitlines() or ["it gave no reason"]
            raise UserError(
                f"ffmpeg could not write the GIF: {lines[-1]}.", "Write an MP4 instead."
            )
