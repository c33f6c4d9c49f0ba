"""Pictures to a film, one after the other: by default H.264, which every player and browser takes.

The encoder is ffmpeg, in a process of its own that comes with imageio-ffmpeg.
"""

from __future__ import annotations

import errno
import io
import os
import re
import subprocess
import threading
from collections import deque
from pathlib import Path
from typing import IO, cast

import imageio_ffmpeg
import numpy as np
import psutil
from PIL import Image

from common.errors import UserError, reason
from common.files import disk_full
from renderer.messages.jobs import Quality
from renderer.pictures.codecs import CARRIERS, CODECS, SOUNDS
from renderer.transport.shared_memory import Pixels

_NICE = 10  # live pictures come first
_END_TIME = 5.0
_READ_TIME = 20.0
_FULL = tuple(os.strerror(number) for number in (errno.ENOSPC, errno.EDQUOT))


class Video:
    """A film being written. Nothing plays before `finish`."""

    def __init__(
        self,
        path: Path,
        size: tuple[int, int],
        fps: float,
        comment: str,
        quality: Quality = "best",
        sound: str = "",
        seconds: float = 0.0,
    ) -> None:
        """path: of the film, whose suffix says of which kind it is (`renderer.pictures.codecs`).

        size: height and width; odd ones get one more row or column of the last pixels.
        comment: kept in the file's metadata.
        sound: a file that is heard with it for so many seconds, with silence where it is shorter;
            empty for none.
        Raises UserError where ffmpeg cannot be started.
        """
        codec = CODECS[path.suffix.lower()]
        self._height, self._width = size
        self._padding = ((0, self._height % 2), (0, self._width % 2), (0, 0))
        facts = path.with_name("metadata.txt")
        command = [
            *(ffmpeg(), "-y", "-hide_banner", "-loglevel", "error", "-nostats"),
            *("-f", "rawvideo", "-pix_fmt", "rgba", "-framerate", f"{fps:.6g}"),
            *("-s", f"{self._width + self._width % 2}x{self._height + self._height % 2}"),
            *("-i", "-", "-f", "ffmetadata", "-i", str(facts)),
            # Whatever its name: a playlist would have ffmpeg open what it lists.
            *(("-format_whitelist", ",".join(SOUNDS), "-i", sound) if sound else ()),
            *("-map", "0:v", *(("-map", "2:a:0") if sound else ()), "-map_metadata", "1"),
            *(*codec.video, *codec.quality.get(quality, ()), "-vf", codec.filters),
            *((*codec.sound, "-af", f"apad,atrim=end={seconds:.6f}") if sound else ()),
            *(*codec.more, "-f", codec.container, str(path)),
        ]
        self._log: deque[str] = deque(maxlen=20)
        try:
            # A file, for a command line is too short for a long session.
            facts.write_text(f";FFMETADATA1\ncomment={_escaped(comment)}\n", encoding="utf-8")
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                # Ctrl+C in a terminal reaches every process of its group, and would end this one
                # before the video is complete.
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
                | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except OSError as error:
            raise UserError(
                f"The video cannot be encoded: {reason(error)}.",
                "Is there space, and is ffmpeg a program that can be run?",
            ) from error
        self._listener = threading.Thread(target=self._listen, name="ffmpeg", daemon=True)
        self._listener.start()
        _step_back(self._process.pid)

    def __enter__(self) -> Video:
        return self

    def __exit__(self, *_: object) -> None:
        """End the encoder. What is not finished is of no use."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(_END_TIME)
        self._listener.join(_END_TIME)
        for pipe in (self._process.stdin, self._process.stderr):
            if pipe is not None and not pipe.closed:
                _close(pipe)

    def add(self, pixels: Pixels) -> None:
        """One frame: [height, width, 4]. Waits while the encoder is behind. Raises UserError."""
        if any(after for _, after in self._padding):
            pixels = np.pad(pixels, self._padding, "edge")
        try:
            self._stdin.write(np.ascontiguousarray(pixels).data)
        except OSError as error:
            raise self._failure() from error

    def finish(self) -> None:
        """Complete the file. Raises UserError."""
        try:
            self._stdin.close()
        except OSError as error:
            raise self._failure() from error
        if self._process.wait() != 0:
            raise self._failure()

    @property
    def _stdin(self) -> IO[bytes]:
        return cast(IO[bytes], self._process.stdin)

    def _listen(self) -> None:
        for line in cast(IO[bytes], self._process.stderr):
            self._log.append(line.decode(errors="replace").strip())

    def _failure(self) -> UserError:
        """What ffmpeg complained about first is what went wrong; the rest follows from it."""
        code = self._process.wait()
        self._listener.join(_END_TIME)
        if any(words in line for line in self._log for words in _FULL):
            return disk_full("the video")
        lines = [re.sub(r"^\[[^]]*\] *", "", line) for line in self._log if line]
        why = lines[0].rstrip(".") if lines else f"it ended with exit code {code}"
        return UserError(
            f"ffmpeg could not encode the video: {why}.", "Write a sequence of PNGs instead."
        )


def read_comment(path: Path) -> str:
    """The comment in the metadata of a film, empty where there is none. Raises UserError."""
    text = _run(path, "-f", "ffmetadata").decode(errors="replace")
    found = re.search(r"^comment=((?:[^\\\n]|\\.)*)$", text, re.M | re.S | re.I)
    return re.sub(r"\\(.)", r"\1", found[1], flags=re.S) if found else ""


def read_first(path: Path) -> Pixels:
    """The first frame of a video: [height, width, 4]. Raises UserError."""
    png = _run(path, "-frames:v", "1", "-f", "image2pipe", "-c:v", "png")
    with Image.open(io.BytesIO(png)) as image:
        return np.array(image.convert("RGBA"))


def _run(path: Path, *arguments: str) -> bytes:
    """What ffmpeg makes of a film and writes to its output. Raises UserError."""
    # Whatever is in it: a playlist would have ffmpeg open what it lists.
    reader = CODECS[path.suffix.lower()].reader if path.suffix.lower() in CARRIERS else "mp4"
    command = [ffmpeg(), "-v", "error", "-f", reader, "-i", str(path), *arguments, "-"]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_READ_TIME,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except subprocess.TimeoutExpired as error:
        raise UserError(
            f"Cannot read {path}: ffmpeg was not done with it after {_READ_TIME:.0f} s.",
            "It may be damaged.",
        ) from error
    if done.returncode or not done.stdout:
        lines = done.stderr.decode(errors="replace").splitlines() or ["it holds no video"]
        raise UserError(f"Cannot read {path}: {lines[-1].removeprefix(f'{path}: ').lower()}.")
    return done.stdout


def ffmpeg() -> str:
    """The program. Raises UserError where there is none."""
    try:
        program: str = imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as error:
        raise UserError(
            "There is no ffmpeg to encode a video with.",
            "Install it with `pip install imageio-ffmpeg`, or write a sequence of PNGs.",
        ) from error
    return program


def _escaped(text: str) -> str:
    return re.sub(r"([=;#\\\n])", r"\\\1", text)


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:  # what was not flushed is for nobody
        return


def _step_back(pid: int) -> None:
    try:
        process = psutil.Process(pid)
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if psutil.WINDOWS else _NICE)
    except (psutil.Error, OSError):
        return  # it has ended already, which the first frame will tell
