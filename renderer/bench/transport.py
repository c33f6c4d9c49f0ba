"""How long a picture takes from the renderer's process into the window's thread.

Two ways, frame by frame in turns, so that what else the machine does hits both alike: our client
and server (shared memory, a small message through a pipe), and a multiprocessing.Queue that
pickles the array. The pictures exist already, so only the way is measured.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from multiprocessing.queues import Queue
from typing import NamedTuple

import numpy as np

from common.errors import UserError
from common.progress import IsCancelled, ProgressReport
from renderer.client.client import ReceivedFrame, RenderClient
from renderer.messages.frame import FrameInfo, StatsSpec
from renderer.messages.model import ModelInfo
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest, Seed
from renderer.messages.to_window import Hello
from renderer.transport.shared_memory import Pixels

TIMEOUT = 60.0
NICENESS = 5  # as the renderer has
PAUSE = 0.01  # seconds before every frame, in which the other way's processes come to rest
WARM_UP = 5  # the first frames make rings and open pipes


class Still(NamedTuple):
    """A picture that needs no drawing.

    pixels: [height, width, 4].
    info: empty.
    """

    pixels: Pixels
    info: FrameInfo


class Stills:
    """A pipeline of ready pictures: width and height are in the snapshot's name, as `WxH`."""

    def __init__(self, options: EngineOptions) -> None:
        self._pictures: dict[str, Sequence[Pixels]] = {}

    def hello(self) -> Hello:
        return Hello(os.getpid(), ("cpu",), "cpu", "float32", 1)

    def configure(self, options: EngineOptions) -> Hello:
        return self.hello()

    def has(self, path: str) -> bool:
        return path in self._pictures

    def ready(self, request: RenderRequest) -> bool:
        return True

    def prepare(self, request: RenderRequest, cancelled: IsCancelled) -> None:
        raise UserError("Pictures of the transport measurement need nothing else.")

    def weights_to_prepare(self, path: str) -> bool:
        return False

    def prepare_weights(
        self,
        path: str,
        turn: Callable[[], AbstractContextManager[None]],
        progress: ProgressReport,
        cancelled: IsCancelled,
    ) -> None:
        raise UserError("Pictures of the transport measurement have no weights.")

    def load(
        self,
        path: str,
        progress: ProgressReport,
        cancelled: IsCancelled,
        keep: bool = True,
    ) -> ModelInfo:
        self._pictures[path] = self.made(path)
        return ModelInfo(path, path, "", "stills", 0, 3, 0, 0, 0, 0, 0, (), ())

    def render(
        self,
        request: RenderRequest,
        stats: StatsSpec | None = None,
        cancelled: IsCancelled | None = None,
        keep: bool = True,
        drafts: bool = False,
    ) -> Still:
        seed = request.source.seed if isinstance(request.source, Seed) else 0
        ready = self._pictures[request.snapshot]
        return Still(ready[seed % len(ready)], FrameInfo({}, "cpu", "", 1))

    def made(self, path: str) -> Sequence[Pixels]:
        """The pictures of a snapshot, which seeds go through in turn."""
        return pictures(path)

    def save_w(self, request: RenderRequest, path: str) -> None:
        raise UserError("Pictures of the transport measurement have no w.")


def pictures(size: str) -> tuple[Pixels, Pixels]:
    """Two different RGBA pictures of `WxH`, noise, which no transport can make smaller."""
    width, height = (int(number) for number in size.split("x"))
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 256, (2, height, width, 4), np.uint8)
    return first, second


def serve_queue(size: str, asked: Queue[int | None], answers: Queue[Pixels]) -> None:
    """The other process of the pickled way: a picture for every number, until None."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    ready = pictures(size)
    while (number := asked.get()) is not None:
        answers.put(ready[number % 2])


def measure(size: int | tuple[int, int] = 512, frames: int = 60) -> dict[str, float]:
    """Medians in milliseconds per frame, for RGBA pictures of size (a side, or width and height).

    `*_window_ms`: the window thread is busy getting the pixels of a frame that has arrived, as an
    array that it can read. `*_total_ms`: from asking to having them. `ring_worst_ms`: the slowest
    of the first kind. `*_ratio`: queue / ring.
    """
    width, height = (size, size) if isinstance(size, int) else size
    name = f"{width}x{height}"
    expected = [int(picture[-1, -1, 0]) for picture in pictures(name)]
    spawn = multiprocessing.get_context("spawn")
    asked: Queue[int | None] = spawn.Queue()
    answers: Queue[Pixels] = spawn.Queue()
    other = spawn.Process(target=serve_queue, args=(name, asked, answers), daemon=True)
    woken = threading.Event()
    client = RenderClient(on_wake=woken.set, pipeline=f"{__name__}:Stills")
    ring: list[tuple[float, float]] = []
    queue: list[tuple[float, float]] = []
    other.start()
    try:
        for number in range(WARM_UP + frames):
            time.sleep(PAUSE)
            ring.append(_through_ring(client, woken, name, number, expected[number % 2]))
            time.sleep(PAUSE)
            queue.append(_through_queue(asked, answers, number, expected[number % 2]))
        asked.put(None)
        other.join(TIMEOUT)
    finally:
        client.close()
        other.kill()
        other.join()
        for each in (asked, answers):
            each.close()
            each.join_thread()
    ring_window, ring_total = zip(*ring[WARM_UP:], strict=True)
    queue_window, queue_total = zip(*queue[WARM_UP:], strict=True)
    result = {
        "ring_window_ms": statistics.median(ring_window),
        "ring_worst_ms": max(ring_window),
        "ring_total_ms": statistics.median(ring_total),
        "queue_window_ms": statistics.median(queue_window),
        "queue_total_ms": statistics.median(queue_total),
    }
    result["window_ratio"] = result["queue_window_ms"] / result["ring_window_ms"]
    result["total_ratio"] = result["queue_total_ms"] / result["ring_total_ms"]
    return result


def _through_ring(
    client: RenderClient, woken: threading.Event, name: str, number: int, expected: int
) -> tuple[float, float]:
    start = time.perf_counter()
    id = client.submit(RenderRequest(snapshot=name, source=Seed(number)))
    while time.perf_counter() - start < TIMEOUT:
        woken.wait(TIMEOUT)
        woken.clear()
        arrived = time.perf_counter()
        for event in client.poll():
            if isinstance(event, ReceivedFrame) and event.message.id == id:
                same = int(event.pixels[-1, -1, 0]) == expected
                end = time.perf_counter()
                event.release()
                _check(same)
                return (end - arrived) * 1e3, (end - start) * 1e3
    raise UserError(f"No frame after {TIMEOUT:.0f} s.", "; ".join(client.log))


def _through_queue(
    asked: Queue[int | None], answers: Queue[Pixels], number: int, expected: int
) -> tuple[float, float]:
    start = time.perf_counter()
    asked.put(number)
    while answers.empty():
        time.sleep(0.0001)
    arrived = time.perf_counter()
    pixels = answers.get(timeout=TIMEOUT)
    same = int(pixels[-1, -1, 0]) == expected
    end = time.perf_counter()
    _check(same)
    return (end - arrived) * 1e3, (end - start) * 1e3


def _check(same: bool) -> None:
    if not same:
        raise UserError("The transport delivered other pixels than were sent.")
