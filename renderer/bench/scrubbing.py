"""What `bench --run` measures: going from snapshot to snapshot, as the window does it.

A real renderer process is asked; the time is from asking to having the picture. Frames of one
snapshot and frames of another one that is open are taken in turn, each of a latent that was not
drawn before, so that the ratio is what a change of snapshot costs and nothing else.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from statistics import median

from msgspec import structs

from common.errors import UserError
from common.runs import locate
from renderer.bench.report import Scrubbing
from renderer.client.client import Event, ReceivedFrame, RenderClient
from renderer.messages.jobs import Load
from renderer.messages.model import ModelInfo
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest, Seed
from renderer.messages.to_window import JobFailed, Loaded, RenderFailed

OPENED = 10  # snapshots at most, spread over the run
TIMEOUT = 600.0


class Asker:
    """Asks a renderer for one thing at a time and waits for it."""

    def __init__(self, options: EngineOptions) -> None:
        self._woken = threading.Event()
        self._client = RenderClient(options, on_wake=self._woken.set)

    def __enter__(self) -> Asker:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def load(self, path: str) -> tuple[float, ModelInfo]:
        """Milliseconds that opening a snapshot takes. Raises UserError."""
        begun = time.perf_counter()
        job = self._client.start(Load(path))

        def ended(event: Event) -> bool:
            return isinstance(event, Loaded | JobFailed) and event.job == job

        event = self._wait(ended)
        if isinstance(event, JobFailed):
            raise UserError(event.failure.message, event.failure.remedy)
        assert isinstance(event, Loaded)
        return (time.perf_counter() - begun) * 1000, event.model

    def draw(self, path: str, seed: int) -> float:
        """Milliseconds from asking for a picture to having it. Raises UserError."""
        begun = time.perf_counter()
        id = self._client.submit(RenderRequest(path, Seed(seed)))

        def answered(event: Event) -> bool:
            if isinstance(event, ReceivedFrame):
                return event.message.id == id
            return isinstance(event, RenderFailed) and event.id == id

        event = self._wait(answered)
        if isinstance(event, RenderFailed):
            raise UserError(event.failure.message, event.failure.remedy)
        return (time.perf_counter() - begun) * 1000

    def _wait(self, wanted: Callable[[Event], bool]) -> Event:
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            for event in self._client.poll():
                if wanted(event):
                    return event
            self._woken.wait(1.0)
            self._woken.clear()
        raise UserError(f"The renderer did not answer within {TIMEOUT:.0f} s.")


def snapshots_of(run: str) -> list[str]:
    """The whole snapshots of a run directory. Raises UserError where there are fewer than two."""
    folder = locate.path_of(run)
    whole = [str(s.path) for s in locate.snapshots(folder) if s.complete]
    if len(whole) < 2:
        raise UserError(
            f"--run: {run} holds {len(whole) or 'no'} whole snapshot{'s' * (not whole)}.",
            "Name a run directory with two or more.",
        )
    return whole


def scrub(
    paths: Sequence[str], options: EngineOptions, frames: int, step: Callable[[int, int], None]
) -> Scrubbing:
    """Measure going from snapshot to snapshot.

    paths: the snapshots, of which ten at most are used.
    frames: half the number of pairs of pictures.
    step: called with the number of steps that are done and of all.
    """
    some = list(paths) if len(paths) <= OPENED else list(paths[:: -(-len(paths) // OPENED)])
    changes = frames if len(some) > 2 else 0
    total, done = len(some) + changes + frames, 0

    def did() -> None:
        nonlocal done
        done += 1
        step(done, total)

    forgetful = structs.replace(options, cache_bytes=1)  # keeps what is shown and the newest only
    loads, cold = [], []
    with Asker(forgetful) as asker:
        asker.load(some[-1])  # the first one pays for the start of the process
        for path in some:
            took, model = asker.load(path)
            loads.append(took)
            did()
        for i in range(changes):
            cold.append(asker.draw(some[i % len(some)], i))
            did()
    with Asker(options) as asker:
        here, there = some[0], some[-1]
        for path in (here, there):
            asker.load(path)
            asker.draw(path, 0)
        plain, warm, again = [], [], []
        for i in range(frames):
            seed = 1 + 3 * i
            plain.append(asker.draw(here, seed))
            warm.append(asker.draw(there, seed + 1))
            asker.draw(here, seed + 1)
            again.append(asker.draw(there, seed + 1))
            did()
            plain.append(asker.draw(there, seed + 2))
            warm.append(asker.draw(here, seed + 2))
    return Scrubbing(
        snapshots=len(paths),
        resolution=model.resolution,
        file_bytes=model.file_bytes,
        load_ms=median(loads),
        cold_ms=median(cold) if cold else None,
        plain_ms=median(plain),
        warm_ms=median(warm),
        again_ms=median(again),
        ratio=median(b / a for a, b in zip(plain, warm, strict=True)),
    )
