"""Measuring the window: how fast it is while a picture is dragged, and what it costs at rest.

It is what somebody sees and pays for who uses it: panels, map and plots are drawn, and the renderer
works beside them. `bench --dragging` measures the renderer without a window.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from common.errors import UserError
from renderer.messages.request import Plane
from viz.gpu.pictures import Frame
from viz.session.cell import SessionCell

TURN = 4.0
"""Seconds in which the drag goes round a circle through the latents of four seeds."""


@dataclass(frozen=True)
class Measured:
    """What was seen, in seconds.

    frames: from each frame of the window to the next, while the picture was dragged.
    pictures: how many pictures came meanwhile.
    first: from the first move to the first picture.
    exact: from letting go until the exact picture stood there.
    rest: how long nothing moved.
    window, renderer: seconds of processor that each took at rest; None where that is not known.
    """

    frames: tuple[float, ...]
    pictures: int
    first: float
    exact: float
    rest: float
    window: float | None
    renderer: float | None

    def lines(self) -> Iterator[str]:
        """Say it, in a line for dragging and one for rest."""
        seconds = sum(self.frames)
        # Twice each, since of one frame, all that a slow machine may have drawn, there are none.
        percentiles = quantiles(self.frames * 2, n=100, method="inclusive")
        yield (
            f"Dragging for {seconds:.1f} s: {len(self.frames) / seconds:.1f} frames a second "
            f"(median {percentiles[49] * 1e3:.1f} ms, 95 of 100 within "
            f"{percentiles[94] * 1e3:.1f} ms, longest {max(self.frames) * 1e3:.0f} ms), "
            f"{self.pictures / seconds:.1f} pictures a second, the first after "
            f"{self.first * 1e3:.0f} ms; exact {self.exact * 1e3:.0f} ms after letting go."
        )
        if self.window is not None:
            parts = [f"window {self.window / self.rest:.1%}"]
            if self.renderer is not None:
                parts.append(f"renderer {self.renderer / self.rest:.1%}")
            yield f"At rest for {self.rest:.1f} s, of one core: {', '.join(parts)}."


class Measure:
    """Drags through the latents, rests, and ends the program.

    seconds: of each.
    cell: has the session, which is moved.
    picture: the newest one.
    settled: whether the window shows what it should, and nothing is under way.
    exact: whether the picture is that of the session, and no draft of it.
    wake: has the next frame drawn at once, as a hand that moves the mouse would.
    idles: whether the window is drawn less often at rest: offscreen it is not.
    renderer: the number of the renderer's process.
    trouble: why there will be no picture, None where there is hope.
    quit: ends the program.

    measured: what was seen, once it was.
    error: why nothing was.
    """

    def __init__(
        self,
        seconds: float,
        *,
        cell: SessionCell,
        picture: Callable[[], Frame | None],
        settled: Callable[[], bool],
        exact: Callable[[], bool],
        wake: Callable[[], None],
        idles: bool,
        renderer: Callable[[], int | None],
        trouble: Callable[[], UserError | None],
        quit: Callable[[], None],
    ) -> None:
        self._seconds = seconds
        self._cell = cell
        self._picture = picture
        self._settled = settled
        self._exact = exact
        self._wake = wake
        self._idles = idles
        self._renderer = renderer
        self._trouble = trouble
        self._quit = quit
        self._course = self._run()
        self.measured: Measured | None = None
        self.error: UserError | None = None

    def step(self) -> None:
        """Go on; called once per frame of the window."""
        self.error = self.error or self._trouble()
        over = object()
        if self.error is not None or next(self._course, over) is over:
            self._quit()

    def _run(self) -> Iterator[None]:
        yield from self._until(self._settled)
        frames: list[float] = []
        pictures, first = 0, 0.0
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
                first = first or now - begun
        yield from self._until(self._exact)
        exact = time.perf_counter() - before
        if not pictures:
            first = exact + sum(frames)
        rest, window, renderer = 0.0, None, None
        if self._idles:
            yield from self._until(self._settled)  # what was put off while something moved
            yield from self._wait(1.0)
            begun, pid = time.perf_counter(), self._renderer()
            spent = time.process_time(), _processor_seconds(pid)
            yield from self._wait(self._seconds)
            rest = time.perf_counter() - begun
            window = time.process_time() - spent[0]
            after = _processor_seconds(pid)
            if after is not None and spent[1] is not None:
                renderer = after - spent[1]
        self.measured = Measured(tuple(frames), pictures, first, exact, rest, window, renderer)

    def _move(self, seconds: float) -> None:
        """Ask for the latent at which the drag is after so many seconds."""
        angle = 2 * math.pi * seconds / TURN
        spot = Plane(0.5 - 0.5 * math.cos(angle), 0.5 * math.sin(angle))
        self._cell.set(self._cell.now.with_render(source=spot))
        self._wake()

    def _until(self, happened: Callable[[], bool]) -> Iterator[None]:
        yield  # what was asked for in this frame is under way in the next
        while not happened():
            yield

    def _wait(self, seconds: float) -> Iterator[None]:
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
