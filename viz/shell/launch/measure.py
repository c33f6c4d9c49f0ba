"""Measuring the window: how fast it is while a picture is dragged, and what it costs at rest.

It is what somebody sees and pays for who uses it: panels, map and plots are drawn, and the renderer
works beside them. `bench --dragging` measures the renderer without a window.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.errors import UserError
from renderer.messages.request import Plane
from viz.gpu.pictures import Frame
from viz.session.cell import SessionCell
from viz.shell.launch.front import Front
from viz.shell.waking import wake

TURN = 4.0
"""Seconds in which the drag goes round a circle through the latents of four seeds."""


@dataclass(frozen=True)
class Dragged:
    """What was seen of a drag, in seconds.

    frames: from each frame of the window to the next.
    pictures: how many pictures came meanwhile.
    first: from the first move to the first picture.
    exact: from letting go until the exact picture stood there.
    """

    frames: tuple[float, ...]
    pictures: int
    first: float
    exact: float

    def __str__(self) -> str:
        seconds = sum(self.frames)
        median, most, longest = np.percentile(self.frames, [50, 95, 100]) * 1e3
        return (
            f"Dragging for {seconds:.1f} s: {len(self.frames) / seconds:.1f} frames a second "
            f"(median {median:.1f} ms, 95 of 100 within {most:.1f} ms, longest {longest:.0f} ms), "
            f"{self.pictures / seconds:.1f} pictures a second, the first after "
            f"{self.first * 1e3:.0f} ms; exact {self.exact * 1e3:.0f} ms after letting go."
        )


@dataclass(frozen=True)
class Rested:
    """What it took to do nothing for a while.

    seconds: how long that was.
    window, renderer: seconds of processor that each took; None where the system does not say.
    """

    seconds: float
    window: float
    renderer: float | None

    def __str__(self) -> str:
        parts = f"window {self.window / self.seconds:.1%}"
        if self.renderer is not None:
            parts += f", renderer {self.renderer / self.seconds:.1%}"
        return f"At rest for {self.seconds:.1f} s, of one core: {parts}."


class Measure:
    """Drags through the latents, rests, and ends the program.

    seconds: of each.
    front: brings panels to the front before.
    cell: has the session, which is moved.
    picture: the newest one.
    renderer: the number of the renderer's process.
    idles: whether the window is drawn less often at rest: offscreen it is not, and is not measured.
    trouble: why there will be no picture, None where there is hope.
    settled: whether the window shows what it should, and nothing is under way.
    quit: ends the program.

    said: what was seen, in words, once it was.
    error: why nothing was.
    """

    def __init__(
        self,
        seconds: float,
        front: Front,
        cell: SessionCell,
        *,
        picture: Callable[[], Frame | None],
        renderer: Callable[[], int | None],
        idles: bool,
        trouble: Callable[[], UserError | None],
        settled: Callable[[], bool],
        quit: Callable[[], None],
    ) -> None:
        self._seconds = seconds
        self._front = front
        self._cell = cell
        self._picture = picture
        self._renderer = renderer
        self._idles = idles
        self._trouble = trouble
        self._settled = settled
        self._quit = quit
        self._course = self._run()
        self.said: str | None = None
        self.error: UserError | None = None

    def step(self) -> None:
        """Go on; called once per frame of the window."""
        self._front.step()
        self.error = self.error or self._trouble()
        if self.error is not None:
            self._quit()
        else:
            next(self._course, None)

    def _run(self) -> Generator[None, None, None]:
        yield from _until(lambda: self._settled() and self._front.done)
        seen = [str((yield from self._drag()))]
        if self._idles:
            seen.append(str((yield from self._rest())))
        self.said = "\n".join(seen)
        self._quit()

    def _drag(self) -> Generator[None, None, Dragged]:
        frames: list[float] = []
        pictures, first = 0, math.nan
        shown = self._picture()
        begun = before = time.perf_counter()
        while before - begun < self._seconds:
            self._move(before - begun)
            yield
            now = time.perf_counter()
            frames.append(now - before)
            before = now
            if self._picture() is not shown:
                shown, pictures = self._picture(), pictures + 1
                first = now - begun if pictures == 1 else first
        yield from _until(self._exact)
        now = time.perf_counter()
        return Dragged(tuple(frames), pictures, first if pictures else now - begun, now - before)

    def _rest(self) -> Generator[None, None, Rested]:
        yield from _until(self._settled)  # what was put off while something moved
        yield from _for(1.0)
        pid, begun = self._renderer(), time.perf_counter()
        window, renderer = time.process_time(), _processor_seconds(pid)
        yield from _for(self._seconds)
        after = _processor_seconds(pid)
        return Rested(
            time.perf_counter() - begun,
            time.process_time() - window,
            None if renderer is None or after is None else after - renderer,
        )

    def _move(self, seconds: float) -> None:
        """Ask for the latent at which the drag is after so many seconds."""
        angle = 2 * math.pi * seconds / TURN
        spot = Plane(0.5 - 0.5 * math.cos(angle), 0.5 * math.sin(angle))
        self._cell.set(self._cell.now.with_render(source=spot))
        wake()  # as a hand that moves the mouse would

    def _exact(self) -> bool:
        """Whether the picture is that of the session, and no draft of it."""
        frame = self._picture()
        if frame is None or frame.info.draft is not None:
            return False
        return frame.request == self._cell.now.render


def _until(happened: Callable[[], bool]) -> Generator[None, None, None]:
    yield  # what was asked for in this frame is under way in the next
    while not happened():
        yield


def _for(seconds: float) -> Generator[None, None, None]:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        yield


def _processor_seconds(pid: int | None) -> float | None:
    """Return what a process has taken of processors so far; None where the system does not say."""
    try:
        # The name, in brackets, may hold anything; user and system time are the 12th and 13th.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None
